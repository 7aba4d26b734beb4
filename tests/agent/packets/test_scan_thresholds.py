# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.attempts import Attempts
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.detectors.scan import SynScan, UdpScan
from giamsat_agent.packets.scan_thresholds import (
    ADMINISTRATION_A_DAY,
    HOSTS_A_MINUTE,
    PORTS_A_DAY,
    PORTS_AN_HOUR,
    PORTS_AT_ONCE,
    Scanning,
)
from giamsat_wire.clock import SECOND_NS
from support.capture import CLIENT, IP, TCP, UDP, batches, connection, frame, pcap

WHO = 0xCB007109  # 203.0.113.9


def judged(attempts):
    """What (target, port, second) of one source amounts to."""
    known = Attempts(Room())
    for number, (target, port, second) in enumerate(attempts):
        known.tried(WHO, target, port, second * SECOND_NS, number)
    now_ns = max(second for _, _, second in attempts) * SECOND_NS
    source = known.tried(WHO, *attempts[-1][:2], now_ns, 0)
    return [one.name for one in Scanning(("ports", "hosts"), "tcp").judged(Addresses(), WHO, source, now_ns)]


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([(7, port, 0) for port in range(PORTS_AT_ONCE)], ["ports"]),
        ([(7, port, 0) for port in range(PORTS_AT_ONCE - 1)], []),
        ([(7, port, port * 60) for port in range(PORTS_AT_ONCE)], []),
        ([(7, port, port * 60) for port in range(PORTS_A_DAY)], ["ports"]),
        ([(7, port, port * 150) for port in range(PORTS_AN_HOUR)], ["ports"]),
        ([(7, port, port * 150) for port in range(PORTS_AN_HOUR - 1)], []),
        ([(7, port, port * 200) for port in range(PORTS_A_DAY - 1)], []),
        ([(host, 8080, 0) for host in range(HOSTS_A_MINUTE)], ["hosts"]),
        ([(host, 8080, 0) for host in range(HOSTS_A_MINUTE - 1)], []),
        ([(host, 445, host * 600) for host in range(ADMINISTRATION_A_DAY)], ["hosts"]),
        ([(host, 445, 0) for host in range(ADMINISTRATION_A_DAY - 1)], []),
        ([(host, 1_000 + host, 0) for host in range(40)], []),
    ],
)
def test_many_ports_or_many_hosts_within_the_floors_are_a_scan(attempts, expected):
    assert judged(attempts) == expected


def swept(ports, hosts, *, alive=0):
    """What one source of attempts at every host on every port amounts to, if so many hosts answer."""
    known = Attempts(Room())
    for host in range(hosts + alive):
        for port in ports:
            source = known.tried(WHO, host, port, host, host)
            if host >= hosts:
                known.answered(WHO, host, port)
    return list(Scanning(("ports", "hosts"), "tcp").judged(Addresses(), WHO, source, hosts))


def test_a_sweep_of_several_ports_is_one_finding_with_all_its_targets():
    (sweep,) = swept((22, 80, 443), 20)

    assert (sweep.name, sweep.totals) == ("hosts", {"targets": 20, "ports": 3, "packets": 60})
    assert "20 hosts on 3 tcp ports" in sweep.words[1]


@pytest.mark.parametrize("port", [22, 10_050])
def test_a_poll_of_which_a_few_hosts_are_down_is_none(port):
    assert swept((port,), 15, alive=30) == []
    assert [one.name for one in swept((port,), 15, alive=29)] == ["hosts"]


def test_a_program_that_calls_its_peers_is_none_though_many_have_the_usual_port():
    peers = [(host, 6_881, host) for host in range(12)] + [(100 + host, 20_000 + host, host) for host in range(30)]

    assert judged(peers) == []
    assert judged(peers + [(200 + host, 23, host) for host in range(HOSTS_A_MINUTE)]) == ["hosts"]


def test_what_was_told_is_told_again_only_when_it_has_grown():
    known, scanning, told = Attempts(Room()), Scanning(("ports", "hosts"), "tcp"), []
    for port in range(40):
        source = known.tried(WHO, 7, port, port, port)
        told += [one.counts["packets"] for one in scanning.judged(Addresses(), WHO, source, port)]

    assert told == [15, 19, 24, 30, 38]


def test_a_scanning_that_knows_no_class_of_many_hosts_looks_for_ports_only():
    attempts = Attempts(Room())
    for host in range(HOSTS_A_MINUTE):
        source = attempts.tried(WHO, host, 445, 0, host)

    assert not list(Scanning(("ports", None), "tcp").judged(Addresses(), WHO, source, 0))


def calls(target):
    return frame(IP(src=CLIENT, dst=target), TCP(sport=40_000, dport=443, flags="S"))


def asks(target, port):
    return frame(IP(src=CLIENT, dst=target), UDP(sport=40_161, dport=port), b"get")


def tells(target, port):
    return frame(IP(src=target, dst=CLIENT), UDP(sport=port, dport=40_161), b"here")


@pytest.mark.parametrize(
    ("build", "call", "answer"),
    [
        (SynScan, calls, lambda host: connection(CLIENT, host, 443, 0)[1][1]),
        (UdpScan, lambda host: asks(host, 161), lambda host: tells(host, 161)),
    ],
    ids=["connections", "datagrams"],
)
def test_many_that_are_asked_at_once_and_answer_as_far_away_as_they_are_were_not_scanned(tmp_path, build, call, answer):
    hosts = [f"198.51.100.{number + 1}" for number in range(4 * HOSTS_A_MINUTE)]
    called = [(number * 0.001, call(host)) for number, host in enumerate(hosts)]
    answers = [(0.6 + at, answer(host)) for (at, _), host in zip(called, hosts, strict=True)]
    later = [(3.0, call("198.51.100.1"))]

    def told(name, frames):
        detector = build()
        return [one for batch in batches(pcap(tmp_path / name, frames), 5) for one in detector.take(batch)]

    assert told("x", called + answers + later) == []
    (scan,) = told("y", called + later)
    assert len(scan.targets) == len(hosts)
