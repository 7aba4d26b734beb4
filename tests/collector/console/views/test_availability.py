# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.availability.maintenance import Maintenance
from giamsat_collector.availability.minutes import Span, Tally
from giamsat_collector.availability.month import Availability, Month
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.availability import AvailabilityView, MaintenanceRow
from giamsat_collector.registry.snapshot import Registry


def shown(**systems):
    reader = Reader(Languages().named("vi"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
    found = Month("2026-10", Span(0, 9), {name: Availability(name, one, {}, ()) for name, one in systems.items()})
    return {row.system: row for row in AvailabilityView.of(found, (), "an", Registry(), reader).rows}


def test_almost_all_is_not_all_and_nothing_known_stands_first():
    rows = shown(all=Tally(9, 0, 0, 0), almost=Tally(999_999, 1, 0, 0), none=Tally(0, 0, 9, 0), bad=Tally(1, 1, 0, 61))

    assert [*rows] == ["none", "bad", "almost", "all"]
    assert [row.available for row in rows.values()] == ["chưa có dữ liệu", "50,000 %", "99,999 %", "100 %"]
    assert [row.state for row in rows.values()] == ["unknown", "unmet", "met", "met"]
    assert rows["bad"].maintenance == "1:01"


@pytest.mark.parametrize(
    ("user", "second", "asks"), [("bình", None, True), ("An", None, False), ("bình", "chi", False)]
)
def test_whoever_declared_a_maintenance_is_not_asked_to_agree_and_nobody_is_twice(user, second, asks):
    reader = Reader(Languages().named("vi"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
    one = Maintenance(1, "HT-9999", 1, 2, "\u202exyz", "an", 0, None, None, second, None)

    row = MaintenanceRow.of(one, user, Registry(), reader)

    assert row.asks is asks
    assert "\u202e" not in row.reason
