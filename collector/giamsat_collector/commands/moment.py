# SPDX-License-Identifier: Apache-2.0
"""Points in time as people give them to commands, and as commands say them."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated, Final

import typer

from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import nanoseconds
from giamsat_wire.clock import SECOND_NS, SystemClock

AGO: Final = re.compile(r"(\d{1,5})([mhd])")
UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}

_HERE: Final = "theo múi giờ của console nếu không ghi múi giờ"
_THERE: Final = "in the console's time zone unless it names one"
Since = Annotated[str, typer.Option(help=f"Từ lúc nào: 7d, 12h, 30m hoặc 2026-11-01, {_HERE}. / From when, {_THERE}.")]
Until = Annotated[
    str, typer.Option(help=f"Tới lúc nào, {_HERE}; mặc định là bây giờ. / Until when, {_THERE}; now if not given.")
]


def moment(instant: str, zone: tzinfo) -> str:
    """RFC 3339 as `timing.instant` writes it, in the console's zone: 29/11/2026 18:00:11 (11:00:11 UTC)."""
    at = datetime.fromisoformat(instant).astimezone(UTC)
    return f"{at.astimezone(zone):%d/%m/%Y %H:%M:%S} ({at:%H:%M:%S} UTC)"


def minute(instant: str, zone: tzinfo) -> str:
    """The same to the minute: 29/11/2026 18:00 (11:00 UTC)."""
    at = datetime.fromisoformat(instant).astimezone(UTC)
    return f"{at.astimezone(zone):%d/%m/%Y %H:%M} ({at:%H:%M} UTC)"


def span(since: str, until: str, zone: tzinfo) -> tuple[int, int]:
    """From when to when, UNIX nanoseconds; no `until` is now, and what names no zone is in `zone`.

    Raises:
        RefusedError: one of them is no time, or they are the wrong way round.
    """
    now_ns = SystemClock().wall_ns()
    now = datetime.fromtimestamp(now_ns / SECOND_NS, zone)
    first_ns, last_ns = moment_ns(since, now), moment_ns(until, now) if until else now_ns
    if last_ns <= first_ns:
        raise RefusedError(
            "--since {since} is not before --until {until}; give the earlier time first",
            since=since,
            until=until or "now",
        )
    return first_ns, last_ns


def moment_ns(text: str, now: datetime) -> int:
    """A time (UNIX nanoseconds) as people give it: so long ago, or a date in the zone of `now`.

    Raises:
        RefusedError: it is neither.
    """
    if ago := AGO.fullmatch(text):
        return int((now.astimezone(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})).timestamp()) * SECOND_NS
    try:
        said = datetime.fromisoformat(text)
        return nanoseconds(said if said.tzinfo else said.replace(tzinfo=now.tzinfo))
    except ValueError as error:
        raise RefusedError("{text!r} is no time; write 7d, 12h, 30m or 2026-11-01", text=text) from error
