# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators import import_plan
from giamsat_collector.indicators.import_plan import Wanted, change, must_have_room
from giamsat_collector.indicators.packing import unpacked
from support.listing import DAY, NOW, entry, file

WANTED = Wanted("ncsc")


def test_the_difference_to_the_list_there_is_is_told_and_what_stays_keeps_its_age():
    before = [entry("a.example", since=NOW - 90 * DAY), entry("b.example"), entry("c.example", comment="cũ")]

    found = change(file("value,comment\na.example,\nc.example,mới\nd.example,\n"), WANTED, before, NOW)

    assert (found.added, found.removed, found.changed) == (1, 1, 1)
    assert (found.coming, found.going) == (("d.example",), ("b.example",))
    assert found.as_json()["unchanged"] == 1
    ages = {one.value: (NOW - one.since) // DAY for one in unpacked(found.kept)}
    assert ages == {"a.example": 90, "c.example": 10, "d.example": 0}


def test_one_problem_and_nothing_is_taken_unless_one_may_be_lenient():
    data = file("a.example\n10.0.0.1\n")

    refused, lenient = change(data, WANTED, (), NOW), change(data, Wanted("ncsc", lenient=True), (), NOW)
    assert (refused.entries, refused.kept, len(refused.problems)) == (0, b"", 1)
    assert ([one.value for one in unpacked(lenient.kept)], lenient.left_out) == (["a.example"], {"wrong": 1})
    assert change(file("10.0.0.1\n"), Wanted("ncsc", lenient=True), (), NOW).problems
    much = change(file("10.0.0.1\n" * 1_000 + "a.example\n"), Wanted("ncsc", lenient=True), (), NOW)
    assert (much.entries, much.left_out) == (1, {"wrong": 1_000})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no zlib", "cannot be unpacked"),
        (file(b"a.example\n\xff\n"), "line 2: not UTF-8"),
        (file("# nothing\n"), "not one entry"),
        (file("{}"), "neither a MISP"),
        (file("value,x\n"), "no such column"),
    ],
)
def test_whatever_the_file_is_it_is_a_list_or_a_problem(data, why):
    assert why in change(data, WANTED, (), NOW).problems[0]


def test_a_file_that_unpacks_to_far_more_is_not_unpacked_to_its_end(monkeypatch):
    monkeypatch.setattr(import_plan, "FILE_BYTES", 1 << 20)

    assert "larger than 1 MiB" in change(file("#" * (8 << 20)), WANTED, (), NOW).problems[0]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": "NCSC"}, "no name of a list"),
        ({"name": ""}, "no name of a list"),
        ({"name": "a", "expires_days": 0}, "1 to 1095 days"),
        ({"name": "a", "renewed_days": -1}, "1 to 1095 days"),
        ({"name": "a", "confidence": 101}, "confidence"),
        ({"name": "a", "source": "x" * 201}, "200 characters"),
    ],
)
def test_what_cannot_be_wanted_is_refused(said, why):
    with pytest.raises(RefusedError, match=why):
        Wanted(**said)


def test_lists_and_entries_together_have_a_bound():
    must_have_room("a", 500_000, {"a": 400_000}, 1)
    with pytest.raises(RefusedError, match="would have 500001"):
        must_have_room("a", 400_001, {"b": 100_000}, 2)
    with pytest.raises(RefusedError, match="1 lists already"):
        must_have_room("a", 1, {"b": 1}, 1)
