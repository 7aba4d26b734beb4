# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.system import SystemView
from giamsat_collector.coverage.decide import Finding, State, SystemCoverage
from giamsat_collector.registry.record import System
from giamsat_rules.rule import Texts
from support.coverage import OBLIGATIONS

READER = Reader(Languages().named("vi"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
ROSTER = next(one for one in OBLIGATIONS if one.id == "monitor.around_the_clock")


def test_an_obligation_says_how_it_is_told_and_what_is_looked_at_and_has_a_step_only_while_one_is_due():
    findings = [
        Finding(ROSTER, "8.1.5.6", state, Texts("12/QĐ", "12/QĐ")) for state in (State.EQUIVALENT, State.UNKNOWN)
    ]
    system = System("VD 1/a", "Cổng", "u", 4)

    view = SystemView.of(SystemCoverage(system.id, 4, State.PARTLY, tuple(findings)), system, "Sở", READER)

    due, met = view.obligations
    assert (due.mode, due.evidence) == ("xác nhận bằng văn bản", ("quyết định hoặc lịch phân công trực 24/7",))
    assert ("coverage attest" in due.step, met.step) == (True, "")
    assert (met.state, met.state_code) == ("đạt bằng biện pháp tương đương", "met")
    assert view.refresh == "/coverage/VD%201%2Fa"
