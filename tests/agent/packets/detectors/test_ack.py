# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.ack import AckScan
from giamsat_agent.packets.scan_thresholds import HOSTS_A_MINUTE, PORTS_AT_ONCE
from support.capture import ATTACKER, CLIENT, IP, TCP, batches, classes, connection, frame, pcap


def bare(source, target, *, port=80):
    return frame(IP(src=source, dst=target), TCP(sport=50_000, dport=port, flags="A"))


def hosts(count):
    return [f"198.51.100.{number + 1}" for number in range(count)]


def test_bare_acknowledgements_to_many_hosts_are_a_search_for_hosts(tmp_path):
    frames = [(number * 0.01, bare(ATTACKER, host)) for number, host in enumerate(hosts(HOSTS_A_MINUTE))]

    assert classes(pcap(tmp_path / "x", frames)) == {("host_discovery", ATTACKER)}


def test_to_many_ports_of_one_host_they_are_a_scan(tmp_path):
    frames = [(number * 0.01, bare(ATTACKER, "198.51.100.1", port=number + 1)) for number in range(40)]

    assert ("scan_ack", ATTACKER) in classes(pcap(tmp_path / "x", frames))


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_acknowledgements_within_connections_are_none_however_the_frames_are_cut(tmp_path, at_once):
    frames = [
        one
        for number, host in enumerate(hosts(40))
        for one in connection(CLIENT, host, 443, number * 0.01, sport=40_000 + number)
    ]
    frames += [
        (10 + number * 0.001, frame(IP(src=CLIENT, dst=host), TCP(sport=40_000 + number, dport=443, flags="A")))
        for number, host in enumerate(hosts(40))
    ]
    scan = AckScan()

    told = [one for batch in batches(pcap(tmp_path / "x", frames), at_once) for one in scan.take(batch)]

    assert [*told, *scan.rest()] == []


def test_connections_that_were_open_before_the_first_frame_are_none_when_they_go_on(tmp_path):
    frames = [(number * 0.001, bare(CLIENT, host)) for number, host in enumerate(hosts(40))]
    frames += [
        (1 + number * 0.001, frame(IP(src=host, dst=CLIENT), TCP(sport=80, dport=50_000, flags="PA"), b"x"))
        for number, host in enumerate(hosts(40))
    ]

    assert classes(pcap(tmp_path / "x", sorted(frames))) == set()


def ends(source, target, *, sport, dport):
    return frame(IP(src=source, dst=target), TCP(sport=sport, dport=dport, flags="FA"))


def test_the_end_of_connections_to_many_ports_that_were_never_begun_is_a_stealth_scan(tmp_path):
    target = "198.51.100.1"
    frames = [
        (number * 0.01 + after, raw)
        for number in range(PORTS_AT_ONCE)
        for after, raw in (
            (0, ends(ATTACKER, target, sport=50_000, dport=number + 1)),
            (0.001, frame(IP(src=target, dst=ATTACKER), TCP(sport=number + 1, dport=50_000, flags="R"))),
        )
    ]

    assert classes(pcap(tmp_path / "x", frames)) == {("scan_tcp_stealth", ATTACKER)}
    assert classes(pcap(tmp_path / "y", frames[2:])) == set()


def test_ends_of_connections_that_were_idle_for_long_are_none(tmp_path):
    woken = [(number * 0.01, ends(CLIENT, host, sport=50_000, dport=443)) for number, host in enumerate(hosts(40))]
    server = [(5 + number * 0.01, ends("192.0.2.80", CLIENT, sport=443, dport=50_000 + number)) for number in range(40)]
    sent_again = [
        (10 + number * 0.1 + again, ends("10.0.0.6", "198.51.100.9", sport=60_000, dport=1 + number))
        for number in range(40)
        for again in (0, 0.02)
    ]

    assert classes(pcap(tmp_path / "x", [*woken, *server, *sorted(sent_again)])) == set()
