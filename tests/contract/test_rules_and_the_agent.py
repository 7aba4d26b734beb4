# SPDX-License-Identifier: Apache-2.0
"""What the agent notices itself, of its host, devices, checks and networks, makes the rules about it fire."""

from dataclasses import replace
from datetime import UTC
from types import SimpleNamespace

import pytest

from giamsat_agent import ecs
from giamsat_agent.check import Failure
from giamsat_agent.check_runner import Checked, Result, figures
from giamsat_agent.check_settings import CheckSettings
from giamsat_agent.devices.changes import Changes
from giamsat_agent.devices.intake import Intake
from giamsat_agent.devices.poll import Polled
from giamsat_agent.devices.ports import Arrival
from giamsat_agent.packets.anomaly import Anomaly, Kind, Severity, Target
from giamsat_agent.packets.telling import anomaly_event, sighting_event
from giamsat_agent.packets.telling.report import Sighted, found
from giamsat_agent.sensor import Host
from giamsat_agent.sensors.clock_jump import ClockJump
from giamsat_agent.sensors.system_log import SystemLog
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject
from giamsat_wire.record import Sample, SampleSet
from support.checking import settings
from support.clock import ManualClock

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
NIGHT_NS = 1_795_449_600 * SECOND_NS  # 23 November 2026, 23:00 in Viet Nam
SWITCH = Polled("192.0.2.1:161", "ios", "Cisco", "C2960", "15.2", "FOC1", ".1.3.6.1.4.1.9.1.1", (), ())
PORT = (("ifIndex", "1"), ("ifName", "Gi0/1"))


def kinds_of_checks(settings=CheckSettings):
    """What can be checked, as it stands in agent.toml."""
    below = settings.__subclasses__()
    return {kind for one in below for kind in kinds_of_checks(one)} or {settings.__struct_config__.tag}


@pytest.fixture(scope="module")
def shipped_rules():
    return load_rules(shipped().detections), load_pack(shipped().pack)


@pytest.fixture
def fired(shipped_rules):
    """A function that gives the rules that events raise at level 5."""
    engine = Engine(*shipped_rules)

    def fired(events):
        subject = Subject("host", 5, unit="unit")
        verdicts = [one for event in events for one in engine.judge(Occurrence(subject, event.wall_ns, event.fields))]
        return {verdict.rule for verdict in (*verdicts, *engine.settle())}

    return fired


def polls(*found, every_ns=60 * SECOND_NS):
    """The events of one poll of a switch after the other; None is one that failed."""
    changes, events = Changes("sw1"), []
    for number, one in enumerate(found):
        at = {"wall_ns": NIGHT_NS + number * every_ns, "mono_ns": number}
        events += changes.failed("no answer", **at) if one is None else changes.polled(one, **at)
    return events


def switch(*, uptime=90_000, up=True, battery=0.0, **words):
    metrics = (
        Sample("sysUpTime", float(uptime)),
        Sample("ifAdminStatus", 1.0, PORT),
        Sample("ifOperStatus", 1.0 if up else 2.0, PORT),
        Sample("snmp_ups_on_battery", battery, (("object", "upsOutputSource"),)),
    )
    return replace(SWITCH, metrics=metrics, **words)


def test_what_polls_of_a_device_show(fired):
    assert "device_unreachable" in fired(polls(switch(), None, None, None))
    assert "device_restarted" in fired(polls(switch(), switch(uptime=100)))
    assert "ups_on_battery" in fired(polls(switch(), switch(battery=1.0)))
    assert {"configuration_changed", "configuration_changed_at_night"} <= fired(polls(switch(), switch(version="16")))
    assert {"device_interface_down", "device_interface_flapping"} <= fired(
        polls(*(switch(up=number % 2 == 0) for number in range(20)))
    )
    assert "configuration_changed_often" in fired(polls(*(switch(version=str(number)) for number in range(30))))


def test_only_who_told_that_an_interface_fell_tells_that_it_came_up(shipped_rules):
    engine, intake, subject = Engine(*shipped_rules), Intake(lambda _: UTC), Subject("host", 5)

    def sent(address, state):
        line = f"<189>Nov 23 16:00:01 sw1 : %LINK-3-UPDOWN: Interface Gi0/1, changed state to {state}".encode()
        return intake.take(address, line, wall_ns=NIGHT_NS, mono_ns=1)

    def groups(events, change):
        told = [one for event in events for one in engine.judge(Occurrence(subject, event.wall_ns, event.fields))]
        return [one.group for one in told if (one.rule, one.change) == ("device_interface_down", change)]

    (polled,) = groups(polls(switch(), switch(up=False)), "raised")
    (logged,) = groups(sent("192.0.2.1", "down"), "raised")
    (forged,) = groups(sent("192.0.2.66", "up"), "ended")

    assert forged not in (polled, logged)
    assert groups(sent("192.0.2.1", "up"), "ended") == [logged]
    assert groups(polls(switch(up=False), switch()), "ended") == [polled]


