# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.reports import tallies
from giamsat_collector.reports.document import NO_DATA
from support.reporting import DECLARATION, FIGURES, NOTHING


def test_alerts_are_counted_by_what_became_of_them():
    rows = {row[0]: row[1:] for row in tallies.alerts(FIGURES).rows}

    assert rows["Cao"] == (1, 3, 1, 0, 3)
    assert rows["Thấp"] == (0, 1, 0, 1, 0)
    assert rows["Tổng số"] == (1, 4, 1, 1, 3)


def test_systems_are_counted_by_level_and_state():
    rows = {row[0]: row[1:] for row in tallies.coverage(DECLARATION).rows}

    assert (rows["Cấp độ 3"], rows["Cấp độ 2"], rows["Cấp độ 5"]) == ((1, 0, 1, 0, 0), (1, 0, 0, 0, 1), (0,) * 5)
    assert rows["Tổng số"] == (2, 0, 1, 0, 1)


def test_without_a_statement_there_is_no_figure_not_even_zero():
    assert {cell for row in tallies.coverage(None).rows for cell in row[1:]} == {NO_DATA}


def test_nothing_lost_is_zero_and_nothing_known_is_no_data():
    assert tallies.lost(FIGURES)[0].endswith("sự kiện 7.")
    assert tallies.lost(NOTHING)[0].endswith("chưa có dữ liệu.")
