# SPDX-License-Identifier: Apache-2.0
"""Rules about the figures of devices fire from objects of their MIBs, as an agent reads them; values are made up."""

import pytest

from giamsat_agent.devices.interface_load import loads
from giamsat_agent.devices.poll import poll
from giamsat_agent.devices.poller import figures
from giamsat_agent.devices.reading import SYSTEM
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Subject
from giamsat_wire.record import SampleSet
from support.written import Written

MINUTE_NS = 60_000_000_000
NOW_NS = 1_795_449_600_000_000_000  # 23 November 2026, 16:00 UTC
POLLS = 35
IF, IF_X = ".1.3.6.1.2.1.2.2.1", ".1.3.6.1.2.1.31.1.1.1"
FORTINET, APC = ".1.3.6.1.4.1.12356.101", ".1.3.6.1.4.1.318.1.1.1"
PEER, NEIGHBOUR = ".1.3.6.1.2.1.15.3.1.2.192.0.2.9", ".1.3.6.1.2.1.14.10.1.6.192.0.2.9.0"
QUIET = {
    f"{IF}.1.1": 1,
    f"{IF}.2.1": b"port1",
    f"{IF}.5.1": 10_000_000,
    f"{IF}.7.1": 1,
    f"{IF}.8.1": 1,
    f"{IF_X}.1.1": b"port1",
    f"{FORTINET}.4.1.3.0": 9,
    f"{FORTINET}.4.1.4.0": 40,
    f"{FORTINET}.4.2.1.0": b"1.00(2026-11-23 06:00)",
    f"{FORTINET}.4.3.2.1.2.1": b"fan 1",
    f"{FORTINET}.4.3.2.1.4.1": 0,
    f"{FORTINET}.4.6.3.1.2.1.1.1": b"AntiVirus",
    f"{FORTINET}.4.6.3.1.2.1.2.1": b"Thu Dec 30 2027",
    f"{FORTINET}.9.2.1.1.3.1": 0,
    PEER: 6,
    NEIGHBOUR: 8,
    f"{APC}.2.2.1.0": 98,
    f"{APC}.2.2.2.0": 30,
}
"""What a firewall and a UPS say on a good day."""
STORIES = {
    "bgp_peer_down": lambda _: {PEER: 3},
    "device_interface_errors": lambda minute: {f"{IF}.11.1": minute * 1_000, f"{IF}.14.1": minute * 900},
    "device_interface_saturated": lambda minute: {f"{IF}.10.1": minute * 74_000_000},
    "device_licence_expires": lambda _: {f"{FORTINET}.4.6.3.1.2.1.2.1": b"Wed Nov 25 2026"},
    "device_memory_low": lambda _: {f"{FORTINET}.4.1.4.0": 99},
    "device_part_failed": lambda _: {f"{FORTINET}.4.3.2.1.4.1": 1},
    "device_processor_busy": lambda _: {f"{FORTINET}.4.1.3.0": 99},
    "device_signature_old": lambda _: {f"{FORTINET}.4.2.1.0": b"1.00(2026-08-01 06:00)"},
    "device_too_hot": lambda _: {f"{APC}.2.2.2.0": 95},
    "firewall_critical_intrusions": lambda minute: {f"{FORTINET}.9.2.1.1.3.1": minute},
    "ospf_neighbour_down": lambda _: {NEIGHBOUR: 1},
    "ups_charge_low": lambda _: {f"{APC}.2.2.1.0": 9},
}


@pytest.fixture(scope="module")
def rules():
    return load_rules(shipped().detections), load_pack(shipped().pack)


def raised(rules, changed):
    """The rules that half an hour of polls raises at level 5, each minute with some objects changed."""
    engine, subject, told, before = Engine(*rules), Subject("host", 5), set(), {}
    for minute in range(POLLS):
        at_ns, readings = NOW_NS + minute * MINUTE_NS, []
        for name, number in (("firewall", f"{FORTINET}.1.1006"), ("ups", f"{APC}.1")):
            about = {SYSTEM["sysDescr"]: b"", SYSTEM["sysObjectID"]: number, SYSTEM["sysUpTime"]: 6_000 * (minute + 9)}
            found = poll(Written(about | QUIET | changed(minute)))
            readings += figures(name, found, loads(before[name], found) if name in before else ())
            before[name] = found
        samples = SampleSet(at_ns, at_ns, tuple(readings))
        told |= {verdict.rule for verdict in engine.judge_samples(subject, samples) if verdict.change == "raised"}
    return told


@pytest.mark.parametrize("rule", STORIES)
def test_a_rule_fires_from_the_objects_it_is_about_and_no_other_does(rules, rule):
    assert raised(rules, STORIES[rule]) == {rule}


def test_on_a_good_day_none_fires(rules):
    assert raised(rules, lambda _: {}) == set()
