# SPDX-License-Identifier: Apache-2.0
import time

from giamsat_agent.sensors.time_of_day import TimeOfDay
from support.pretend_host import pretend_host, reading


def test_the_hosts_clock_is_reported():
    assert reading(TimeOfDay(pretend_host()))["node_time_seconds",] == 1_700_000_000


def test_the_clocksources_are_told_by_labels():
    series = reading(TimeOfDay(pretend_host()))

    available = [key[1] for key in series if key[0] == "node_time_clocksource_available_info"]
    assert available == ["kvm-clock", "tsc", "acpi_pm"]
    assert series["node_time_clocksource_current_info", "kvm-clock", "0"] == 1


def test_the_time_zone_is_told_by_its_offset_from_utc(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "NPT-5:45")
        time.tzset()
        series = reading(TimeOfDay(pretend_host()))
    time.tzset()

    assert series["node_time_zone_offset_seconds", "NPT"] == 20_700
