# SPDX-License-Identifier: Apache-2.0
"""A JSON object of a line as named values: nested names are joined by dots, lists by commas."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from giamsat_agent.parsers.parsed_line import NAME_CHARACTERS, VALUES_MOST

DEPTH_MOST: Final = 8
"""Levels of nesting that are read."""
_decode: Final = msgspec.json.Decoder(dict[str, object]).decode


def values(text: str) -> dict[str, str] | None:
    """The values of an object; None when the text is none."""
    try:
        said = _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    found: dict[str, str] = {}
    for name, value in _flat(said, "", DEPTH_MOST):
        found.setdefault(name, value)
        if len(found) >= VALUES_MOST:
            break
    return found


def _flat(said: Mapping[str, object], prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, value in said.items():
        name = f"{prefix}{key}"
        if len(name) > NAME_CHARACTERS:
            continue
        if isinstance(value, dict):
            if depth > 1:
                yield from _flat(value, f"{name}.", depth - 1)
        elif isinstance(value, list):
            yield from _listed(name, value, depth)
        elif value is not None:
            yield name, _text(value)


def _listed(name: str, items: list[object], depth: int) -> Iterator[tuple[str, str]]:
    """Plain items together; objects such as {"key": K, "value": V} or {"@Name": K, "#text": V} as a value named K."""
    plain = [_text(item) for item in items if not isinstance(item, dict | list)]
    if plain:
        yield name, ",".join(plain)
    for item in items:
        if isinstance(item, dict) and depth > 1:
            key = item.get("key", item.get("Name", item.get("@Name")))
            value = item.get("value", item.get("#text"))
            if isinstance(key, str) and value is not None:
                yield from _flat({key: value}, f"{name}.", depth - 1)
            else:
                yield from _flat(item, f"{name}.", depth - 1)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
