# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.refused_scan import PAIRS, RefusedPorts
from giamsat_agent.packets.scan_thresholds import ALIVE, HOSTS_A_MINUTE, PORTS_A_DAY, PORTS_AT_ONCE
from support.capture import (
    ATTACKER,
    CLIENT,
    ICMP,
    IP,
    SERVER,
    TCP,
    UDP,
    VICTIM,
    batches,
    classes,
    found,
    frame,
    pcap,
    retained,
)

INSIDE = "10.0.0.9"


def refuses(port, number=0, *, target=VICTIM, who=ATTACKER, own=55_555):
    """A host refuses another one, at a port."""
    return frame(IP(src=target, dst=who), TCP(sport=port, dport=own, flags="RA", seq=number))


def resets(port, *, target=VICTIM, who=ATTACKER, own=55_555):
    """A host resets what was never sent to it before."""
    return frame(IP(src=target, dst=who), TCP(sport=port, dport=own, flags="R", seq=7_777 + port))


def unreachable(port, *, target=VICTIM, who=ATTACKER, own=55_555):
    """A host tells another one that nobody listens for a datagram."""
    quoted = bytes(IP(src=who, dst=target) / UDP(sport=own, dport=port))
    return frame(IP(src=target, dst=who), ICMP(type=3, code=3), quoted)


def told_one_by_one(path):
    """What is told of each frame when every one comes alone."""
    detector = RefusedPorts()
    return [list(detector.take(batch)) for batch in batches(path, 1)]


def accepts(target, port, *, who=ATTACKER):
    return frame(IP(src=target, dst=who), TCP(sport=port, dport=40_000, flags="SA", seq=1, ack=2))


def at(every_s, raws):
    return [(number * every_s, raw) for number, raw in enumerate(raws)]


def test_one_host_that_refuses_another_at_port_after_port_shows_a_scan_that_is_not_seen(tmp_path):
    (told,) = found(pcap(tmp_path / "x", at(0.1, [refuses(port) for port in range(100, 100 + PORTS_AT_ONCE)])))

    assert (told.name, told.source_ip, told.targets[0].ip) == ("scan_tcp_vertical", ATTACKER, VICTIM)
    assert told.totals["ports"] == PORTS_AT_ONCE


