# SPDX-License-Identifier: Apache-2.0
"""What probe results say of single minutes, and what those add up to. Pure: results in, minutes out.

A minute is a bit of a number: the same result told twice, late or out of order changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_wire.record import Columns, SampleSet

SUCCESS: Final = "probe_success"
CONFIGURED: Final = "giamsat_check_info"
NAMES: Final = frozenset({SUCCESS, CONFIGURED})
"""The metrics that availability is read from."""
CHECK: Final = "check"
MINUTE_NS: Final = 60 * 10**9
CHECKS: Final = 256
"""Checks of one asset that are counted."""
NAME_LETTERS: Final = 64
REACH: Final = 5
"""Minutes one reading stands for at most: the longest period of readings."""
OUTAGES: Final = 200
"""Outages of one system and month that are listed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one reading of an asset says: for which minutes since 1970, which checks it has, which worked, which not."""

    asset: str
    first: int
    last: int
    configured: frozenset[str]
    up: frozenset[str]
    down: frozenset[str]


def seen(asset: str, reading: SampleSet | Columns, *, period_s: float) -> Seen:
    """What a reading says of the minutes since the one before it."""
    last = reading.wall_ns // MINUTE_NS
    first = (reading.wall_ns - int(period_s * 10**9)) // MINUTE_NS + 1
    configured: set[str] = set()
    results: dict[str, bool] = {}
    for (name, labels), value in zip(reading.series, reading.values, strict=True):
        if name not in NAMES:
            continue
        check = dict(labels).get(CHECK, "")
        if not 0 < len(check) <= NAME_LETTERS or len(configured) >= CHECKS:
            continue
        configured.add(check)
        if name == SUCCESS:
            results[check] = value == 1 and results.get(check, True)
    return Seen(
        asset=asset,
        first=max(min(first, last), last - REACH + 1),
        last=last,
        configured=frozenset(configured),
        up=frozenset(check for check, works in results.items() if works),
        down=frozenset(check for check, works in results.items() if not works),
    )


@dataclass(frozen=True, slots=True)
class Life:
    """One check in a span of minutes: where it was configured, where it worked, where not; one bit a minute."""

    there: int
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes from `first` up to and without `end`."""

    first: int
    end: int

    @property
    def bits(self) -> int:
        """One bit for each."""
        return (1 << max(0, self.end - self.first)) - 1

    def within(self, first: int, end: int) -> int:
        """The bits of those minutes that lie from `first` up to and without `end`."""
        low, high = max(first, self.first), min(end, self.end)
        return ((1 << (high - low)) - 1) << (low - self.first) if high > low else 0


@dataclass(frozen=True, slots=True)
class Outage:
    """Minutes without a break in which a system did not work."""

    first: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Minutes of a span by what is known of them, those of declared maintenance apart."""

    up: int
    down: int
    unknown: int
    maintenance: int
    outages: tuple[Outage, ...] = field(default=())

    @property
    def ratio(self) -> float | None:
        """The share of the known minutes in which it worked; None when nothing is known."""
        known = self.up + self.down
        return self.up / known if known else None

    @property
    def known(self) -> float | None:
        """The share of the minutes outside maintenance of which anything is known; None when there are none."""
        owed = self.up + self.down + self.unknown
        return (self.up + self.down) / owed if owed else None


def tally(span: Span, checks: Iterable[Life], maintenance: int) -> Tally:
    """Add up a system's checks.

    It was down in a minute in which one of its checks failed; it was up when every check there was then had a result
    and all were good; of any other minute nothing is known.
    """
    there = down = lacking = 0
    for one in checks:
        there |= one.there
        down |= one.there & one.down
        lacking |= one.there & ~(one.up | one.down)
    owed = span.bits & ~maintenance
    down &= owed
    up = there & ~down & ~lacking & owed
    return Tally(
        up=up.bit_count(),
        down=down.bit_count(),
        unknown=(owed & ~up & ~down).bit_count(),
        maintenance=(span.bits & maintenance).bit_count(),
        outages=tuple(_runs(down, span.first)),
    )


def together(tallies: Iterable[Tally]) -> Tally:
    """Spans that follow one another as one; an outage that goes on is one."""
    up = down = unknown = left_out = 0
    outages: list[Outage] = []
    for one in tallies:
        up, down, unknown = up + one.up, down + one.down, unknown + one.unknown
        left_out += one.maintenance
        for outage in one.outages:
            if outages and outages[-1].first + outages[-1].minutes == outage.first:
                outage = Outage(outages[-1].first, outages.pop().minutes + outage.minutes)  # noqa: PLW2901 - it goes on
            outages.append(outage)
    return Tally(up, down, unknown, left_out, tuple(outages))


def percent(ratio: float) -> str:
    """A share as a number of hundredths, never rounded up to a whole it is not."""
    return f"{int(ratio * 100_000) / 1_000:.3f}" if ratio < 1 else "100"


def hours(minutes: int) -> str:
    """Hours and minutes, as 12:05."""
    return f"{minutes // 60}:{minutes % 60:02}"


def _runs(bits: int, first: int) -> Iterator[Outage]:
    """Each run of ones, the earliest OUTAGES of them."""
    at = first
    for _ in range(OUTAGES):
        if not bits:
            return
        zeros = (bits & -bits).bit_length() - 1
        bits >>= zeros
        at += zeros
        ones = (~bits & (bits + 1)).bit_length() - 1
        yield Outage(at, ones)
        bits >>= ones
        at += ones
