# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.logs.timestamp import iso, rfc3164

HANOI = timezone(timedelta(hours=7))


def moment(*parts, zone=UTC):
    return datetime(*parts, tzinfo=zone)


def ns(when):
    return round(when.timestamp()) * 1_000_000_000


def test_a_time_with_an_offset_is_exact():
    assert iso("2024-03-01T12:00:00.123456+07:00") == ns(moment(2024, 3, 1, 5, 0, 0)) + 123_456_000
    assert iso("2024-03-01T05:00:00Z") == ns(moment(2024, 3, 1, 5, 0, 0))


@pytest.mark.parametrize("text", ["2024-03-01T12:00:00", "2024-13-01T12:00:00Z", "", "-", "2024"])
def test_a_time_without_a_zone_or_sense_is_none(text):
    assert iso(text) is None


def test_a_time_without_a_zone_is_the_hosts():
    assert rfc3164("Mar  1 12:00:00", now=moment(2024, 3, 1, 13, 0, zone=HANOI)) == ns(moment(2024, 3, 1, 5, 0, 0))


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("Dec 31 23:59:59", moment(2025, 1, 1, 0, 0, 1), moment(2024, 12, 31, 23, 59, 59)),
        ("Jan  1 00:00:01", moment(2024, 12, 31, 23, 59, 58), moment(2025, 1, 1, 0, 0, 1)),
        ("Jan  1 00:00:01", moment(2024, 12, 1), moment(2024, 1, 1, 0, 0, 1)),
        ("Feb 29 01:02:03", moment(2025, 3, 1), moment(2024, 2, 29, 1, 2, 3)),
    ],
)
def test_the_year_is_the_latest_that_is_not_ahead(text, now, expected):
    assert rfc3164(text, now=now) == ns(expected)


@pytest.mark.parametrize(
    "text", ["Foo  1 00:00:00", "Feb 30 00:00:00", "Mar  1 25:00:00", "Mar  1", "", "Mar  x a:b:c"]
)
def test_what_is_no_time_is_none(text):
    assert rfc3164(text, now=moment(2024, 3, 1)) is None


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda when: 1970 < when.year < 2100))
def test_a_written_time_is_read_back_within_the_year(when):
    text = f"{when:%b} {when.day:2} {when:%H:%M:%S}"

    assert rfc3164(text, now=when) == ns(when.replace(microsecond=0))


@given(st.text())
def test_whatever_stands_there_is_survived(text):
    for found in (iso(text), rfc3164(text, now=moment(2024, 3, 1))):
        assert found is None or isinstance(found, int)
