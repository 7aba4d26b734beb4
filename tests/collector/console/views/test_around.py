# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from zoneinfo import ZoneInfo

from giamsat_collector.alerts import grouping
from giamsat_collector.archive.around import Around
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.around import AroundView
from giamsat_collector.registry.snapshot import Registry
from giamsat_wire.record import Event
from support.verdicts import PLACEMENT, verdict

SECOND = 10**9
READER = Reader(Languages().named("vi"), ZoneInfo("UTC"), 0)


def test_what_lies_within_the_time_of_the_alert_is_marked_and_what_lacks_is_said():
    alert = replace(grouping.opened(verdict(), PLACEMENT, 0), first_ns=100 * SECOND, last_ns=160 * SECOND)
    events = tuple((at * SECOND, Event(f"at-{at}", 0, 0)) for at in (90, 130, 170))
    view = AroundView.of(alert, Around(events, beyond=1_200, unread=2), (), Registry(), READER, minutes=5)

    assert [(line.event.headline if line.event else "alert", line.own) for line in view.lines] == [
        ("at-90", False),
        ("alert", True),
        ("at-130", True),
        ("at-170", False),
    ]
    assert [choice.text for choice in view.spans if choice.current] == ["±5 phút"]
    assert view.lacking == (
        "Còn 1.200 sự kiện xa hơn không hiện; hãy chọn khoảng ngắn hơn.",
        "2 khung không đọc được.",
    )
