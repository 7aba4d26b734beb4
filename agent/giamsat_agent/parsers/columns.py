# SPDX-License-Identifier: Apache-2.0
"""Values separated by commas, with quotes doubled inside quotes, as firewalls and mail servers write them."""

from typing import Final

from giamsat_agent.parsers.framed import VALUES_MOST

_QUOTE: Final = '"'


def split(text: str) -> list[str]:
    """The values of one line in order, at most VALUES_MOST; a quote that is never closed ends with the line."""
    if _QUOTE not in text:
        return [value.strip() for value in text.split(",", VALUES_MOST)[:VALUES_MOST]]
    found: list[str] = []
    at = 0
    while at <= len(text) and len(found) < VALUES_MOST:
        if text[at : at + 1] == _QUOTE:
            value, at = _quoted(text, at + 1)
        else:
            end = text.find(",", at)
            end = len(text) if end < 0 else end
            value, at = text[at:end].strip(), end
        found.append(value)
        at += 1
    return found


def _quoted(text: str, start: int) -> tuple[str, int]:
    """The value that begins after a quote, and where the comma after it stands."""
    parts: list[str] = []
    at = start
    while True:
        end = text.find(_QUOTE, at)
        if end < 0:
            return "".join([*parts, text[at:]]), len(text)
        parts.append(text[at:end])
        if text[end + 1 : end + 2] != _QUOTE:
            comma = text.find(",", end)
            return "".join(parts), len(text) if comma < 0 else comma
        parts.append(_QUOTE)
        at = end + 2