def test_an_address_that_comes_to_a_port(fired):
    arrivals = [Arrival("02:00:00:00:00:05", "Gi0/2", "Gi0/1")]

    assert "new_address_on_port" in fired(Changes("sw1").arrived(arrivals, wall_ns=NIGHT_NS, mono_ns=1))


def test_a_clock_that_was_set(fired):
    clock = ManualClock()
    sensor = ClockJump(Host(clock=clock))
    list(sensor.read())
    clock.jump(3_600 * SECOND_NS)

    assert "clock_set" in fired(sensor.read())


def test_a_log_that_can_no_longer_be_read(fired, tmp_path):
    (tmp_path / "var/log").mkdir(parents=True)
    (tmp_path / "var/log/auth.log").write_text("")
    clock = ManualClock()
    sensor = SystemLog(Host(clock=clock, root=tmp_path))
    events = [event for _ in range(2) for event in sensor.read()]
    (tmp_path / "var/log/auth.log").unlink()
    clock.advance(60 * SECOND_NS)
    reading = sensor.read()
    with pytest.raises(OSError, match=r"auth\.log"):
        events.extend(reading)
    sensor.close()

    assert "log_source_lost" in fired(events)


def test_a_check_whose_other_end_is_not_to_be_trusted(fired):
    checked = Checked(settings(name="portal", what="tls", target="192.0.2.1:443"), check=None)
    bad = Result(0.1, (), Failure.UNTRUSTED, "self-signed")
    events = [event for _ in range(3) for event in checked.take(bad, wall_ns=NIGHT_NS, mono_ns=1)]

    assert "certificate_not_trusted" in fired(events)


@pytest.mark.parametrize("what", sorted(kinds_of_checks()))
def test_of_every_kind_of_check_its_failure_is_told(shipped_rules, what):
    engine, told = Engine(*shipped_rules), set()
    its, bad = SimpleNamespace(name="it", what=what), Result(0.1, (), Failure.UNREACHABLE, "no answer")
    for minute in range(30):
        at_ns = NIGHT_NS + minute * 60 * SECOND_NS
        readings = SampleSet(at_ns, at_ns, tuple(figures(its, bad)))
        told |= {verdict.rule for verdict in engine.judge_samples(Subject("host", 5), readings)}

    assert len(told) == 1, "each kind has a rule of its own, and one failure is one alert"


def test_a_host_that_comes_to_a_network_when_its_hosts_are_known(fired):
    def seen(number, day):
        at_ns = NIGHT_NS + day * DAY_NS
        report = Sighted("eth0", f"02:00:00:00:00:{number:02x}", 0, (), "", "", (), at_ns, at_ns, fresh=True)
        return sighting_event.event(report, wall_ns=at_ns, mono_ns=1)

    assert "host_new_on_segment" not in fired([seen(number, 0) for number in range(5)])
    assert "host_new_on_segment" in fired([seen(5, 9)])


def test_a_service_and_a_connection_that_frames_show(fired):
    def shown(name, *, day, kind=Kind.ANOMALY, port=443, seconds=1, **counts):
        end_ns = NIGHT_NS + day * DAY_NS
        first_ns, targets = end_ns - seconds * SECOND_NS, [Target("192.0.2.80", port)]
        words = ("", "")
        anomaly = Anomaly(name, Severity.LOW, words, "192.0.2.7", first_ns, end_ns, targets, counts, kind=kind)
        return anomaly_event.event(found("eth0", anomaly), wall_ns=end_ns, mono_ns=1)

    first = [shown("listening_service", day=0, kind=Kind.POLICY, connections=1)]
    assert "new_service_on_the_wire" not in fired(first)
    assert "new_service_on_the_wire" in fired(
        [shown("listening_service", day=9, kind=Kind.POLICY, port=8080, connections=1)]
    )
    assert "long_connection_on_the_wire" in fired([shown("long_connection", day=9, seconds=30_000)])


def test_an_agent_that_begins_again_and_again_and_one_that_runs_restricted(fired):
    def told(kind, minute, **fields):
        return ecs.event(kind, wall_ns=NIGHT_NS + minute * 60 * SECOND_NS, mono_ns=minute, fields=fields)

    assert "agent_restarts_often" in fired([told("agent-started", minute) for minute in range(30)])
    assert "agent_restricted" in fired([told("agent-restricted", 0, **{"event.provider": "agent"})])


def test_a_host_that_sends_far_more_than_it_is_wont_to(fired):
    counts = {"megabytes": 900, "own_times": 30, "peers": 0}
    anomaly = Anomaly("upload_volume", Severity.LOW, ("", ""), "10.0.0.7", NIGHT_NS - 1, NIGHT_NS, [], counts)

    assert "upload_far_above_habit" in fired([anomaly_event.event(found("eth0", anomaly), wall_ns=NIGHT_NS, mono_ns=1)])