@pytest.mark.parametrize(
    "frames",
    [
        at(0.1, [refuses(port) for port in range(100, 99 + PORTS_AT_ONCE)]),
        at(10, [refuses(port) for port in range(100, 99 + PORTS_A_DAY)]),
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


def test_a_slow_scan_shows_by_what_is_refused_within_a_day(tmp_path):
    (told,) = found(pcap(tmp_path / "x", at(2_000, [refuses(port) for port in range(100, 100 + PORTS_A_DAY)])))

    assert (told.name, told.source_ip, told.totals["ports"]) == ("scan_tcp_vertical", ATTACKER, PORTS_A_DAY)


def test_what_is_refused_at_once_is_told_once_and_whole(tmp_path):
    path = pcap(tmp_path / "x", at(0.001, [refuses(port) for port in range(100, 140)]))

    (told,) = [one for batch in batches(path, 1_000) for one in RefusedPorts().take(batch)]
    assert told.totals["ports"] == 40


def test_host_after_host_that_resets_an_acknowledgement_shows_who_looks_for_hosts_and_not_who_wakes_up(tmp_path):
    def reset_by(every):
        return at(0.5, [resets(80, target=f"10.0.0.{every * n + 1}") for n in range(HOSTS_A_MINUTE)])

    (told,) = found(pcap(tmp_path / "x", reset_by(1)))
    assert (told.name, told.source_ip, told.totals["targets"]) == ("host_discovery", ATTACKER, HOSTS_A_MINUTE)
    assert classes(pcap(tmp_path / "y", reset_by(7))) == set()


@pytest.mark.parametrize(
    ("refusal", "name"), [(resets, "scan_ack"), (unreachable, "scan_udp")], ids=["acknowledgements", "datagrams"]
)
def test_what_else_is_probed_shows_by_the_answers_as_well(tmp_path, refusal, name):
    (told,) = found(pcap(tmp_path / "x", at(0.5, [refusal(port) for port in range(100, 100 + PORTS_AT_ONCE)])))

    assert (told.name, told.source_ip, told.targets[0].ip, told.totals["ports"]) == (
        name,
        ATTACKER,
        VICTIM,
        PORTS_AT_ONCE,
    )
    assert classes(pcap(tmp_path / "y", at(0.5, [refusal(port) for port in range(100, 99 + PORTS_AT_ONCE)]))) == set()


def test_host_after_host_that_refuses_one_other_shows_a_sweep_and_down_among_many_that_live_a_poll(tmp_path):
    down = [refuses(9_100, target=f"10.0.0.{n}") for n in range(1, HOSTS_A_MINUTE + 1)]
    # Servers here and there, of which nobody goes through one after the other.
    alive = [accepts(f"10.0.1.{9 * n}", 9_100) for n in range(ALIVE * HOSTS_A_MINUTE)]
    others = [accepts(f"10.0.1.{9 * n}", 443) for n in range(ALIVE * HOSTS_A_MINUTE)]

    (told,) = found(pcap(tmp_path / "x", at(0.5, others + down)))
    assert (told.name, told.source_ip, told.totals["targets"]) == ("scan_tcp_horizontal", ATTACKER, HOSTS_A_MINUTE)
    assert classes(pcap(tmp_path / "y", at(0.5, alive + down))) == set()
    # One that accepts again and again hides nobody.
    hosts = range(5 * HOSTS_A_MINUTE)
    again = at(0.5, [alive[0] if n % 5 else refuses(9_100, target=f"10.0.0.{n}") for n in hosts])
    assert sum(map(len, told_one_by_one(pcap(tmp_path / "a", again)))) == 1
    assert classes(pcap(tmp_path / "z", at(0.5, alive + down + down[:-1] + alive + down))) == set()


@pytest.mark.parametrize(
    "frames",
    [
        at(0.5, [resets(40_000 + n, target=CLIENT, who=SERVER, own=443) for n in range(60)]),
        at(0.5, [unreachable(50_000 + n, target=CLIENT, who=SERVER, own=53) for n in range(60)]),
        at(0.5, [unreachable(33_434 + n, target=SERVER, who=CLIENT) for n in range(60)]),
        at(0.5, [frame(IP(src=SERVER, dst=CLIENT), ICMP(type=3, code=3), bytes(n)) for n in range(30)]),
    ],
    ids=["a browser that gives up", "a client that waits no longer for names", "a trace of the way", "cut off"],
)
def test_what_is_told_to_who_asked_nothing_strange_is_none(tmp_path, frames):
    assert classes(pcap(tmp_path / "x", frames)) == set()


@pytest.mark.parametrize("answer", [refuses, resets, unreachable])
def test_nobody_outside_can_have_a_host_that_is_seen_told_of_for_what_it_did_not_ask(tmp_path, answer):
    begins = frame(IP(src=INSIDE, dst="10.0.0.80"), TCP(sport=40_000, dport=443, flags="S"))
    answers = [answer(100 + n, who=INSIDE) for n in range(PORTS_AT_ONCE)]

    assert classes(pcap(tmp_path / "x", at(0.5, [begins, *answers]))) == set()
    assert {who for _, who in classes(pcap(tmp_path / "y", at(0.5, answers)))} == {INSIDE}


def test_who_gives_up_what_he_began_from_ever_other_ports_of_his_has_not_refused_anybody(tmp_path):
    frames = [
        raw
        for own in range(500, 500 + 2 * PORTS_AT_ONCE)
        for raw in (
            frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=own, dport=80, flags="S")),
            resets(own, target=ATTACKER, who=VICTIM, own=80),
        )
    ]

    assert classes(pcap(tmp_path / "x", at(0.5, frames))) == set()


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
