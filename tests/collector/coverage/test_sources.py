# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.coverage.sources import MINUTE_NS, STEPS, Condition, Source, is_log, step_of

NOW = 500 * MINUTE_NS
FINE = {"up": True, "heard_ns": NOW, "spooled": 0, "lacking": 0, "throttled": 0}


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        ({}, Condition.FLOWING),
        ({"up": None}, Condition.FLOWING),
        ({"heard_ns": NOW - 61 * MINUTE_NS}, Condition.QUIET),
        ({"heard_ns": None}, Condition.QUIET),
        ({"spooled": 1}, Condition.WAITING),
        ({"spooled": 1, "throttled": 1}, Condition.THROTTLED),
        ({"throttled": 1, "lacking": 1}, Condition.LOSING),
        ({"lacking": 1, "up": False}, Condition.STOPPED),
    ],
)
def test_a_source_is_as_its_worst_trouble(change, condition):
    assert Source(**(FINE | change)).condition(NOW) is condition


def test_there_is_a_next_step_for_every_trouble_and_for_nothing_else():
    assert set(STEPS) == set(Condition) - {Condition.FLOWING, Condition.QUIET}
    assert "devices poll" in step_of("snmp lõi", Condition.STOPPED).en
    assert "giamsat-capture" in step_of("packets eth0", Condition.STOPPED).en
    assert "doctor" in step_of("/var/log/auth.log", Condition.STOPPED).en


@pytest.mark.parametrize(
    ("source", "found"), [("/var/log/syslog", True), ("journald", True), ("syslog 192.0.2.1", False)]
)
def test_logs_of_the_host_itself_are_told_from_those_of_others(source, found):
    assert is_log(source) is found
