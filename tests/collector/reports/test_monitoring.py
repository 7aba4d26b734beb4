# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.reports import monitoring
from giamsat_collector.reports.document import NO_DATA
from support.reporting import AFTER, BEFORE, DECLARATION, FIGURES, NOTHING, NOVEMBER, said


def units(scope, figures=FIGURES, declaration=DECLARATION):
    table = monitoring.compose(NOVEMBER, scope, said(figures, declaration), "").parts[6].table
    return [row[1:] for row in table.rows]


def test_each_unit_has_its_hosts_systems_and_alerts_as_of_then():
    assert units(BEFORE) == [
        ("Xã u1", 1, 0, 1, 0, 0, 4, 3),
        ("Xã u2", 0, 0, 0, 0, 1, NO_DATA, NO_DATA),
    ]


def test_or_mapped_to_the_units_that_took_over():
    assert units(AFTER) == [("Xã u2", 1, 0, 1, 0, 1, 4, 3)]


def test_where_nothing_was_received_nothing_is_counted():
    paper = monitoring.compose(NOVEMBER, AFTER, said(NOTHING, None), "")

    assert paper.parts[2].table is None
    assert NO_DATA in paper.parts[2].lines[0]
    assert NO_DATA in paper.parts[0].lines[2]
    assert units(AFTER, NOTHING, None) == []


def test_the_report_says_what_it_is_about():
    paper = monitoring.compose(NOVEMBER, AFTER, said(), "SỞ KHOA HỌC VÀ CÔNG NGHỆ")

    assert (paper.agency, paper.title[-17:]) == ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", "THÁNG 11 NĂM 2026")
    assert paper.parts[0].lines[1].startswith("- Số đơn vị: 2; số đơn vị có máy chủ hoặc thiết bị được giám sát: 1")
    assert paper.parts[3].table.rows[0][1:] == ("Dò mật khẩu 1", 2)


def test_incidents_stand_at_the_end_also_where_there_were_none():
    part = monitoring.compose(NOVEMBER, AFTER, said(), "").parts[7]

    assert (part.heading, part.lines, part.table) == (
        "8. Sự cố an ninh mạng",
        ("Không có sự cố được mở trong kỳ.",),
        None,
    )
