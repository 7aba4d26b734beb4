# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.own_host import SELF
from giamsat_collector.silence.silences import DAY_NS, DEVICE_HOSTS, DEVICES, FALLS, SOURCES_PER_ASSET, Silences
from giamsat_rules.verdict import Subject
from giamsat_wire.record import Event
from support.clock import ManualClock
from support.judging import engine

SECOND = 10**9


class Places:
    """Every host stands in the unit its id begins with, at level 1."""

    def subject(self, asset, at_ns=None):
        return Subject(asset, 1, asset.partition("-")[0])


def silences(clock, *agents):
    fleet = Fleet(clock)
    for agent in agents:
        fleet.greeted(Greeting(agent, agent, "1", 15.0, 0, "b"))
    return Silences(Places(), fleet)


def told(found, clock):
    return [(one.rule, one.subject.asset, one.change) for one in found.judge(engine(), clock.wall_ns())]


def test_a_place_is_judged_before_its_hosts_and_the_centre_as_its_strictest_host_is():
    clock = ManualClock()
    found = silences(clock, "u-1", "u-2", "v-1", "w-1")

    clock.advance(60 * SECOND)
    assert told(found, clock) == [("centre_cut_off", SELF, "raised")], "level 1 would wait for four minutes"
    clock.advance(240 * SECOND)
    assert [asset for _, asset, _ in told(found, clock)] == [SELF, "u", "u-1", "u-2", "v-1", "w-1"]


def test_a_log_that_calls_itself_by_another_name_is_none():
    """Its name is a path the host tells: it shall neither be an agent, a unit nor the centre."""
    clock = ManualClock()
    found = silences(clock, "u-1")
    for name in ("agent", "unit", "centre", "/var/log/auth.log"):
        found.heard("u-1", name, clock.wall_ns())

    assert found.sources("u-1") == {"/var/log/auth.log": clock.wall_ns()}


def test_of_one_host_so_many_logs_are_watched_and_those_go_on_to_be():
    found = silences(ManualClock(), "u-1")
    for number in range(SOURCES_PER_ASSET + 5):
        found.heard("u-1", f"/log/{number}", number)
    found.heard("u-1", "/log/0", 99)

    assert len(found.sources("u-1")) == SOURCES_PER_ASSET
    assert found.sources("u-1")["/log/0"] == 99


def test_an_agent_may_tell_of_so_many_devices_and_hosts_and_no_more():
    found = silences(ManualClock(), "u-1")
    hosts = tuple(f"h{number}" for number in range(DEVICE_HOSTS + 5))
    for number in range(DEVICES + 5):
        fields = {"observer.name": f"sw{number}", "giamsat.device.hosts": hosts}
        found.device("u-1", Event("device-unreachable", 0, 0, fields), 0)
    found.device("u-1", Event("user-login", 0, 0, {"observer.name": "sw0"}), 0)

    devices = found._devices["u-1"]
    assert len(devices) == DEVICES
    assert {len(names) for _, names in devices.values()} == {DEVICE_HOSTS}
    found.device("u-1", Event("device-reachable", 0, 0, {"observer.name": "sw0"}), 0)
    assert "sw0" not in devices


def test_an_agent_cannot_hide_a_host_of_its_unit_by_telling_of_a_device_each_time_it_falls():
    """An agent that was taken over tells of a switch there is not, whenever another host is shut off."""
    clock = ManualClock()
    found, rules = silences(clock, "u-1", "u-2"), engine()

    def behind(passed_s):
        """What the other host stands behind, a minute after it was heard last and the switch told of."""
        clock.advance(passed_s * SECOND)
        found.fleet.heard("u-2", clock.wall_ns())
        fields = {"observer.name": "sw", "giamsat.device.hosts": ("u-2",)}
        found.device("u-1", Event("device-unreachable", 0, 0, fields), clock.wall_ns())
        clock.advance(60 * SECOND)
        found.fleet.heard("u-1", clock.wall_ns())
        for _ in range(9):
            list(found.judge(rules, clock.wall_ns()))
        return found.behind_devices.get("u-2")

    assert [behind(3_600) for _ in range(5)] == ["u-1"] * FALLS + [None] * 2
    assert behind(DAY_NS // SECOND) == "u-1", "tomorrow it is believed again"
