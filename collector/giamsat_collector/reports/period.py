# SPDX-License-Identifier: Apache-2.0
"""The time a report is about: a month, or half a year, in whole days of a zone."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from giamsat_collector.errors import RefusedError
from giamsat_wire.clock import SECOND_NS

_MONTH: Final = re.compile(r"\A(20[0-9]{2})-(0[1-9]|1[0-2])\Z")
_HALF: Final = re.compile(r"\A(20[0-9]{2})-H([12])\Z")


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date
    name: str
    zone: tzinfo

    @property
    def since_ns(self) -> int:
        """Its first moment."""
        return _start_ns(self.first, self.zone)

    @property
    def until_ns(self) -> int:
        """The first moment after it."""
        return _start_ns(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> str:
        """Its days, as a report says them."""
        return f"từ ngày {self.first:%d/%m/%Y} đến ngày {self.last:%d/%m/%Y}"

    @property
    def months(self) -> tuple[str, ...]:
        """Its months, as 2026-11."""
        return tuple(f"{self.first.year}-{number:02}" for number in range(self.first.month, self.last.month + 1))


def month(text: str, zone: tzinfo) -> Period:
    """2026-11.

    Raises:
        RefusedError: it is no month.
    """
    found = _MONTH.match(text)
    if found is None:
        raise RefusedError("{text!r} is no month; write it as 2026-11", text=text[:20])
    year, number = int(found[1]), int(found[2])
    last = calendar.monthrange(year, number)[1]
    return Period(date(year, number, 1), date(year, number, last), f"tháng {number:02} năm {year}", zone)


def half(text: str, zone: tzinfo) -> Period:
    """2026-H1 or 2026-H2.

    Raises:
        RefusedError: it is no half of a year.
    """
    found = _HALF.match(text)
    if found is None:
        raise RefusedError("{text!r} is no half of a year; write it as 2026-H1 or 2026-H2", text=text[:20])
    year = int(found[1])
    if found[2] == "1":
        return Period(date(year, 1, 1), date(year, 6, 30), f"6 tháng đầu năm {year}", zone)
    return Period(date(year, 7, 1), date(year, 12, 31), f"6 tháng cuối năm {year}", zone)


def _start_ns(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, datetime.min.time(), zone).timestamp()) * SECOND_NS
