# SPDX-License-Identifier: Apache-2.0
"""Indicators out of the JSON that others exchange: MISP events (core format), and bundles of STIX 2.1.

Of STIX patterns those are taken that are one value or another; what asks for more than that is left out, and counted.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators.files import CONFIDENCE, Taken, moment, shortened
from giamsat_collector.indicators.indicator import WORDS

_COMPARED: Final = re.compile(r"([a-z0-9-]+):([A-Za-z0-9_.'-]+)\s*=\s*'((?:[^'\\]|\\.)*)'")
_BETWEEN: Final = re.compile(r"[\s()\[\]]|OR")
_STIX: Final = {
    ("ipv4-addr", "value"): "ip",
    ("ipv6-addr", "value"): "ip",
    ("domain-name", "value"): "domain",
    ("url", "value"): "url",
    ("email-addr", "value"): "email",
    ("email-message", "from_ref.value"): "email",
    ("file", "hashes.MD5"): "hash",
    ("file", "hashes.SHA-1"): "hash",
    ("file", "hashes.SHA-256"): "hash",
}


def exchanged(text: str, taken: Taken) -> None:
    """Take what a JSON file of MISP or STIX holds."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        taken.problem("file", f"not JSON: {str(error)[:100]}; export it again")
        return
    if isinstance(said, dict) and said.get("type") == "bundle":
        _bundle(said, taken)
        return
    events = list(_events(said))
    if not events:
        taken.problem("file", "neither a MISP event nor a STIX 2.1 bundle; write one value a line, or CSV")
    for event in events:
        _event(event, taken)


def _events(said: object) -> Iterator[Mapping[str, Any]]:
    """The events of a file: one, a list of them, or the answer of a search."""
    waiting = [said]
    while waiting:
        match waiting.pop():
            case {"Event": dict() as event}:
                yield event
            case {"response": list() as several} | (list() as several):
                waiting += reversed(several)
            case _:
                pass


def _event(event: Mapping[str, Any], taken: Taken) -> None:
    organisation = event.get("Orgc")
    source = organisation.get("name", "") if isinstance(organisation, dict) else ""
    attributes = [*_objects(event.get("Attribute"))]
    for grouped in _objects(event.get("Object")):
        attributes += _objects(grouped.get("Attribute"))
    for number, attribute in enumerate(attributes, 1):
        if taken.full:
            return
        kind, value = str(attribute.get("type", "")), str(attribute.get("value", ""))
        if attribute.get("deleted") is True or attribute.get("to_ids") is not True:
            taken.leave("not meant for detection")
            continue
        comment = " · ".join(filter(None, (str(event.get("info", "")), str(attribute.get("comment", "")))))
        since = str(attribute.get("timestamp", ""))
        said = {"source": str(source), "comment": comment} | ({"since": int(since)} if _is_time(since) else {})
        # Two kinds at once, such as domain|ip: each is one.
        parts = [(word, part) for word, part in zip(kind.split("|"), value.split("|"), strict=False) if word in WORDS]
        if not parts:
            taken.leave(f"type {shortened(kind)[:40]}")
        for word, part in parts:
            taken.add(f"attribute {number}", part, WORDS[word], **said)


def _bundle(bundle: Mapping[str, Any], taken: Taken) -> None:
    objects = list(_objects(bundle.get("objects")))
    names = {str(one.get("id")): str(one.get("name", "")) for one in objects if one.get("type") == "identity"}
    for one in objects:
        if taken.full:
            return
        if one.get("type") != "indicator":
            continue
        if one.get("revoked") is True:
            taken.leave("revoked")
            continue
        if one.get("confidence") == 0:
            taken.leave("confidence 0: its maker does not trust it")
            continue
        found = None if one.get("pattern_type", "stix") != "stix" else _values(str(one.get("pattern", "")))
        if not found:
            taken.leave("pattern that is no list of values")
            continue
        place = str(one.get("id", "indicator"))[:80]
        try:
            said = _stix(one, names, taken.standing.now)
        except RefusedError as error:
            taken.problem(place, str(error))
            continue
        for word, value in found:
            taken.add(place, value, WORDS[word], **said)


def _stix(one: Mapping[str, Any], names: Mapping[str, str], now: int) -> dict[str, str | int]:
    said: dict[str, str | int] = {
        "source": names.get(str(one.get("created_by_ref")), ""),
        "comment": str(one.get("name") or one.get("description") or ""),
    }
    if one.get("valid_until"):
        said["until"] = moment(str(one["valid_until"]))
    if one.get("valid_from"):
        said["since"] = min(moment(str(one["valid_from"])), now)
    trust = one.get("confidence")
    if isinstance(trust, int) and 0 <= trust <= CONFIDENCE:
        said["confidence"] = trust
    return said


def _values(pattern: str) -> list[tuple[str, str]] | None:
    """The values a pattern holds, any of which is enough; None when it asks for more, or for something else."""
    found = [
        (_STIX.get((kind, path.replace("'", ""))), value.replace("\\'", "'").replace("\\\\", "\\"))
        for kind, path, value in _COMPARED.findall(pattern)
    ]
    if _BETWEEN.sub("", _COMPARED.sub("", pattern)):
        return None
    return [(word, value) for word, value in found if word] if all(word for word, _ in found) else None


def _is_time(text: str) -> bool:
    return text.isdecimal() and len(text) < len("100000000000")


def _objects(said: object) -> Iterable[Mapping[str, Any]]:
    return (one for one in said if isinstance(one, dict)) if isinstance(said, list) else ()
