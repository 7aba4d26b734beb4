# SPDX-License-Identifier: Apache-2.0
from datetime import datetime

import pytest

from giamsat_collector.event_time import Moment, instant, moment, nanoseconds, written_day

S = 1_000_000_000
H = 3600 * S
NOW = 1_000_000 * H


@pytest.mark.parametrize(
    ("wall", "offset", "expected"),
    [
        (NOW - S, 0, Moment(NOW - S, late=False, clamped=False)),
        (NOW - S, S // 2, Moment(NOW - S, late=False, clamped=False)),
        (NOW - 9000 * H, 9000 * H, Moment(NOW, late=False, clamped=False)),
        (NOW - 301 * S, 0, Moment(NOW - 301 * S, late=True, clamped=False)),
        (NOW - 73 * H, 0, Moment(NOW - 72 * H, late=True, clamped=True)),
        (NOW + H, 0, Moment(NOW + 300 * S, late=False, clamped=True)),
        (0, 0, Moment(NOW - 72 * H, late=True, clamped=True)),
    ],
    ids=["now", "small offset is the network", "a clock a year off", "late", "too old", "from the future", "1970"],
)
def test_when_it_happened(wall, offset, expected):
    assert moment(wall_ns=wall, offset_ns=offset, received_ns=NOW) == expected


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31T23:59:59+14:00"])
def test_a_moment_nobody_means_is_refused_with_or_without_a_zone(text):
    with pytest.raises(ValueError, match="not between 1900 and 2199"):
        nanoseconds(datetime.fromisoformat(text))
    with pytest.raises(ValueError, match="not between"):
        written_day(text[:10])


def test_a_moment_is_exact_to_the_microsecond():
    assert nanoseconds(datetime.fromisoformat("2026-01-31T08:00:00.000001+07:00")) == 1_769_821_200_000_001_000
    assert nanoseconds(datetime.fromisoformat("1969-12-31T23:59:59.500000+00:00")) == -500_000_000
    assert written_day("2199-12-31").isoformat() == "2199-12-31"


def test_times_are_utc_to_the_millisecond():
    assert instant(1_700_000_000_999_900_000) == "2023-11-14T22:13:20.999Z"
