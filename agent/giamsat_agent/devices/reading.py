# SPDX-License-Identifier: Apache-2.0
"""What a device's answers are to us: its words made harmless, its numbers as numbers."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal

Kind = Literal["counter", "gauge"]
Value = None | str | bytes | int | float

Rows = Sequence[tuple[str, Value]]
"""Rows of a table as they came in one answer: what follows the table's own identifier, and the value."""

SYSTEM: Final = {
    "sysDescr": ".1.3.6.1.2.1.1.1.0",
    "sysObjectID": ".1.3.6.1.2.1.1.2.0",
    "sysUpTime": ".1.3.6.1.2.1.1.3.0",
    "sysName": ".1.3.6.1.2.1.1.5.0",
}
DATE_AND_TIME: Final = frozenset({8, 11})
"""Octets of a DateAndTime without and with the time zone."""
TEXT: Final = 255
"""Characters of a device's own words; longer ones are cut."""
_NUMBER: Final = re.compile(r"\s*([-+]?\d{1,15}(?:\.\d{1,9})?)\s{0,3}(?:[a-zA-Z%°]{1,7}(?:/.{1,20})?)?\s*")
"""A number that a device writes as text, with its unit at the most: 51.569, 24 %, 40 C/104 F."""
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ISO_DATE: Final = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)(?:[ T](\d\d:\d\d))?", re.ASCII)
_WORD_DATE: Final = re.compile(
    rf"\b({'|'.join(_MONTHS)})[a-z]{{0,6}} {{1,2}}(\d{{1,2}}),?"
    r"(?: (\d\d:\d\d)(?::\d\d)?)?(?: [A-Z]{3,4})? (20\d\d)\b",
    re.ASCII,
)


def text(value: Value) -> str:
    """A device's own words as they are, whatever their encoding; control characters become spaces."""
    if isinstance(value, bytes):
        value = value.rstrip(b"\0").decode("utf-8", "replace")
    words = "" if value is None else str(value)
    if words.isprintable():
        return words[:TEXT].strip()
    return "".join(letter if letter.isprintable() else " " for letter in words)[:TEXT].strip()


def number(value: Value) -> float | None:
    """A figure, also one that is written as text; None for everything else."""
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if value is None or len(value) > TEXT:
        return None
    words = value.rstrip(b"\0").decode("ascii", "replace") if isinstance(value, bytes) else value
    found = _NUMBER.fullmatch(words)
    return float(found[1]) if found else None


def moment(words: str) -> float | None:
    """The first date in a device's words as UNIX seconds; its hour, if any, is taken as UTC. None without a date.

    2015-09-01 15:10, as FortiGate names the day of its signatures, or Sat Mar 23 2024, as licences end.
    """
    if found := _ISO_DATE.search(words):
        year, month, day = (int(found[part]) for part in (1, 2, 3))
        clock = found[4] or ""
    elif found := _WORD_DATE.search(words):
        year, month, day = int(found[4]), _MONTHS.index(found[1]) + 1, int(found[2])
        clock = found[3] or ""
    else:
        return None
    hour, minute = (int(part) for part in (clock or "0:0").split(":")[:2])
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()
    except ValueError:
        return None


def address(value: Value) -> str:
    """A physical address as people write it."""
    return ":".join(f"{octet:02X}" for octet in value) if isinstance(value, bytes) else text(value)


def date(value: Value) -> str:
    """A DateAndTime of SNMPv2-TC (RFC 2579) as 2026-01-31 23:59; what is none as its words."""
    if not isinstance(value, bytes) or len(value) not in DATE_AND_TIME:
        return text(value)
    return f"{value[0] << 8 | value[1]:04}-{value[2]:02}-{value[3]:02} {value[4]:02}:{value[5]:02}"
