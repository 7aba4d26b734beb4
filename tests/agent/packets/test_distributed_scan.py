# SPDX-License-Identifier: Apache-2.0
"""Who has many hosts scan a few ports each is told by the host that they scan."""

import random

import pytest

from giamsat_agent.packets.distributed_scan import PORTS, SOURCES
from support.capture import IP, TCP, classes, connection, found, frame, pcap

TARGET = "10.1.0.7"
ANYHOW = random.Random(1).choices(range(1_000), k=1_000)


def source(number):
    return f"203.0.113.{number + 1}"


def tries(count, *, sources, ports, pause_s=0.5, refused=False, order=range(1_000), first=1_000):
    """So many tries, of each source in turn at each port in this order."""
    frames = []
    for number in range(count):
        who, port, own = source(number % sources), first + order[number] % ports, 40_000 + number
        frames.append((number * pause_s, frame(IP(src=who, dst=TARGET), TCP(sport=own, dport=port, flags="S"))))
        if refused:
            back = frame(IP(src=TARGET, dst=who), TCP(sport=port, dport=own, flags="RA", ack=1))
            frames.append((number * pause_s + 0.01, back))
    return frames


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("sources", [SOURCES, 2 * PORTS])
def test_many_ports_of_a_host_that_many_try_once_or_twice_are_a_scan(tmp_path, sources, refused):
    told = found(pcap(tmp_path / "x", tries(2 * PORTS, sources=sources, ports=2 * PORTS, refused=refused)))

    assert {one.name for one in told} == {"scan_tcp_vertical"}
    assert {target.ip for one in told for target in one.targets} == {TARGET}
    assert max(one.counts["sources"] for one in told) >= SOURCES
    assert "a few ports each" in told[-1].words[1]
    assert told[-1].totals["ports"] >= PORTS


@pytest.mark.parametrize(
    "frames",
    [
        tries(PORTS - 1, sources=PORTS - 1, ports=PORTS - 1),
        tries(4 * PORTS, sources=SOURCES - 1, ports=4 * PORTS, pause_s=2),
        tries(4 * PORTS, sources=4 * PORTS, ports=PORTS // 2),
        tries(4 * PORTS, sources=4 * PORTS, ports=PORTS, pause_s=0.2, order=ANYHOW),
        tries(4 * PORTS, sources=4 * PORTS, ports=4 * PORTS, pause_s=3),
    ],
    ids=["one port too few", "few sources", "a few services", "services that each are tried often", "now and then"],
)
def test_what_many_try_at_a_public_address_is_none(tmp_path, frames):
    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_minute_of_many_is_found_among_hours_of_few(tmp_path):
    few = [(at * 200, raw) for at, (_, raw) in enumerate(tries(2 * PORTS, sources=9, ports=9, first=500))]
    many = [(at + 5_000, raw) for at, raw in tries(PORTS, sources=PORTS, ports=PORTS)]

    (told,) = found(pcap(tmp_path / "x", sorted(few + many)))

    assert (told.counts["sources"], told.totals["ports"]) == (PORTS, PORTS)


def test_those_whom_a_host_served_call_it_when_it_is_down_and_are_no_scanners(tmp_path):
    served = [
        one
        for number in range(2 * PORTS)
        for one in connection(source(number), TARGET, 1_000 + number, number * 0.1, sport=40_000 + number)
    ]
    down = [(at + 100, raw) for at, raw in tries(2 * PORTS, sources=2 * PORTS, ports=2 * PORTS)]

    assert classes(pcap(tmp_path / "x", served + down)) == set()
    assert {name for name, _ in classes(pcap(tmp_path / "y", down))} == {"scan_tcp_vertical"}
