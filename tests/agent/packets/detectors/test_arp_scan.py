# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from giamsat_agent.packets.detectors.arp_scan import SWEPT, ArpScan
from support.capture import ARP, ICMP, IP, Ether, batches, classes, found, pcap

EVIL, HOST, ROUTER = "02:00:00:00:00:66", "02:00:00:00:00:05", "02:00:00:00:00:01"


def asks(target, mac=EVIL, ip="10.0.0.66"):
    return bytes(Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=mac, psrc=ip, pdst=target))


def says(ip, to, mac=EVIL):
    return bytes(Ether(src=mac, dst=HOST) / ARP(op=2, hwsrc=mac, psrc=ip, hwdst=HOST, pdst=to))


def test_address_after_address_asked_for_is_a_scan(tmp_path):
    (scan,) = found(pcap(tmp_path / "x", [(number * 0.01, asks(f"10.0.0.{number + 1}")) for number in range(SWEPT)]))

    assert (scan.name, scan.source_ip, scan.source_mac) == ("arp_scan", "10.0.0.66", EVIL)


def polls(count, down, *, turns=1):
    """Who asks for address after address, and speaks to each that is not down; then asks for those again."""
    frames = []
    for turn in range(turns):
        for number in range(count):
            at, host = 15 * turn + 0.03 * number, f"10.0.0.{number + 1}"
            if turn == 0 or number < down:
                frames.append((at, asks(host)))
            if number >= down:
                ping = IP(src="10.0.0.66", dst=host) / ICMP()
                frames.append((at + 0.01, bytes(Ether(src=EVIL, dst=HOST) / ping)))
    return [*sorted(frames, key=lambda one: one[0]), (15 * turns, says("10.0.0.1", "10.0.0.66"))]


@pytest.mark.parametrize("at_once", [1, 8, 1_000])
def test_who_asks_for_address_after_address_and_speaks_to_most_of_them_polls_them(tmp_path, at_once):
    def told(name, frames):
        detector = ArpScan()
        return [one for batch in batches(pcap(tmp_path / name, frames), at_once) for one in detector.take(batch)]

    assert told("x", polls(3 * SWEPT, 0)) == []
    assert told("y", polls(5 * SWEPT, SWEPT, turns=4)) == []
    assert {one.name for one in told("z", polls(3 * SWEPT, 3 * SWEPT))} == {"arp_scan"}


def test_a_router_that_asks_for_the_hosts_it_serves_is_none(tmp_path):
    frames = [(number, asks(f"10.0.0.{number % 60 + 1}", ROUTER, "10.0.0.1")) for number in range(120)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_busy_router_that_asks_for_hosts_that_live_is_none(tmp_path):
    hosts = random.Random(2).sample(range(2, 200), 2 * SWEPT)
    frames = [
        (number * 0.2 + part, raw)
        for number, host in enumerate(hosts)
        for part, raw in (
            (0, asks(f"10.0.0.{host}", ROUTER, "10.0.0.1")),
            (0.01, says(f"10.0.0.{host}", "10.0.0.1", f"02:00:00:00:01:{host:02x}")),
        )
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()
    assert classes(pcap(tmp_path / "y", frames[::2])) == {("arp_scan", "10.0.0.1")}
