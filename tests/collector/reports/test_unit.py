# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.reports import unit
from giamsat_collector.reports.document import NO_DATA
from support.coverage import OBLIGATIONS
from support.reporting import AFTER, BEFORE, DECLARATION, FIGURES, NOTHING, NOVEMBER, listed, said

LISTED = listed(*FIGURES.carried, *FIGURES.opened)
KNOWN = {one.id: one for one in OBLIGATIONS}


def paper(name, scope, figures=FIGURES, declaration=DECLARATION, its=LISTED):
    everything = said(figures, declaration, obligations=OBLIGATIONS)
    return unit.compose(name, NOVEMBER, scope, everything, "", listed=its)


def test_a_unit_reads_of_its_own_systems_and_alerts_only():
    theirs, others = paper("u1", BEFORE), paper("u2", BEFORE, its=())

    assert [row[1:] for row in theirs.parts[1].table.rows] == [("Thư", 3, "Đạt một phần", "1/2")]
    assert (len(theirs.parts[6].table.rows), theirs.parts[6].lines) == (5, ())
    assert theirs.parts[6].table.rows[0][3:] == ("máy-1", "Cao", "Chờ đơn vị")
    assert [row[1] for row in others.parts[1].table.rows] == ["Cổng"]
    assert (others.parts[5].table, others.parts[6].table) == (None, None)
    assert NO_DATA in others.parts[5].lines[0]


def test_the_unit_that_took_over_reads_of_those_before_it():
    found = paper("u2", AFTER)

    assert "Tiếp nhận từ: Xã u1" in found.parts[0].lines[1]
    assert [row[1] for row in found.parts[1].table.rows] == ["Thư", "Cổng"]
    assert len(found.parts[6].table.rows) == 5


def test_where_more_are_counted_than_are_listed_it_says_so():
    found = paper("u1", BEFORE, its=LISTED[:2])

    assert found.parts[6].lines == ("Liệt kê 2 trong 5 cảnh báo, chưa xử lý trước.",)


def test_what_is_lacking_comes_with_the_next_step():
    name = next(iter(KNOWN))
    systems = [one for one in DECLARATION.systems if one.unit == "u1"]
    lacking = unit._steps([type(systems[0])("S1", "Thư", "u1", "x", 3, "unmet", {name: "unmet"})], KNOWN)

    assert lacking.rows == ((1, "Thư", KNOWN[name].title.vi, "Chưa đạt", KNOWN[name].step.vi),)


def test_without_a_statement_of_the_last_day_nothing_is_said_of_systems():
    found = paper("u1", BEFORE, NOTHING, None, ())

    assert (found.parts[1].table, NO_DATA in found.parts[1].lines[0]) == (None, True)
