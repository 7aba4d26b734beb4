# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

import pytest

from giamsat_agent.parsers import stamp
from giamsat_agent.parsers.moment import Moments
from giamsat_agent.parsers.parsed_line import Framed

NOW_NS = 1_795_449_600_000_000_000  # 23 November 2026, 16:00 UTC


def of(line="", **values):
    return stamp.of(Framed("bare", line, line, values=values), moments=Moments(zone=UTC), now_ns=NOW_NS)


@pytest.mark.parametrize(
    "values",
    [
        {"time": "2026-11-23T16:00:00Z"},
        {"date": "2026-11-23", "time": "23:00:00", "tz": "+0700"},
        {"date": "2026-11-23", "time": "23:00:00", "tz": "+07"},
        {"date": "2026-11-23", "time": "23:00:00", "timezone": "ICT"},
        {"date": "2026-11-23", "time": "16:00:00", "timezone": "XYZ"},
        {"ts": "1795449600.000"},
        {"timestamp": "1795449600000"},
        {"rt": "1795449600000000000"},
        {"FTNTFGTeventtime": "1795449600000000000"},
    ],
)
def test_a_time_among_named_values_is_found(values):
    assert of(**values) == NOW_NS


@pytest.mark.parametrize("line", ["x [23/Nov/2026:23:00:00 +0700] y", "type=A msg=audit(1795449600.000:1): z"])
def test_a_time_inside_the_text_is_found(line):
    assert of(line) == NOW_NS


def test_a_fraction_of_a_second_is_kept():
    assert of(ts="1795449600.25") == NOW_NS + 250_000_000


def test_a_line_without_a_time_has_none():
    assert of("hello", time="soon") is None


@pytest.mark.parametrize("line", ["1795449600.000      5 192.0.2.1 TCP_MISS/200", "[1795449600] nsd[9]: x"])
def test_seconds_at_the_head_of_a_line_are_its_time(line):
    assert of(line) == NOW_NS


@pytest.mark.parametrize("line", ["1000000123 order failed", "1999999999 order failed"])
def test_a_running_number_at_the_head_of_a_line_is_no_time(line):
    assert of(line) is None


def test_the_first_time_of_a_text_is_found_behind_whatever_looks_like_a_clock():
    assert of("00:11:22:33:44:55 went 0:00:01 [1:22:33] at [23/Nov/2026:16:00:00 +0000]") == NOW_NS


@pytest.mark.parametrize(
    ("values", "told_ns"),
    [
        ({"date": "2024-11-23", "time": "16:00:00"}, NOW_NS - 730 * stamp.DAY_NS),
        ({"time": "2024-11-23T09:00:00Z"}, NOW_NS - 730 * stamp.DAY_NS - 7 * 3_600_000_000_000),
        ({"date": "2024-08-01", "time": "16:00:00"}, NOW_NS),
        ({"date": "2026-11-23", "time": "15:00:00"}, NOW_NS),
        ({}, NOW_NS),
    ],
)
def test_of_a_line_whose_values_name_another_year_than_was_guessed_that_year_is_taken(values, told_ns):
    framed = Framed("key-value", "", f"Nov 23 16:00:00 fw {values}", NOW_NS, values=values)

    assert stamp.of(framed, moments=Moments(zone=UTC), now_ns=NOW_NS) == told_ns
