# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.availability.minutes import Span, Tally
from giamsat_collector.availability.month import Availability, Month
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.availability import AvailabilityView
from giamsat_collector.registry.snapshot import Registry


def shown(**systems):
    reader = Reader(Languages().named("vi"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
    found = Month("2026-10", Span(0, 9), {name: Availability(name, one, {}, ()) for name, one in systems.items()})
    return {row.system: row for row in AvailabilityView.of(found, Registry(), reader).rows}


def test_almost_all_is_not_all_and_nothing_known_stands_first():
    rows = shown(all=Tally(9, 0, 0, 0), almost=Tally(999_999, 1, 0, 0), none=Tally(0, 0, 9, 0), bad=Tally(1, 1, 0, 61))

    assert [*rows] == ["none", "bad", "almost", "all"]
    assert [row.available for row in rows.values()] == ["chưa có dữ liệu", "50,000 %", "99,999 %", "100 %"]
    assert [row.state for row in rows.values()] == ["unknown", "unmet", "met", "met"]
    assert rows["bad"].maintenance == "1:01"
