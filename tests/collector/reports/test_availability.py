# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.availability.minutes import Outage, Tally
from giamsat_collector.reports import availability
from giamsat_collector.reports.document import NO_DATA
from support.reporting import AFTER, BEFORE, NOVEMBER, OCTOBER, UNCHECKED
from support.reporting import available as months

GOOD = Tally(44_640, 0, 0, 0)
BAD = Tally(43_000, 80, 0, 120, (Outage(OCTOBER + 44_640, 60), Outage(OCTOBER + 60_000, 20)))
SILENT = Tally(0, 0, 43_200, 0)
SYSTEMS = AFTER.history.standing(AFTER.at_ns).systems


def test_every_checked_system_has_its_months_and_their_sum_the_worst_first():
    part = availability.by_month("6.", months(S1=(GOOD, BAD), S2=(None, SILENT)), AFTER, SYSTEMS)

    assert part.table.heads[4:7] == ("Tháng 10 (%)", "Tháng 11 (%)", "Cả kỳ (%)")
    assert part.table.rows == (
        (1, "Cổng", "Xã u2", 2, "–", NO_DATA, NO_DATA, "0:00", "720:00", "0:00"),
        (2, "Thư", "Xã u2", 3, "100", "99,814", "99,908", "1:20", "0:00", "2:00"),
    )
    assert sum(part.table.widths) <= 257
    assert "2/2" in part.lines[1]


def test_when_nothing_was_checked_the_report_says_so_and_gives_no_figure():
    for part in (
        availability.by_month("6.", UNCHECKED, AFTER, SYSTEMS),
        availability.of_unit("4.", UNCHECKED, SYSTEMS.values()),
        availability.outages("5.", UNCHECKED, SYSTEMS.values(), NOVEMBER),
    ):
        assert part.table is None
        assert NO_DATA in part.lines[0]


def test_a_unit_reads_of_its_own_systems():
    ours = [one for one in BEFORE.history.standing(BEFORE.at_ns).systems.values() if one.unit == "u1"]

    part = availability.of_unit("4.", months(S1=(None, BAD), S2=(None, SILENT)), ours)

    assert part.table.rows == ((1, "Thư", 3, "99,814", "1:20", "0:00", "2:00", 2),)


def test_outages_and_maintenance_stand_in_their_order_and_what_was_declared_late_says_so():
    part = availability.outages("5.", months(S1=(None, BAD)), SYSTEMS.values(), NOVEMBER)

    assert [row[1:] for row in part.table.rows] == [
        ("00:00 01/11/2026", "Thư", "Bảo trì", "2:00", "nâng cấp (khai báo sau khi bắt đầu)"),
        ("00:00 01/11/2026", "Thư", "Ngừng", "1:00", ""),
        ("16:00 11/11/2026", "Thư", "Ngừng", "0:20", ""),
    ]
    assert availability.outages("5.", months(S1=(None, GOOD)), [SYSTEMS["S2"]], NOVEMBER).table is None


def test_what_is_left_out_of_a_long_list_is_counted():
    many = Tally(0, 300, 0, 0, tuple(Outage(OCTOBER + 44_640 + 2 * number, 1) for number in range(150)))

    part = availability.outages("5.", months(S2=(None, many)), SYSTEMS.values(), NOVEMBER)

    assert (len(part.table.rows), part.lines) == (100, ("Liệt kê 100 lần đầu, còn 50 lần nữa.",))
