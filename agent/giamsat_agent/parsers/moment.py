# SPDX-License-Identifier: Apache-2.0
"""Times as programs and devices write them at the head of a line; each form has one pattern and one reading."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

from giamsat_agent.logs.timestamp import rfc3164

_MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
_DAY: Final = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_SPOKEN: Final = r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: [AP]M\b)?"
_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK: Final = r"\d\d:\d\d:\d\d(?:\.\d{1,9}|,\d{1,9}(?!\d))?"
"""Behind a comma a fraction has at most nine digits: more are the next column, such as PAN-OS' serial number."""
_ZONE: Final = r"(?: ?Z\b| ?[+-]\d\d(?::?\d\d\b|(?=[\s\]]|\Z))| (?:UTC|GMT|ICT)\b)"
_NAMED: Final = (
    r"(?: ?[+-]\d\d(?::?\d\d|(?=[\s:]))(?: DST)?| (?:UTC|GMT)[+-]\d\d?(?::\d\d)?(?=: )| (?:UTC|GMT|ICT)\b"
    r"| [A-Z]{2,5}(?=: %))?"
)
"""Zones by offset and by name; of names that nobody knows Cisco writes the device's own, before `: %`."""
ZONES: Final = {
    "UTC": "+00:00", "GMT": "+00:00", "WET": "+00:00", "WEST": "+01:00", "CET": "+01:00", "CEST": "+02:00",
    "EET": "+02:00", "EEST": "+03:00", "MSK": "+03:00", "ICT": "+07:00", "SGT": "+08:00", "HKT": "+08:00",
    "JST": "+09:00", "KST": "+09:00", "AEST": "+10:00", "AEDT": "+11:00", "NZST": "+12:00", "NZDT": "+13:00",
}  # fmt: skip
"""Zones by the abbreviations that one zone alone has (tzdata); of the others nobody can tell which is meant."""
_BEHIND: Final = re.compile(
    r"(?:(?: ?| (?:UTC|GMT))(?P<offset>[+-]\d{1,2}(?::?\d\d)?)(?: DST)?| (?P<name>[A-Z]{2,5}))\Z"
)
"""A zone at the end of a time."""
_FORMS: Final = (
    rf"(?P<iso>\d{{4}}(?P<mark>[-/:.])\d\d(?P=mark)\d\d(?:[T -]| - ){_CLOCK}{_ZONE}?)",
    rf"(?P<bsd>{_MONTH} [ \d]?\d (?:\d{{4}} )?{_CLOCK}(?::\d{{3}})?(?: \d{{4}}(?= )|{_NAMED}))",
    rf"(?P<nxos>\d{{4}} {_MONTH} [ \d]?\d {_CLOCK}{_NAMED})",
    rf"(?P<clf>\d{{1,2}}/{_MONTH}/\d{{4}}[: ]{_CLOCK}(?: [+-]\d{{4}})?)",
    rf"(?P<bind>\d{{1,2}}-(?i:{_MONTH})-\d{{4}} {_CLOCK})",
    rf"(?P<ctime>{_DAY},? {_MONTH} [ \d]?\d {_CLOCK} (?:[A-Z]{{3,4}} )?\d{{4}})",
    r"(?P<us>\d{1,2}/\d{1,2}/\d\d(?:\d\d)?(?:,? |[-:])\d{1,2}:\d\d:\d\d(?:\.\d{1,9})?(?: [AP]M)?)",
    rf"(?P<words>(?:{_DAY}, )?(?:\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,2}},) \d{{4}},? {_SPOKEN}(?: [+-]\d{{4}}\b)?)",
    rf"(?P<day>\d\d(?P<parting>[-.])\d\d(?P=parting)\d{{4}}(?:,? |T){_CLOCK}{_ZONE}?)",
    r"(?P<packed>\d{6}(?:\d\d)? {1,2}\d{1,2}:\d\d:\d\d\b)",
    rf"(?P<short>{_MONTH}-\d\d-\d\d \d\d:\d\d:\d\d)",
    r"(?P<yearless>\d\d/\d\d-\d\d:\d\d:\d\d\.\d{6}\b)",
)
TIME: Final = re.compile("(?>" + "|".join(_FORMS) + ")")
"""Any of the forms, where it begins."""
NEAR_DAYS: Final = 3
"""How far from now the day of a line may be that was written lately: over a weekend without a link."""
KEPT: Final = 256
"""Times remembered; lines of one second come together."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MARKS: Final = re.compile(r"[/:.]")
_DIGITS: Final = re.compile(r"\d+")


class Moments:
    """Reads times at the head of a text; remembers the last few, because lines of one second come together."""

    def __init__(self, *, zone: tzinfo) -> None:
        """Read times that name no zone in `zone`."""
        self.zone = zone
        self._kept: dict[str, int | None] = {}
        self._year = 0

    def at(self, text: str, start: int, *, now_ns: int) -> tuple[int | None, int] | None:
        """UNIX nanoseconds of the time that begins at `start` and where it ends; None when none begins there.

        The nanoseconds are None when what has the form of a time is none (31 February). `now_ns` gives missing years.
        """
        found = TIME.match(text, start)
        if found is None:
            return None
        said = found[0]
        if said not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[said] = self._read(next(name for name in _READERS if found[name]), said, now_ns)
        return self._kept[said], found.end()

    def _read(self, form: str, said: str, now_ns: int) -> int | None:
        now = datetime.fromtimestamp(now_ns // 1_000_000_000, self.zone)
        try:
            moment = _READERS[form](said, now)
        except (ValueError, OverflowError):
            return None
        return None if moment is None else (moment - _EPOCH) // _MICROSECOND * 1_000


def _iso(said: str, now: datetime) -> datetime | None:
    text = said.replace(" - ", "T", 1).replace(",", ".")
    for name in (" UTC", " GMT", " ICT"):
        text = text.replace(name, ZONES[name[1:]])
    day, clock = _MARKS.sub("-", text[:10]), text[11:].replace(" ", "")
    moment = datetime.fromisoformat(f"{day}T{clock}")
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _bsd(said: str, now: datetime) -> datetime | None:
    behind = _BEHIND.search(said)
    zone = _zone(behind, now) if behind else now.tzinfo
    words = said[: behind.start() if behind else None].split()
    if len(words) == 4 and words[3].isdecimal():  # noqa: PLR2004 - month, day, time, year
        words[2:] = [words[3], words[2]]
    if words[-1].count(":") > 2:  # noqa: PLR2004 - Comware's milliseconds
        words[-1] = ".".join(words[-1].rsplit(":", 1))
    clock, _, fraction = words[-1].partition(".")
    if len(words) == 4:  # noqa: PLR2004 - month, day, year, time
        return _moment(int(words[2]), words[0], int(words[1]), words[3], zone)
    nanoseconds = rfc3164(f"{words[0]} {words[1]:>2} {clock}", now=now.astimezone(zone))
    if nanoseconds is None:
        return None
    return _EPOCH + timedelta(microseconds=nanoseconds // 1_000 + int(f"{fraction:0<6.6}"))


def _nxos(said: str, now: datetime) -> datetime | None:
    year, month, day, rest = said.split(maxsplit=3)
    return _bsd(f"{month} {day} {year} {rest}", now)


def _clf(said: str, now: datetime) -> datetime | None:
    day, month, rest = said.split("/", 2)
    year, clock = rest[:4], rest[5:]
    clock, _, offset = clock.partition(" ")
    return _moment(int(year), month, int(day), clock, _offset(offset) if offset else now.tzinfo)


def _bind(said: str, now: datetime) -> datetime | None:
    day, month, rest = said.split("-", 2)
    year, _, clock = rest.partition(" ")
    return _moment(int(year), month, int(day), clock, now.tzinfo)


def _ctime(said: str, now: datetime) -> datetime | None:
    words = said.split()
    zone = _offset(ZONES[words[4]]) if words[4] in ZONES else now.tzinfo
    return _moment(int(words[-1]), words[1], int(words[2]), words[3], zone)


def _us(said: str, now: datetime) -> datetime | None:
    """By custom the month first, but most of the world, Vietnam too, writes the day first."""
    one, two, year, hour, minute, second = [int(word) for word in _DIGITS.findall(said)][:6]
    if said.endswith("M"):
        hour = hour % 12 + (12 if said.endswith("PM") else 0)
    year += 2000 if year < 100 else 0  # noqa: PLR2004 - a year of two digits
    month, day = _likelier((one, two), (two, one), year, now)
    return datetime(year, month, day, hour, minute, second, tzinfo=now.tzinfo)


def _likelier(custom: tuple[int, int], other: tuple[int, int], year: int, now: datetime) -> tuple[int, int]:
    """Month and day by custom, or the other way where that is none, or where the line is only so of these days."""
    if custom[0] > 12:  # noqa: PLR2004 - months of a year
        return other
    if other[0] > 12 or _near(custom, year, now):  # noqa: PLR2004 - months of a year
        return custom
    return other if _near(other, year, now) else custom


def _near(month_and_day: tuple[int, int], year: int, now: datetime) -> bool:
    return abs((date(year, *month_and_day) - now.date()).days) <= NEAR_DAYS


def _words(said: str, now: datetime) -> datetime | None:
    """`Mon, 23 Nov 2026 16:00:00 +0700` as in mail, `Nov 23, 2026 4:00:00 PM` as Java writes it."""
    words = said.partition(", ")[2].split() if said[3] == "," else said.replace(",", " ").split()
    day, month = (words[0], words[1]) if words[0].isdecimal() else (words[1], words[0])
    hour, _, rest = words[3].partition(":")
    half = next((word for word in words[4:] if word in {"AM", "PM"}), "")
    if half:
        hour = str(int(hour) % 12 + (12 if half == "PM" else 0))
    zone = _offset(words[-1]) if words[-1][0] in "+-" else now.tzinfo
    return _moment(int(words[2]), month, int(day), f"{hour}:{rest}", zone)


def _day(said: str, now: datetime) -> datetime | None:
    """By custom day, month, year."""
    one, two, year = int(said[:2]), int(said[3:5]), said[6:10]
    month, day = _likelier((two, one), (one, two), int(year), now)
    return _iso(f"{year}-{month:02}-{day:02}T{said[10:].lstrip(', T')}", now)


def _packed(said: str, now: datetime) -> datetime | None:
    """`261123 16:00:00` and `20261123 16:00:00`, as MySQL and its audit write it."""
    day, clock = said.split()
    return _iso(f"{day[:-4] if len(day) > 6 else f'20{day[:-4]}'}-{day[-4:-2]}-{day[-2:]}T{clock:0>8}", now)  # noqa: PLR2004 - digits of a short year's day


def _short(said: str, now: datetime) -> datetime | None:
    return _moment(2000 + int(said[7:9]), said[:3], int(said[4:6]), said[10:], now.tzinfo)


def _yearless(said: str, now: datetime) -> datetime | None:
    """`11/23-16:00:00.000000`, as Snort writes it: the month first."""
    day = date(2000, int(said[:2]), int(said[3:5])).ctime()[4:10]
    return _bsd(f"{day} {said[6:]}", now)


def _moment(year: int, month: str, day: int, clock: str, zone: tzinfo | None) -> datetime:
    hour, minute, rest = clock.split(":")
    second, _, fraction = rest.replace(",", ".").partition(".")
    microsecond = int(f"{fraction:0<6.6}")
    number = _MONTHS[month.lower()]
    return datetime(year, number, day, int(hour), int(minute), int(second), microsecond, tzinfo=zone)


def _zone(behind: re.Match[str], now: datetime) -> tzinfo | None:
    """The zone that a time ends with; the device's own where its name says nothing to others."""
    offset = behind["offset"] or ZONES.get(behind["name"] or "")
    return _offset(offset) if offset else now.tzinfo


def _offset(text: str) -> tzinfo:
    """The zone of `+7`, `+07`, `+0700` or `+07:00`."""
    hours, _, minute = text[1:].partition(":")
    hours, minute = (hours[:2], hours[2:]) if len(hours) > 2 else (hours, minute)  # noqa: PLR2004 - digits of hours
    minutes = int(hours) * 60 + int(minute or 0)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


_READERS: Final = {
    "iso": _iso, "bsd": _bsd, "nxos": _nxos, "clf": _clf, "bind": _bind, "ctime": _ctime, "us": _us, "words": _words,
    "day": _day, "packed": _packed, "short": _short, "yearless": _yearless,
}  # fmt: skip
