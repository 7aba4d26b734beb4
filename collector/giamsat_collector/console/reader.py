# SPDX-License-Identifier: Apache-2.0
"""For whom a page is made: language, time zone, and what time it is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from giamsat_collector.console.language import Language
from giamsat_collector.sentence import told

_DAYS_FROM: Final = timedelta(days=2)
_HOURS_FROM: Final = timedelta(hours=2)
_COMMA: Final = str.maketrans(",.", ".,")
_MINUTES_FROM: Final = timedelta(minutes=2)
_PLAIN_FROM: Final = 1e-6
_PLAIN_TO: Final = 1e15


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as it is printed: in the reader's zone, in UTC beside it, and for machines."""

    local: str
    utc: str
    iso: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Says things the way one reader reads them."""

    language: Language
    zone: tzinfo
    now_ns: int

    def text(self, source: str, /, **values: object) -> str:
        """A sentence in the reader's language."""
        return self.language.text(source, **values)

    def said(self, text: str) -> str:
        """What was refused, and why, in the reader's language; as it is where nobody put it into that."""
        return told(text, self.language.text)

    def choice(self, vietnamese: str, english: str) -> str:
        """Whichever of two texts of a rule the reader reads; the other where one is missing."""
        first, second = (english, vietnamese) if self.language.code == "en" else (vietnamese, english)
        return first or second

    def number(self, value: int) -> str:
        """A whole number with its thousands apart, as the language writes them."""
        grouped = f"{value:,}"
        return grouped if self.language.code == "en" else grouped.replace(",", ".")

    def decimal(self, value: float, places: int) -> str:
        """A number with so many places after the comma, or the point, as the language writes it."""
        written = f"{value:,.{places}f}"
        return written if self.language.code == "en" else written.translate(_COMMA)

    def amount(self, value: float) -> str:
        """A number with as many places as it has, six at most; with its exponent where that is a long row of digits."""
        plain = value == 0 or _PLAIN_FROM <= abs(value) < _PLAIN_TO
        written = f"{value:,.6f}".rstrip("0").rstrip(".") if plain else f"{value:g}"
        return written if self.language.code == "en" else written.translate(_COMMA)

    def day(self, day: date) -> str:
        """A day as the language writes it."""
        return f"{day:%Y-%m-%d}" if self.language.code == "en" else f"{day:%d/%m/%Y}"

    def month(self, name: str) -> str:
        """A month, named like 2026-11, as the language writes it."""
        year, _, number = name.partition("-")
        return name if self.language.code == "en" else f"{number}/{year}"

    def moment(self, ns: int) -> Moment:
        """A point in time; whatever a clock claimed, it can be printed."""
        at = self.local(ns).astimezone(UTC)
        pattern = "%Y-%m-%d %H:%M:%S" if self.language.code == "en" else "%H:%M:%S %d/%m/%Y"
        return Moment(
            local=at.astimezone(self.zone).strftime(pattern),
            utc=at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            iso=at.isoformat().replace("+00:00", "Z"),
        )

    def local(self, ns: int) -> datetime:
        """A point in time in the reader's zone, likewise."""
        bounded = min(max(ns, 0), 253_370_000_000_000_000_000) // 1_000_000_000
        return datetime.fromtimestamp(bounded, UTC).astimezone(self.zone)

    def age(self, ns: int) -> str:
        """How long ago something was."""
        return self.span(self.now_ns - ns)

    def span(self, ns: int) -> str:
        """A length of time in its largest unit that still says something."""
        span = timedelta(seconds=max(0, ns) // 1_000_000_000)
        if span >= _DAYS_FROM:
            return self.text("{count} ngày", count=span.days)
        if span >= _HOURS_FROM:
            return self.text("{count} giờ", count=span // timedelta(hours=1))
        if span >= _MINUTES_FROM:
            return self.text("{count} phút", count=span // timedelta(minutes=1))
        return self.text("{count} giây", count=span.seconds)
