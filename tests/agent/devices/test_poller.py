# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import json
import random
import socket
from collections import deque
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from giamsat_agent.config import Device as Settings
from giamsat_agent.devices import poller as asking
from giamsat_agent.devices import session
from giamsat_agent.devices.errors import SilentError
from giamsat_agent.devices.poll import Polled
from giamsat_agent.devices.poller import FIGURES, PORTS_FILE, Limited, Poller, figures
from giamsat_agent.devices.stations import ALL, BASE_PORT
from giamsat_wire.clock import SystemClock
from giamsat_wire.record import Sample
from support import snmp_agent
from support.clock import ManualClock


@pytest.fixture
def community(tmp_path):
    path = tmp_path / "community"
    path.write_text(snmp_agent.COMMUNITY)
    return str(path)


@contextlib.asynccontextmanager
async def running(*devices, state=Path("/nonexistent")):
    events = []
    poller = Poller(devices, clock=SystemClock(), rng=random.Random(1), deliver=events.extend, state=state)
    task = asyncio.ensure_future(poller.run())
    yield poller, events
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def until(happened):
    async with asyncio.timeout(60):
        while True:
            if happened():
                return
            await asyncio.sleep(0.05)


def values(poller):
    return {(sample.name, dict(sample.labels)["device"]): sample.value for sample in poller.samples()}


@pytest.mark.peer("snmpd")
async def test_a_device_is_read_while_another_is_silent(tmp_path, community):
    with snmp_agent.running(tmp_path) as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        deaf = f"127.0.0.1:{silent.getsockname()[1]}"
        devices = [
            Settings(name=name, address=address, community_file=community, interval_s=5, timeout_s=timeout_s)
            for name, address, timeout_s in (("sw1", f"127.0.0.1:{port}", 30), ("sw2", deaf, 0.3))
        ]
        async with running(*devices) as (poller, events):
            await until(lambda: values(poller).get(("snmp_up", "sw1")) == 1 and poller.problems())
            await until(lambda: len(events) > 1)
            found = values(poller)

    assert found[("ifHCInOctets", "sw1")] >= 0
    assert found[("snmp_device_info", "sw1")] == 1
    assert found[("snmp_up", "sw2")] == 0
    assert list(poller.problems()) == ["device sw2"]
    assert {(event.kind, event.fields["observer.name"]) for event in events} == {
        ("device-reachable", "sw1"),
        ("device-unreachable", "sw2"),
    }


def test_a_dead_uplink_is_one_event_that_names_those_behind_it(tmp_path):
    events = []
    ways = {"gw": "", "sw1": "gw", "ap1": "sw1"}
    devices = [
        Settings(name=name, address="192.0.2.1", community_file="c", behind=way, hosts=(f"host-{name}",))
        for name, way in ways.items()
    ]
    poller = Poller(devices, clock=SystemClock(), rng=random.Random(1), deliver=events.extend, state=tmp_path)
    for _ in range(3):
        for target in poller._targets:
            poller._failed(target, "silence")

    assert [(event.kind, event.fields["observer.name"]) for event in events] == [("device-unreachable", "gw")]
    assert events[0].fields["giamsat.device.behind"] == "sw1, ap1"
    assert events[0].fields["giamsat.device.hosts"] == ("host-gw", "host-sw1", "host-ap1")
    assert len(poller.problems()) == 3, "each is shown all the same"


@pytest.mark.peer("snmpd")
async def test_an_address_that_is_new_on_a_port_of_a_real_agent_is_told_and_remembered(tmp_path, community):
    fdb = {f"{ALL}.0.27.23.0.11.{last}": 7 for last in (12, 13)} | {f"{BASE_PORT}.7": 1}
    known = {"known": {"00:1B:17:00:0B:0C": ["lo"]}, "trunks": [], "learned": True}
    (tmp_path / PORTS_FILE).write_text(json.dumps({"sw1": known}))
    with snmp_agent.running(tmp_path, objects=fdb) as port:
        its = Settings(
            name="sw1", address=f"127.0.0.1:{port}", community_file=community, watch_ports=True, interval_s=5
        )
        async with running(its, state=tmp_path) as (poller, events):
            await until(lambda: len(events) > 1 or poller.problems())

    reachable, event = events
    assert (reachable.kind, event.kind) == ("device-reachable", "configuration-changed")
    assert (event.fields["giamsat.device.changed"], event.fields["source.mac"]) == ("mac", "00:1B:17:00:0B:0D")
    assert event.fields["observer.ingress.interface.name"] == "lo"
    kept = json.loads((tmp_path / PORTS_FILE).read_text())["sw1"]
    assert kept["known"] == {"00:1B:17:00:0B:0C": ["lo"], "00:1B:17:00:0B:0D": ["lo"]}


