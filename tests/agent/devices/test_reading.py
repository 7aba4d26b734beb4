# SPDX-License-Identifier: Apache-2.0
from datetime import datetime

import pytest

from giamsat_agent.devices.reading import address, date, moment, number, text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Cisco\0\0", "Cisco"),
        (b"a\r\nb\x1b[31m", "a  b [31m"),
        ("Sở Tài chính".encode(), "Sở Tài chính"),
        (b"\xff", "�"),
        (None, ""),
        (b"x" * 1000, "x" * 255),
        (12, "12"),
    ],
)
def test_a_device_s_own_words_are_made_harmless(value, expected):
    assert text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7.0),
        (b"51.569", 51.569),
        (b"-3.5 dBm", -3.5),
        (b"24 %", 24.0),
        ("58.000000 C", 58.0),
        (b"40 C/104 F", 40.0),
        (b"12\0", 12.0),
        (1 << 63, float(1 << 63)),
    ],
)
def test_a_number_is_read_however_a_device_writes_it(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize(
    "value", [b"up", None, b"", b"10.0.0.1", b"v7.2.5", float("nan"), float("inf"), b"9" * 400, b"\xff\xfe", b"1 2"]
)
def test_what_is_no_number_is_no_figure(value):
    assert number(value) is None


def test_a_physical_address_is_written_as_people_write_it():
    assert address(bytes.fromhex("001b17000b0c")) == "00:1B:17:00:0B:0C"


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("27.00768(2015-09-01 15:10)", "2015-09-01T15:10"),
        ("Sat Mar 23 2024", "2024-03-23T00:00"),
        ("Mon May 31 08:30:00 UTC 2027", "2027-05-31T08:30"),
        ("Jun  9, 2029", "2029-06-09T00:00"),
        ("December 31 2030", "2030-12-31T00:00"),
        ("2026-13-45", None),
        ("4222-4735", None),
        ("n/a", None),
        ("Feb 31 2026", None),
        ("2026-01-01 99:99", None),
    ],
)
def test_a_date_is_found_in_a_device_s_words(words, at):
    assert moment(words) == (at and datetime.fromisoformat(f"{at}+00:00").timestamp())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (bytes.fromhex("07ea0c1f173b0000"), "2026-12-31 23:59"),
        (bytes.fromhex("07ea0102030405002b0700"), "2026-01-02 03:04"),
        (b"2027-01-31", "2027-01-31"),
        (b"", ""),
        (None, ""),
        (7, "7"),
    ],
)
def test_a_date_in_octets_is_written_as_people_read_it(value, expected):
    assert date(value) == expected


def test_a_date_that_no_calendar_has_is_no_moment():
    assert moment(date(b"\xff" * 8)) is None
