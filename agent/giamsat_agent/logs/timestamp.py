# SPDX-License-Identifier: Apache-2.0
"""The times of log lines: ISO 8601 with an offset (RFC 5424), and RFC 3164's, which has neither year nor zone."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_MONTHS: Final = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11,
    "Dec": 12,
}  # fmt: skip
AHEAD: Final = timedelta(days=1)
"""How far before the host's clock a line may be dated; a date further ahead belongs to an earlier year."""
_YEARS_BACK: Final = 8  # the longest time between two 29ths of February
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def iso(text: str) -> int | None:
    """UNIX nanoseconds of a time such as `2024-03-01T12:00:00.123456+07:00`; None when it is none or has no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else _ns(moment)


def rfc3164(text: str, *, now: datetime) -> int | None:
    """UNIX nanoseconds of a time such as `Nov 23 11:03:05` in the zone of `now`; None when it is none.

    The year is the latest that does not put the line more than AHEAD of `now`: what was written on 31 December and is
    read on 1 January is a day old, and a clock that is a few minutes ahead at New Year writes the coming year.
    """
    month = _MONTHS.get(text[:3])
    clock = text[7:].split(":")
    if month is None or len(clock) != 3:  # noqa: PLR2004 - hours, minutes, seconds
        return None
    try:
        day, hour, minute, second = int(text[4:6]), *map(int, clock)
    except ValueError:
        return None
    for year in range(now.year + 1, now.year - _YEARS_BACK, -1):
        moment = _moment((year, month, day, hour, minute, second), now.tzinfo)
        if moment is not None and moment <= now + AHEAD:
            return _ns(moment)
    return None


def _moment(parts: tuple[int, int, int, int, int, int], zone: tzinfo | None) -> datetime | None:
    try:
        return datetime(*parts, tzinfo=zone)
    except ValueError:
        return None


def _ns(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND * 1_000
