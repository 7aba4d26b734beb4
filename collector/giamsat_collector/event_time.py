# SPDX-License-Identifier: Apache-2.0
"""When something happened, by the collector's clock.

Three clocks are kept: when it happened (the host's clock), how far that clock was off when it was sent, and when it
was received. Rules judge the first, corrected by the second and bounded by the third.
"""

from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from giamsat_wire.clock import SECOND_NS

CORRECTED_FROM_NS: Final = 1 * SECOND_NS
"""A host's clock that is off by less is believed: the measured offset contains the network's delay."""
OLDEST_NS: Final = 72 * 3600 * SECOND_NS
OLDEST_CARRIED_NS: Final = 90 * 86_400 * SECOND_NS
"""What is carried by hand may be as old as a spool is deep."""
NEWEST_NS: Final = 300 * SECOND_NS
YEARS: Final = range(1900, 2200)
"""Of moments that people write; who means for ever leaves the field empty."""
_WITHIN: Final = f"not between {YEARS.start} and {YEARS.stop - 1}"
LATE_NS: Final = 300 * SECOND_NS
"""What arrives this long after it happened is judged in its own window and marked late."""


class Moment(NamedTuple):
    """When something happened (UNIX nanoseconds by the collector's clock), and what that is worth.

    `clamped`: the claimed time was impossible and the bound was taken instead; no rule may fire on it.
    """

    at_ns: int
    late: bool
    clamped: bool


def moment(*, wall_ns: int, offset_ns: int, received_ns: int, oldest_ns: int = OLDEST_NS) -> Moment:
    """Settle when something happened; what is older than `oldest_ns` is not believed."""
    claimed = wall_ns + (offset_ns if abs(offset_ns) >= CORRECTED_FROM_NS else 0)
    if received_ns - oldest_ns <= claimed <= received_ns + NEWEST_NS:
        return Moment(claimed, received_ns - claimed > LATE_NS, clamped=False)
    at_ns = received_ns - oldest_ns if claimed < received_ns else received_ns + NEWEST_NS
    return Moment(at_ns, received_ns - at_ns > LATE_NS, clamped=True)


def nanoseconds(at: datetime) -> int:
    """A moment that people wrote in UNIX nanoseconds; without a time zone it is one of this host's.

    Raises:
        ValueError: it is in no year that anybody means, and perhaps in none that 64 bits hold.
    """
    if at.year not in YEARS:
        raise ValueError(_WITHIN)
    return int(at.replace(microsecond=0).timestamp()) * SECOND_NS + at.microsecond * 1_000


def written_day(text: str) -> date:
    """A day as people write it, such as 2025-07-01.

    Raises:
        ValueError: it is none, or one that nobody means.
    """
    day = date.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError(_WITHIN)
    return day


def instant(ns: int) -> str:
    """UNIX nanoseconds as every end reads them: RFC 3339, UTC, to the millisecond."""
    at = datetime.fromtimestamp(ns / SECOND_NS, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
