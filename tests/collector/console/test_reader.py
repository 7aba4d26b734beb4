# SPDX-License-Identifier: Apache-2.0
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.sentence import Sentence

S = 1_000_000_000
NOON = 1_793_001_600 * S
"""2026-10-26 08:00:00 UTC."""


def reader(code="vi"):
    return Reader(Languages().named(code), ZoneInfo("Asia/Ho_Chi_Minh"), NOON)


def test_a_moment_is_printed_in_the_readers_zone_with_utc_beside_it():
    moment = reader().moment(NOON)

    assert moment.local == "15:00:00 26/10/2026"
    assert moment.utc == "2026-10-26 08:00:00 UTC"
    assert moment.iso == "2026-10-26T08:00:00Z"
    assert reader("en").moment(NOON).local == "2026-10-26 15:00:00"


@pytest.mark.parametrize("ns", [-(1 << 63), (1 << 63) - 1, 10**30])
def test_an_impossible_moment_is_printed_all_the_same(ns):
    assert reader().moment(ns).utc.endswith("UTC")


@pytest.mark.parametrize(
    ("seconds", "vietnamese", "english"),
    [
        (-5, "0 giây", "0 seconds"),
        (1, "1 giây", "1 second"),
        (119, "119 giây", "119 seconds"),
        (120, "2 phút", "2 minutes"),
        (7_200, "2 giờ", "2 hours"),
        (86_400 * 2, "2 ngày", "2 days"),
    ],
)
def test_an_age_is_said_in_its_largest_telling_unit(seconds, vietnamese, english):
    assert reader().age(NOON - seconds * S) == vietnamese
    assert reader("en").age(NOON - seconds * S) == english


def test_a_refusal_is_said_in_the_readers_language_with_all_it_is_made_of():
    near = Sentence(
        "did you mean {best}? {remedy}",
        best="{x}",
        remedy=Sentence("write the id or the whole name of a unit that stands"),
    )
    said = Sentence("no such {kind}: {name}; {hint}", kind=Sentence("unit"), name="unit", hint=near)

    assert reader().said(said) == (
        "không có đơn vị unit; có phải là {x}? Nếu không, hãy ghi mã hoặc tên đầy đủ của một đơn vị đang hoạt động"
    )
    assert reader("en").said(said) == str(said)
    assert reader().said("{x}: of somebody else") == "{x}: of somebody else"


def test_numbers_are_grouped_as_the_language_does():
    assert reader().number(1234567) == "1.234.567"
    assert reader("en").number(1234567) == "1,234,567"
    assert [reader().amount(one) for one in (12.0, 0.25, 1234567.5)] == ["12", "0,25", "1.234.567,5"]
    assert [reader("en").amount(one) for one in (0.0, 100.0, 0.25)] == ["0", "100", "0.25"]
    assert [reader().amount(one) for one in (1.5e300, 2e-9, float("inf"))] == ["1,5e+300", "2e-09", "inf"]


def test_days_and_months_are_written_as_the_language_does():
    assert (reader().day(date(2027, 3, 31)), reader().month("2026-11")) == ("31/03/2027", "11/2026")
    assert (reader("en").day(date(2027, 3, 31)), reader("en").month("2026-11")) == ("2027-03-31", "2026-11")


def test_a_missing_translation_of_a_rule_is_replaced_by_the_other():
    assert reader("en").choice("Dò mật khẩu", "") == "Dò mật khẩu"
    assert reader("en").choice("Dò mật khẩu", "Guessing") == "Guessing"
    assert reader().choice("Dò mật khẩu", "Guessing") == "Dò mật khẩu"
