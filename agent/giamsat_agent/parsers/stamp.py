# SPDX-License-Identifier: Apache-2.0
"""The time of a line that stands among its named values, or inside its text."""

import re
from collections.abc import Mapping
from functools import lru_cache
from time import gmtime
from typing import Final

from giamsat_agent.parsers.moment import TIME, ZONES, Moments
from giamsat_agent.parsers.parsed_line import Framed

HEAD_CHARACTERS: Final = 256
"""How far into a text without a header a time is looked for."""
DAY_CHARACTERS: Final = 24
"""The most that a time writes before its clock: `Mon, 23 Nov 2026 `."""
_CLOCK: Final = re.compile(r":\d\d:\d\d")
"""What every form of a time holds behind an hour, found quicker than a time: it begins with a sign."""
_BEGINNINGS: Final = frozenset("ADFJMNOSTW")
"""How a time begins that does not begin with a digit: letters of days and months."""
DAY_NS: Final = 86_400 * 1_000_000_000
LONG_AGO_NS: Final = 3_650 * DAY_NS
"""Of a number that begins a line: what is older, or still to come, is a running number and no time."""
_NAMES: Final = (
    "@timestamp", "timestamp", "time", "ts", "SystemTime", "t.$date", "eventTime", "EventTime", "datetime", "date",
    "StartUTC", "rt", "eventtime", "FTNTFGTeventtime", "generated_time", "receive_time", "devTime", "TimeCreated",
    "time_local", "transaction.time_stamp", "DateTime", "dateTime", "date-time",
)  # fmt: skip
YEAR_NS: Final = 365 * DAY_NS + DAY_NS // 4
_DATED: Final = frozenset({"date", *_NAMES})
ZONES_KEPT: Final = 256
"""Texts of zones whose offset is remembered: a device writes its own into every line."""
_OFFSET: Final = re.compile(r"([+-]\d{2}):?(\d{2})?")
_EPOCH: Final = re.compile(r"(\d{9,10})(?:[.,](\d{1,9})\d*)?(\d{3}|\d{6}|\d{9})?")
_HEAD: Final = re.compile(r"\[?(1\d{9})(?:[.,](\d{1,9}))?\]?[ :\t]")
"""How a line begins that tells its time in seconds: Squid's, NSD's."""
_AUDIT: Final = re.compile(r"audit\((\d{9,10})\.(\d{3})")


def of(framed: Framed, *, moments: Moments, now_ns: int) -> int | None:
    """UNIX nanoseconds; None when the line names no time."""
    if framed.wall_ns is not None:
        return _in_year(framed.wall_ns, framed, moments, now_ns)
    if framed.values and (told := _of_values(framed.values, moments, now_ns)) is not None:
        return told
    head = framed.line[:HEAD_CHARACTERS]
    audit = _AUDIT.search(head)
    if audit is not None:
        return int(audit[1]) * 1_000_000_000 + int(audit[2]) * 1_000_000
    start = _inside(head)
    moment = None if start is None else moments.at(head, start, now_ns=now_ns)
    if moment is None and (seconds := _HEAD.match(head)) is not None:
        told = int(f"{seconds[1]}{seconds[2] or '':0<9.9}")
        return told if now_ns - LONG_AGO_NS < told < now_ns + DAY_NS else None
    return moment[0] if moment else None


def _in_year(wall_ns: int, framed: Framed, moments: Moments, now_ns: int) -> int:
    """The time of a header, in the year that the line's values name where the header names none.

    Only the year is theirs: of a time that is more than days from the header's in its year nothing is taken.
    """
    # Most lines are asked no more: without values, with a date of numbers before all, or with none among their values.
    if not framed.values or framed.line[:1].isdecimal() or framed.values.keys().isdisjoint(_DATED):
        return wall_ns
    if _year(wall_ns // DAY_NS) in framed.line:
        return wall_ns
    told = _of_values(framed.values, moments, now_ns)
    return told if told is not None and (wall_ns - told + 2 * DAY_NS) % YEAR_NS < 4 * DAY_NS else wall_ns


def _inside(head: str) -> int | None:
    """Where the first time in a text begins: near a clock, as a time is looked for at no other place."""
    last = _hour(head, 0)
    at = max(0, last - DAY_CHARACTERS)
    at = head.rfind("[", at, max(0, last)) + 1 or at  # no time holds a bracket
    while last >= 0:
        if _is_clock(head, last):
            for place in range(max(at, last - DAY_CHARACTERS), last + 1):
                if (head[place] in _BEGINNINGS or head[place].isdecimal()) and TIME.match(head, place):
                    return place
            at = last + 1
        last = _hour(head, last + 1)
    return None


def _hour(head: str, start: int) -> int:
    """Where the last digit of the next hour stands; -1 where no clock follows."""
    clock = _CLOCK.search(head, start + 1)
    while clock is not None and not head[clock.start() - 1].isdecimal():
        clock = _CLOCK.search(head, clock.start() + 1)
    return -1 if clock is None else clock.start() - 1


def _is_clock(head: str, last: int) -> bool:
    """Whether what stands before an hour, whose last digit is there, may stand between a day and a clock.

    Between the numbers of a MAC address colons stand, too.
    """
    at = last - 1 if head[last - 1 : last].isdecimal() else last
    before = head[at - 1 : at]
    return before in {" ", "T", "-"} or (before == ":" and head[at - 2 : at - 1].isdecimal())


def _of_values(values: Mapping[str, str], moments: Moments, now_ns: int) -> int | None:
    day, clock = values.get("date", ""), values.get("time", "")
    if day and clock and len(day) == 10:  # noqa: PLR2004 - 2026-11-23
        zone = _zone(values.get("tz", values.get("timezone", "")).strip('"'))
        if not zone and (told := _epoch(values.get("eventtime", ""))) is not None:
            return told  # FortiGate before 6.2 names no zone
        if moment := moments.at(f"{day} {clock}{zone}", 0, now_ns=now_ns):
            return moment[0]
    for name in _NAMES:
        text = values.get(name)
        if text is None:
            continue
        if moment := moments.at(text, 0, now_ns=now_ns):
            return moment[0]
        if (told := _epoch(text)) is not None:
            return told
    return None


def _epoch(text: str) -> int | None:
    """Seconds since 1970, perhaps with a fraction, or their thousandths, millionths or billionths."""
    found = _EPOCH.fullmatch(text)
    if found is None:
        return None
    scale = len(found[3] or "")
    return int(f"{found[1]}{found[3] or ''}{(found[2] or '') if not scale else '':0<{9 - scale}.{9 - scale}}")


@lru_cache(maxsize=1)
def _year(day: int) -> str:
    """The year of a day since 1970."""
    return str(gmtime(day * DAY_NS // 1_000_000_000).tm_year)


@lru_cache(maxsize=ZONES_KEPT)
def _zone(text: str) -> str:
    """`+07`, `+0700`, `+07:00` and `ICT` as an offset; nothing when it tells none."""
    found = _OFFSET.fullmatch(text)
    return ZONES.get(text, "") if found is None else f"{found[1]}:{found[2] or '00'}"
