# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.refusing import PAIRS, RefusedPorts
from giamsat_agent.packets.scanning import PORTS_A_MINUTE
from support.capture import ATTACKER, CLIENT, IP, SERVER, TCP, VICTIM, classes, found, frame, pcap, retained


def refuses(port, number=0, *, target=VICTIM, who=ATTACKER, own=55_555):
    """A host refuses another one, at a port."""
    return frame(IP(src=target, dst=who), TCP(sport=port, dport=own, flags="RA", seq=number))


def at(every_s, raws):
    return [(number * every_s, raw) for number, raw in enumerate(raws)]


def test_one_host_that_refuses_another_at_port_after_port_shows_a_scan_that_is_not_seen(tmp_path):
    (told,) = found(pcap(tmp_path / "x", at(0.1, [refuses(port) for port in range(100, 100 + PORTS_A_MINUTE)])))

    assert (told.name, told.source_ip, told.targets[0].ip) == ("scan_tcp_vertical", ATTACKER, VICTIM)
    assert told.totals["ports"] == PORTS_A_MINUTE


@pytest.mark.parametrize(
    "frames",
    [
        at(0.1, [refuses(port) for port in range(100, 99 + PORTS_A_MINUTE)]),
        at(10, [refuses(port) for port in range(100, 140)]),
        at(0.1, [refuses(40_000 + n, 77, target=CLIENT, who=SERVER, own=443) for n in range(60)]),
        at(0.1, [refuses(80, who=f"10.0.{n}.9") for n in range(60)]),
        at(0.1, [refuses(1_000 + n, who=f"10.0.{n % 9}.{n}") for n in range(200)]),
        at(0.1, [refuses(80, own=40_000 + n) for n in range(60)]),
    ],
    ids=[
        "fewer than the floor",
        "one by one",
        "a browser that gives up",
        "somebody else's flood",
        "a flood of ports in many names",
        "one service that is down",
    ],
)
def test_resets_that_are_no_answers_to_a_scan_are_none(tmp_path, frames):
    assert classes(pcap(tmp_path / "x", frames)) == set()


@pytest.mark.parametrize(("flags", "name"), [("F", "scan_tcp_stealth"), ("", "scan_tcp_stealth")])
def test_where_what_was_asked_is_seen_it_is_judged_by_that(tmp_path, flags, name):
    frames = [
        raw
        for port in range(100, 140)
        for raw in (frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=55_555, dport=port, flags=flags)), refuses(port))
    ]

    assert classes(pcap(tmp_path / "x", at(0.1, frames))) == {(name, ATTACKER)}


def test_what_is_kept_of_pairs_is_bounded(tmp_path):
    frames = at(1e-4, [refuses(100 + n % 60, who=f"10.{n // 60}.0.1") for n in range(6_000)])

    assert retained(RefusedPorts, pcap(tmp_path / "x", frames)) * PAIRS / 100 <= 24 << 20
