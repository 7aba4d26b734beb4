# SPDX-License-Identifier: Apache-2.0
from datetime import date

import pytest

from giamsat_collector.registry.record import System
from giamsat_collector.reports import form08
from giamsat_collector.reports.form08 import Dossier
from giamsat_collector.reports.overrides import Eased

SYSTEMS = {
    one.id: one for one in (System("S1", "Thư", "u1", 2), System("S2", "Cổng", "u2", 3), System("S3", "x", "u9", 3))
}
NAMES = {"u1": "Sở B", "u2": "Sở A"}
FULL = Dossier("S1", "UBND", "Đã được phê duyệt", "1/QĐ", "2/QĐ", "", "Đã triển khai đầy đủ", "", "Định kỳ")


def form(dossiers):
    return form08.compose(list(SYSTEMS.values()), NAMES, dossiers, as_of="14/12/2026", agency="")


def read(*lines):
    text = "\n".join(["id,owner,approval,deployment,assessment", *lines])
    return form08.read(text.encode(), "d.csv", SYSTEMS)


def test_every_system_is_a_row_of_twelve_cells_the_strictest_first():
    table = form({"S1": FULL}).parts[2].table

    assert (len(table.heads), {len(row) for row in table.rows}, sum(table.widths)) == (12, {12}, 257)
    assert table.widths[0] >= 3 * 3 + 3.8  # three capitals of 10 points, and a cell's margins: STT stands in one line
    assert [(row[0], row[1], row[3], row[4]) for row in table.rows] == [
        (1, "Cổng", "Sở A", 3),
        (2, "x", "u9", 3),
        (3, "Thư", "Sở B", 2),
    ]
    assert table.rows[2][5:] == ("Đã được phê duyệt", "1/QĐ", "2/QĐ", None, "Đã triển khai đầy đủ", None, "Định kỳ")


def test_what_nobody_said_is_blank_and_its_totals_are_left_to_fill_in():
    paper = form({})

    assert all(row[2] is None and set(row[5:]) == {None} for row in paper.parts[2].table.rows)
    totals = paper.parts[0].lines
    assert len(totals) == 7
    assert totals[0].endswith("thuộc phạm vi quản lý: 3;")
    assert all(line.rstrip(";").endswith(": …") for line in totals[1:])
    assert "để trống" in paper.notes[0]


def test_totals_count_what_dossiers_say_and_tell_of_how_many():
    others = {"S2": Dossier("S2", approval="Đã thẩm định", assessment="Định kỳ"), "S3": Dossier("S3", owner="UBND")}
    lines = form({"S1": FULL, **others}).parts[0].lines

    assert [line.rstrip(";").rpartition(": ")[2] for line in lines[:7]] == ["3", "…", "2", "2", "1", "1", "…"]
    assert "2/3 hệ thống" in lines[7]


def test_a_draft_is_not_yet_a_dossier():
    lines = form({one: Dossier(one, approval="Đang dự thảo") for one in SYSTEMS}).parts[0].lines

    assert lines[2].endswith(": 0;")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("S9,,,,", "id: 'S9' is not registered; 'giamsat-collector registry systems'"),
        ("S1,,Phê duyệt,,", "approval: 'Phê duyệt' is not one of Đang dự thảo"),
        ("S1,,,xong,", "deployment: 'xong' is not one of Chưa triển khai"),
        (f"S1,{'x' * 301},,,", "owner: "),
    ],
)
def test_a_dossier_that_is_not_right_is_named_by_line_and_column(line, said):
    _, problems = read("S2,UBND,,,", line)

    assert str(problems[0]).startswith(f"d.csv:3: {said}")


def test_a_dossier_is_what_its_line_says():
    dossiers, problems = read("S1,UBND,Đã thẩm định,Chưa triển khai,Trước khi đưa vào sử dụng; Định kỳ")

    assert not problems
    one = dossiers["S1"]
    assert (one.owner, one.approval, one.deployment) == ("UBND", "Đã thẩm định", "Chưa triển khai")


def test_systems_that_are_watched_by_less_are_named_below_with_the_document_and_its_last_day():
    def notes(eased):
        return form08.compose(list(SYSTEMS.values()), NAMES, {}, eased=eased, as_of="14/12/2026", agency="").notes

    one, other = Eased("S1", "12/QĐ", date(2027, 3, 31)), Eased("S9", "13/QĐ", date(2027, 3, 31))

    assert notes([]) == notes([other])
    assert notes([one, other])[-1].endswith("ngưỡng thấp hơn cấp độ: Thư: 12/QĐ, đến hết ngày 31/03/2027.")
    assert notes([one] * 23)[-1].endswith("; và 3 trường hợp khác.")
