# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

from giamsat_collector.alerts.grouping import opened
from giamsat_collector.commands.one_incident import left, told
from giamsat_collector.incidents import shape
from giamsat_collector.incidents.incident import Change, Report, State
from giamsat_collector.incidents.search import Whole
from support.incidents import HOUR, incident, sent
from support.verdicts import PLACEMENT, verdict

ALERTS = tuple(opened(verdict(rule=f"r{at}", title_vi=f"\x1b[31mc{at}"), PLACEMENT, 1) for at in range(30))


def lines(one, **whole):
    parts = {"alerts": ALERTS[:1], "sent": (), "history": (), **whole}
    return list(told(shape.as_full_json(Whole(one, **parts), 170 * HOUR), UTC))


def test_what_is_known_is_told_line_by_line_and_moves_no_terminal():
    said = lines(incident(personal_data=True, cause="một\n\x1b[31mhai"), alerts=ALERTS)

    assert any("chưa rõ / not known" in line for line in said)
    assert said[said.index("  một") + 1].endswith("hai")
    assert not any("\x1b" in line for line in said)
    assert any("10 nữa / more" in line for line in said)
    assert any("đơn vị / unit" in line and "cấp / level 3" in line for line in said)


def test_nothing_owed_is_said_and_why():
    assert any("none is owed" in line for line in lines(incident()))


def test_to_whom_a_report_goes_stands_in_a_line_of_its_own():
    said = lines(incident(serious=True))

    assert sum("→ Lực lượng chuyên trách" in line for line in said) == 2
    assert not any("\n" in line for line in said)


def test_the_history_shows_old_and_new():
    row = Change(7, HOUR, "an", "change", State.OPEN, State.OPEN, {"serious": [False, True]}, "vì thế")

    assert "serious: False → True: vì thế" in lines(incident(), history=(row,))[-1]


def test_time_is_left_or_was_left_or_is_lacking():
    reports = {
        name: shape.as_full_json(Whole(incident(serious=True), (), its, ()), now * HOUR)["reports"][0]
        for name, its, now in (("due", (), 123), ("late", (), 126), ("sent", (sent(),), 500))
    }
    at_once = Whole(incident(interruption=True), (), (sent(Report.IMMEDIATE, 100 * HOUR + 90 * 60 * 10**9),), ())
    reports["at once"] = shape.as_full_json(at_once, 500 * HOUR)["reports"][0]

    assert {name: left(one) for name, one in reports.items()} == {
        "due": "còn / left 1 h 00 min",
        "late": "trễ / late 2 h 00 min",
        "at once": "1 h 30 min sau khi phát hiện / after detection",
        "sent": "trước hạn / early 14 h 00 min",
    }
