# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.commands.moment import minute, moment, moment_ns
from giamsat_collector.errors import RefusedError
from support.stored import NOON_NS

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2027, 1, 15, 12, tzinfo=UTC).astimezone(HERE)


def test_a_time_is_said_in_the_zone_of_the_console_with_utc_beside_it():
    said = moment("2026-11-29T18:30:05.123Z", HERE)

    assert said == "30/11/2026 01:30:05 (18:30:05 UTC)"
    assert minute("2026-11-29T18:30:05Z", HERE) == "30/11/2026 01:30 (18:30 UTC)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", NOON_NS - 7_200 * 10**9),
        ("2027-01-15T12:00:00+00:00", NOON_NS),
        ("2027-01-15T19:00", NOON_NS),
        ("2027-01-16", NOON_NS + 5 * 3_600 * 10**9),
    ],
)
def test_times_are_taken_as_people_give_them_in_the_zone_of_the_console(text, expected):
    assert moment_ns(text, NOW) == expected


@pytest.mark.parametrize("text", ["yesterday", "9999-12-31", "0001-01-01"])
def test_what_is_no_time_or_none_that_64_bits_hold_is_refused_with_an_example(text):
    with pytest.raises(RefusedError, match="7d"):
        moment_ns(text, NOW)
