# SPDX-License-Identifier: Apache-2.0
"""Values separated by commas, with quotes doubled inside quotes, as firewalls and mail servers write them."""

from typing import Final

from giamsat_agent.parsers.parsed_line import VALUES_MOST

_QUOTE: Final = '"'


def split(text: str, most: int = VALUES_MOST) -> list[str]:
    """The first values of one line in order; a quote that is never closed ends with the line."""
    pieces = text.split(",", most)
    behind = len(text) - len(pieces[most]) if len(pieces) > most else len(text)
    if text.find(_QUOTE, 0, behind) < 0:
        return list(map(str.strip, pieces[:most]))
    if (plain := _plain(text.split(_QUOTE, 2 * VALUES_MOST))) is not None:
        return plain[:most]
    found: list[str] = []
    at = 0
    while at <= len(text) and len(found) < most:
        if text[at : at + 1] == _QUOTE:
            value, at = _quoted(text, at + 1)
        else:
            end = text.find(",", at)
            end = len(text) if end < 0 else end
            value, at = text[at:end].strip(), end
        found.append(value)
        at += 1
    return found


def _plain(parts: list[str]) -> list[str] | None:
    """The values of a line cut at its quotes, where each pair of them holds a whole value; None where one does not."""
    if len(parts) % 2 == 0:  # a quote that is never closed
        return None
    first, *between, last = parts
    plain = [_values(first, "", ","), *(_values(each, ",", ",") for each in between[1::2]), _values(last, ",", "")]
    found: list[str] = []
    for values, quoted in zip(plain, [*between[::2], None], strict=True):
        if values is None:
            return None
        found += values if quoted is None else [*values, quoted]
    return found


def _values(piece: str, before: str, after: str) -> list[str] | None:
    """What stands between two quotes that hold whole values, or at an end of the line; None where no comma parts it."""
    if piece == (before and after):
        return []
    if not (piece.startswith(before) and piece.endswith(after)):
        return None
    return list(map(str.strip, piece[len(before) : len(piece) - len(after)].split(",")))


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
