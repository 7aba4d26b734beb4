# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime, timedelta, timezone

import pytest

from giamsat_agent.parsers.moment import KEPT, Moments

NOW_NS = 1_795_449_600_000_000_000  # 23 November 2026, 16:00 UTC
HANOI = timezone(timedelta(hours=7))


def at(text, zone=UTC, now_ns=NOW_NS):
    found = Moments(zone=zone).at(text, 0, now_ns=now_ns)
    return None if found is None or found[0] is None else datetime.fromtimestamp(found[0] / 1e9, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T16:00:00Z", "2026-11-23 16:00:00", "2026-11-23 23:00:00 +07:00", "2026-11-23T23:00:00+0700",
        "2026/11/23 16:00:00", "2026/11/23 - 16:00:00", "2026-11-23 16:00:00,000", "2026-11-23 16:00:00 UTC",
        "2026:11:23-16:00:00", "Nov 23 16:00:00", "Nov 23 2026 16:00:00", "Nov 23 16:00:00.000 UTC",
        "23/Nov/2026:23:00:00 +0700", "23-Nov-2026 16:00:00.000", "Mon Nov 23 16:00:00 2026",
        "Mon Nov 23 16:00:00.000000 2026", "11/23/26 16:00:00", "11/23/2026, 4:00:00 PM",
        "11/23/2026-16:00:00.000000", "11/23-16:00:00.000000", "2026 Nov 23 16:00:00 UTC", "2026 Nov 23 16:00:00.000",
        "23/11/2026 16:00:00", "23-11-2026 23:00:00 +0700", "23.11.2026 16:00:00", "2026.11.23 16:00:00",
        "Mon, 23 Nov 2026 23:00:00 +0700", "23 Nov 2026 16:00:00", "Nov 23, 2026 4:00:00 PM", "Nov-23-26 16:00:00",
        "Nov 23 16:00:00.000 VN: %", "Nov 23 23:00:00.000 ICT: %", "Nov 23 2026 23:00:00+07:00 fw",
        "Nov 23 2026 23:00:00 +07: %",
        "2026-11-23 23:00:00.000 +07 [9]", "2026-11-23 23:00:00 ICT", "Mon Nov 23 23:00:00 ICT 2026",
            "2026/11/23 16:00:00,013201000001",
        "Nov 23 2026 23:00:00+07:00 DST fw", "Nov 23 16:00:00 2026 x", "Nov 23 16:00:00:000 2026 x",
    ],
)  # fmt: skip
def test_every_form_of_a_time_is_the_same_moment(text):
    assert at(text) == datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_a_time_without_a_zone_is_in_the_zone_of_its_source():
    assert at("2026-11-23 23:00:00", zone=HANOI) == datetime(2026, 11, 23, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "month", "day"),
    [
        # Read on 23 November: neither reading is of these days, so the custom of the form stands.
        ("03/04/2026 10:00:00", 3, 4), ("03-04-2026 10:00:00", 4, 3), ("03.04.2026 10:00:00", 4, 3),
    ],
)  # fmt: skip
def test_a_day_that_is_long_ago_is_read_as_the_form_is_by_custom(text, month, day):
    assert at(text) == datetime(2026, month, day, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["{d:%d/%m/%Y} 09:00:00", "{d:%m/%d/%Y} 09:00:00", "{d:%d-%m-%Y} 09:00:00",
                                  "{d:%m-%d-%Y} 09:00:00"])  # fmt: skip
@pytest.mark.parametrize("day", range(1, 13))
def test_a_line_of_these_days_is_no_month_off_whichever_comes_first(text, day):
    written = datetime(2026, 12, day, 9, tzinfo=UTC)
    read = int(datetime(2026, 12, day, 9, 5, tzinfo=UTC).timestamp()) * 10**9

    assert at(text.format(d=written), now_ns=read) == written


def test_december_read_in_january_is_of_the_year_before():
    new_year = int(datetime(2027, 1, 1, 0, 5, tzinfo=UTC).timestamp()) * 10**9

    assert at("Dec 31 23:59:00", now_ns=new_year) == datetime(2026, 12, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-02-31 10:00:00", "Feb 30 10:00:00", "2026-11-23 25:00:00", "hello", "",
                                  "13/01-16:00:00.000000", "00/01-16:00:00.000000"])  # fmt: skip
def test_what_is_no_time_is_none(text):
    assert at(text) is None


def test_a_time_ends_where_it_ends():
    assert Moments(zone=UTC).at("x 2026-11-23 16:00:00 y", 2, now_ns=NOW_NS) == (NOW_NS, 21)


def test_remembered_times_are_bounded():
    moments = Moments(zone=UTC)
    for second in range(3 * KEPT):
        moments.at(f"2026-11-23 16:{second // 60 % 60:02}:{second % 60:02}.{second}", 0, now_ns=NOW_NS)

    assert len(moments._kept) <= KEPT
