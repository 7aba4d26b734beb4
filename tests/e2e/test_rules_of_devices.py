# SPDX-License-Identifier: Apache-2.0
"""Rules about network devices fire from a real snmpd, whose cables are pulled and whose interfaces carry too much."""

import random
import socket
import subprocess
import time

import pytest

from giamsat_agent.config import Device as Settings
from giamsat_agent.devices.poller import Poller
from giamsat_agent.devices.stations import ALL, BASE_PORT
from giamsat_rules.engine import Engine
from giamsat_rules.verdict import Occurrence, Subject
from support import lasting, snmp_agent
from support.clock import ManualClock
from support.lab import lab
from support.peers import program
from support.routing import CLIENT, SERVER, routing
from support.until import holds

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip", "snmpd")]
HOUR_NS, DAY_NS = 3_600 * 10**9, 86_400 * 10**9
SHORT = bytes.fromhex("0800000000000700 020000000001 020000000002 0800 45")
"""What is left of a packet in a tunnel: the tunnel's own header, that of the frame, and no more."""
FRAME = bytes.fromhex("ffffffffffff 020000000002 0800") + bytes(1_000)
FRAMES, HARMED, CHANGES, FALLS = 600, 150, 20, 3
SETTINGS = "rwcommunity test 127.0.0.1\ninterface {device} 6 100000\n"
"""Its administrator says that the interface is one of 100 kbit/s."""
LOOKS_EACH_TIME = (".1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2", "i", "0")
"""nsCacheTimeout of ifTable."""
ILL = {
    "device_interface_errors": "ill",
    "device_interface_saturated": "ill",
    "device_memory_low": "full",
    "device_processor_busy": "full",
}
FULL = {
    "1.3.6.1.2.1.25.2.3.1.2.9": 2,
    "1.3.6.1.2.1.25.2.3.1.3.9": "Physical Memory",
    "1.3.6.1.2.1.25.2.3.1.4.9": 1024,
    "1.3.6.1.2.1.25.2.3.1.5.9": 1000,
    "1.3.6.1.2.1.25.2.3.1.6.9": 990,
    "1.3.6.1.2.1.25.3.3.1.2.9": 99,
}
"""HOST-RESOURCES-MIB of a device that is full and busy."""
TEN_IN_THE_EVENING_NS = 1_700_000_000_000_000_000 // DAY_NS * DAY_NS + 15 * HOUR_NS
"""In Vietnam."""


class Device:
    """One switch that is asked as the agent asks it, by a clock of the test's own; what the rules say of it."""

    def __init__(self, its, state, shipped):
        self.clock, self._engine = ManualClock(wall_ns=TEN_IN_THE_EVENING_NS), Engine(*shipped)
        self._poller = Poller([its], clock=self.clock, rng=random.Random(1), deliver=self._take, state=state)
        (self._target,) = self._poller._targets
        self._told = set()

    def _take(self, events):
        for event in events:
            judged = self._engine.judge(Occurrence(Subject("host", 5), event.wall_ns, event.fields))
            self._told |= {verdict.rule for verdict in judged if verdict.change == "raised"}

    def polled(self, after_s=1):
        """Ask it once; its figures."""
        self.clock.advance(after_s * 10**9)
        found, stations = self._poller._ask(self._target)
        self._poller._answered(self._target, found, self.clock.mono_ns())
        self._poller._looked_at_ports(self._target, stations)
        return list(self._poller.samples())

    def shows(self, figure, value, **labels):
        """Ask it until a figure has this value, each time as if it were asked for the first time what it has."""

        def claim():
            self._target.session = None
            return any(
                (one.name, one.value) == (figure, value) and labels.items() <= dict(one.labels).items()
                for one in self.polled()
            )

        holds(claim, 20, f"{figure} is {value}")

    def told(self):
        """What was told since it was asked for last."""
        told, self._told = self._told, set()
        return told


@pytest.fixture
def community(tmp_path):
    (tmp_path / "community").write_text(snmp_agent.COMMUNITY)
    return str(tmp_path / "community")