async def test_what_is_known_of_ports_is_written_at_an_orderly_stop(tmp_path, community):
    its = Settings(name="sw1", address="127.0.0.1:1", community_file=community, watch_ports=True, interval_s=5)
    async with running(its, state=tmp_path) as (poller, _):
        await asyncio.sleep(0)
        poller._by_name["sw1"].ports.seen({"00:1B:17:00:0B:0C": "lo"}, mono_ns=0)

    assert json.loads((tmp_path / PORTS_FILE).read_text())["sw1"]["known"] == {"00:1B:17:00:0B:0C": ["lo"]}


async def test_without_a_switch_to_watch_nothing_is_written(tmp_path, community):
    async with running(Settings(name="sw1", address="127.0.0.1:1", community_file=community), state=tmp_path):
        await asyncio.sleep(0)

    assert not (tmp_path / PORTS_FILE).exists()


@pytest.mark.peer("snmpd")
async def test_a_device_that_shows_no_forwarding_table_says_how_to_stop_asking(tmp_path, community):
    with snmp_agent.running(tmp_path) as port:
        its = Settings(
            name="sw1", address=f"127.0.0.1:{port}", community_file=community, watch_ports=True, interval_s=5
        )
        async with running(its, state=tmp_path) as (poller, _):
            await until(poller.problems)

    assert poller.problems() == {
        "ports of sw1": "it shows no forwarding table (BRIDGE-MIB, Q-BRIDGE-MIB); set watch_ports = false"
    }


@pytest.mark.peer("snmpd")
async def test_whatever_one_device_brings_about_the_others_are_asked_on(tmp_path, community, monkeypatch):
    def opened(its):
        return {}["sw1"] if its.name == "sw1" else session.opened(its)

    def shown(name, *about):
        return {}["sw2"] if name == "sw2" else figures(name, *about)

    monkeypatch.setattr(asking, "opened", opened)
    monkeypatch.setattr(asking, "figures", shown)
    with snmp_agent.running(tmp_path) as port, capture_logs() as logged:
        devices = [
            Settings(name=name, address=f"127.0.0.1:{port}", community_file=community, interval_s=1)
            for name in ("sw1", "sw2", "sw3")
        ]
        async with running(*devices) as (poller, events):
            await until(lambda: all(target.failures > 1 for target in poller._targets[:2]))
            await until(lambda: values(poller).get(("snmp_up", "sw3")) == 1)
            found = poller.problems()

    assert found == {
        "device sw1": "it cannot be read: KeyError: 'sw1'",
        "device sw2": "it cannot be read: KeyError: 'sw2'",
    }
    assert sorted(line["device"] for line in logged if line["event"] == "device_not_polled") == ["sw1", "sw2"]
    assert {event.kind: event.fields["observer.name"] for event in events if event.fields["observer.name"] > "sw2"} == {
        "device-reachable": "sw3"
    }
    silent = sorted(event.fields["observer.name"] for event in events if event.kind == "device-unreachable")
    assert silent == ["sw1", "sw2"]


async def test_a_secret_that_cannot_be_read_is_that_device_s_problem(tmp_path):
    device = Settings(name="sw1", address="127.0.0.1", community_file=str(tmp_path / "none"), interval_s=5)
    async with running(device) as (poller, _):
        await until(poller.problems)

    assert "cannot be read" in poller.problems()["device sw1"]


def test_a_device_without_an_end_is_left_when_its_time_is_over():
    clock = ManualClock()

    class Endless:
        address = "192.0.2.1:161"

        def walk(self, oid):
            number = 0
            while True:
                number += 1
                clock.advance(1_000_000)
                yield [(str(number), number)]

    endless = Limited(Endless(), clock, clock.mono_ns() + 50_000_000).walk(".1")
    with pytest.raises(SilentError, match="its time was over"):
        deque(endless, maxlen=0)


def test_figures_are_bounded_and_what_the_device_is_stands_before_them():
    metrics = tuple(Sample("ifInOctets", float(n), (("ifIndex", str(n)),)) for n in range(FIGURES + 50))
    found = Polled("a", "ios", "Cisco", "C2960", "15.2", "FOC1", "", metrics, ())

    info, *rest = figures("sw1", found)

    assert dict(info.labels) == {
        "device": "sw1",
        "hardware": "C2960",
        "os": "ios",
        "serial": "FOC1",
        "vendor": "Cisco",
        "version": "15.2",
    }
    assert tuple(rest) == metrics[:FIGURES]
