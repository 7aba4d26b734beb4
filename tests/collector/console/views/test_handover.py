# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.alerts.shift import Note, Shift
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.handover import HandoverView
from giamsat_collector.console.views.health import Health
from giamsat_collector.registry.snapshot import Registry

HOUR = 3600 * 10**9
READER = Reader(Languages().named("vi"), ZoneInfo("UTC"), 20 * HOUR)


def test_a_shift_is_counted_by_owner_and_by_what_was_done_in_the_order_of_an_alerts_life():
    open_ = {(None, "new"): 1_234, ("an", "waiting"): 2}
    note = Note("a1", "Dò mật khẩu", "Guessing", 19 * HOUR, "an", "resolve", "xong\u202e")
    found = Shift({2: 3, 1: 1}, {"resolve": 5, "acknowledge": 7, "note": 9}, open_, (), 0, (), 0, {}, (note,))
    view = HandoverView.of(found, Registry(), READER, hours=12, health=Health.of((), READER), troubled=0, ending=())

    assert (view.opened, [(mark.text, number) for mark, number in view.marks]) == ("4", [("P1", "1"), ("P2", "3")])
    assert view.done == (("Tiếp nhận", "7"), ("Đã xử lý", "5"))
    assert [(one.name, one.counts) for one in view.owners] == [
        ("", ("1.234", "0", "0", "0")),
        ("an", ("0", "0", "0", "2")),
    ]
    assert view.since.local == "08:00:00 01/01/1970"
    assert (view.notes[0].did, view.notes[0].address) == ("kết luận đã xử lý", "/alerts/a1")
    assert "\u202e" not in view.notes[0].note