def link(pair, host, device, *state):
    pair.run(host, "ip", "link", "set", device, *state)


def harmed_and_full(pair):
    """A tunnel brings nothing whole, and the cable carries as much as it can."""
    tunnel = ("type", "vxlan", "id", "7", "dstport", "4789", "local", SERVER, "remote", CLIENT)
    pair.run(pair.here, "ip", "link", "add", "gs-tunnel", *tunnel)
    link(pair, pair.here, "gs-tunnel", "up")
    for host, name, own in ((pair.here, pair.watched, SERVER), (pair.there, pair.other, CLIENT)):
        pair.run(host, "ip", "address", "add", f"{own}/24", "dev", name)
    yield
    pair.send([FRAME] * FRAMES)
    with pair.inside(pair.there), socket.socket(type=socket.SOCK_DGRAM) as other:
        for _ in range(HARMED):
            other.sendto(SHORT, (SERVER, 4789))
    time.sleep(1.1)  # less time between two polls says nothing
    yield


@pytest.mark.peer("snmpset")
def test_a_switch_that_is_worked_on_at_night_whose_cable_is_loose_and_that_is_started_anew(
    tmp_path, community, shipped_rules
):
    with lab() as pair, pair.inside():
        index, more = socket.if_nametoindex(pair.watched), SETTINGS.format(device=pair.watched)

        def running(addresses, port=None, objects=()):
            bridge = {f"{ALL}.0.27.23.0.11.{last}": 7 for last in addresses} | {f"{BASE_PORT}.7": index}
            return snmp_agent.running(tmp_path, port=port, objects=bridge | dict(objects), more=more)

        with running([1]) as port:
            address = f"127.0.0.1:{port}"
            words = [program("snmpset"), "-v2c", "-c", "test", address, *LOOKS_EACH_TIME]
            subprocess.run(words, check=True, capture_output=True)
            its = Settings(name="sw1", address=address, community_file=community, watch_ports=True, timeout_s=60)
            device = Device(its, tmp_path, shipped_rules)
            device.shows("ifOperStatus", 1, ifName=pair.watched)
            for state, number in (("down", 2), ("up", 1)) * FALLS:
                link(pair, pair.there, pair.other, state)
                device.shows("ifOperStatus", number, ifName=pair.watched)
            fell = device.told()
            for state in ("down", "up") * (CHANGES // 2):
                link(pair, pair.here, pair.watched, state)
                device.polled()
            changed = device.told()
            well, harm = device.polled(), harmed_and_full(pair)
            next(harm)
            device.polled()
            next(harm)
            ill = device.polled()
            device.polled(3_600)
        with running([1, 2], port, FULL):
            full = device.polled()

    assert fell == {"device_interface_down", "device_interface_flapping"}
    assert changed == {"configuration_changed", "configuration_changed_at_night", "configuration_changed_often"}
    assert {"device_restarted", "new_address_on_port"} <= device.told()
    for rule, readings in ILL.items():
        assert lasting.told(shipped_rules, rule, well, {"ill": ill, "full": full}[readings]), rule
        assert not lasting.told(shipped_rules, rule, well, well), rule


@pytest.mark.peer("bgpd", "ospfd", "zebra", "frr-snmp", "iptables")
def test_a_router_whose_neighbours_do_not_hear_it(tmp_path, community, shipped_rules):
    with lab() as pair, routing(tmp_path, pair) as port, pair.inside():
        its = Settings(name="r1", address=f"127.0.0.1:{port}", community_file=community, timeout_s=60)
        device = Device(its, tmp_path, shipped_rules)
        device.shows("ospfNbrState", 3, ospfNbrRtrId=CLIENT)
        device.shows("bgpPeerState", 3, bgpPeerRemoteAs="65002")
        figures = device.polled()

    for rule in ("ospf_neighbour_down", "bgp_peer_down"):
        assert lasting.told(shipped_rules, rule, figures, figures), rule
