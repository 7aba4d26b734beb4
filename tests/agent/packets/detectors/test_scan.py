# SPDX-License-Identifier: Apache-2.0
import struct

import pytest
from scapy.layers.inet import fragment

from giamsat_agent.packets.attempts import MOST
from giamsat_agent.packets.detectors.scan import SynScan
from giamsat_agent.packets.scan_thresholds import HOSTS_A_MINUTE, PORTS_AT_ONCE
from support.capture import (
    ATTACKER,
    CLIENT,
    IP,
    SERVER,
    TCP,
    UDP,
    VICTIM,
    classes,
    connection,
    found,
    frame,
    pcap,
    retained,
)


def syn(target, port, source=ATTACKER):
    return frame(IP(src=source, dst=target), TCP(sport=55_555, dport=port, flags="S"))


def refused(target, port, source=ATTACKER):
    return frame(IP(src=target, dst=source), TCP(sport=port, dport=55_555, flags="RA"))


def test_many_ports_of_one_host_refused_within_a_minute_are_a_vertical_scan(tmp_path):
    frames = [
        (number * 0.1, raw)
        for number in range(PORTS_AT_ONCE)
        for raw in (syn(VICTIM, 100 + number), refused(VICTIM, 100 + number))
    ]

    (scan,) = found(pcap(tmp_path / "x", frames))

    assert (scan.name, scan.source_ip) == ("scan_tcp_vertical", ATTACKER)
    assert {target.port for target in scan.targets} == set(range(100, 100 + PORTS_AT_ONCE))


def test_one_port_of_many_hosts_is_a_horizontal_scan(tmp_path):
    frames = [(number, syn(f"198.51.100.{number + 1}", 8080)) for number in range(HOSTS_A_MINUTE)]

    assert classes(pcap(tmp_path / "x", frames)) == {("scan_tcp_horizontal", ATTACKER)}


def test_a_few_hosts_on_a_port_of_administration_are_enough_over_hours(tmp_path):
    frames = [(number * 900, syn(f"198.51.100.{number + 1}", 445)) for number in range(6)]

    assert classes(pcap(tmp_path / "x", frames)) == {("scan_tcp_horizontal", ATTACKER)}


@pytest.mark.parametrize("delay_s", [5, 10, 15])
def test_a_scan_that_waits_between_ports_is_found_by_the_first_twenty(tmp_path, delay_s):
    frames = [(number * delay_s, syn(VICTIM, 100 + number)) for number in range(20)]

    assert classes(pcap(tmp_path / "x", frames)) == {("scan_tcp_vertical", ATTACKER)}


def test_who_is_told_where_updates_are_calls_hosts_here_and_there_and_who_goes_through_them_scans(tmp_path):
    peers = [(number * 0.5, syn(f"10.0.{number % 3}.{1 + number * 7}", 7680, CLIENT)) for number in range(30)]
    assert classes(pcap(tmp_path / "x", peers)) == set()
    row = [(number * 0.5, syn(f"10.0.0.{1 + number}", 7680, CLIENT)) for number in range(30)]
    assert classes(pcap(tmp_path / "y", row)) == {("scan_tcp_horizontal", CLIENT)}


def test_who_asks_one_server_after_the_other_who_knows_him_calls_and_who_goes_through_addresses_scans(tmp_path):
    def asked(*last):
        ends = [IP(src=CLIENT, dst=f"198.51.100.{number}") for number in last]
        asks = b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12)
        return [(at * 0.5, frame(one, UDP(sport=50_000, dport=3478), asks)) for at, one in enumerate(ends)]

    assert classes(pcap(tmp_path / "x", asked(*range(1, 121, 4)))) == set()
    assert classes(pcap(tmp_path / "y", asked(*range(1, 31)))) == {("host_discovery", CLIENT)}


def test_a_slow_scan_is_found_over_a_day(tmp_path):
    frames = [(number * 1_800, syn(VICTIM, 1_000 + number)) for number in range(40)]

    assert ("scan_tcp_vertical", ATTACKER) in classes(pcap(tmp_path / "x", frames))


def test_what_is_answered_is_no_scan_however_much_of_it(tmp_path):
    frames = [
        one
        for number in range(60)
        for one in connection(CLIENT, f"198.51.100.{number + 1}", 443, number * 0.5, sport=40_000 + number)
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_where_only_the_clients_side_is_seen_what_goes_on_was_answered(tmp_path):
    def one_sided(port, data, heard):
        return [
            (number * 0.5 + step * 0.01, raw)
            for number in range(60)
            for up in (IP(src=CLIENT, dst=f"198.51.100.{number + 1}"),)
            for step, raw in enumerate(
                (
                    frame(up, TCP(sport=40_000 + number, dport=port, flags="S")),
                    frame(up, TCP(sport=40_000 + number, dport=port, flags="A", ack=77)),
                    frame(up, TCP(sport=40_000 + number, dport=port, flags="PA", ack=77), data),
                    frame(up, TCP(sport=40_000 + number, dport=port, flags="A", ack=heard)),
                )
            )
        ]

    assert classes(pcap(tmp_path / "x", one_sided(443, b"hello", 1_500))) == set()
    # Who acknowledges but never more is answered by nobody, whatever it carries.
    assert classes(pcap(tmp_path / "y", one_sided(443, b"x", 77))) == {("scan_tcp_horizontal", CLIENT)}


def test_acknowledging_what_a_host_never_sent_hides_no_scan_where_it_is_seen_to_answer(tmp_path):
    def tries(port):
        acknowledges = (TCP(sport=55_555, dport=port, flags="A", seq=2, ack=heard) for heard in (7, 1_500))
        return [syn(VICTIM, port), *(frame(IP(src=ATTACKER, dst=VICTIM), one) for one in acknowledges)]

    frames = [raw for port in range(100, 102 + PORTS_AT_ONCE) for raw in tries(port)]
    frames.append(refused(VICTIM, 101 + PORTS_AT_ONCE))

    assert classes(pcap(tmp_path / "x", list(enumerate(frames)))) == {("scan_tcp_vertical", ATTACKER)}


def test_many_ports_of_many_hosts_are_one_scan_told_as_what_it_is_more(tmp_path):
    def swept(hosts, ports):
        return [
            (number * 0.01, syn(f"198.51.100.{host + 1}", 1_000 + port))
            for number, (port, host) in enumerate((port, host) for port in range(ports) for host in range(hosts))
        ]

    assert classes(pcap(tmp_path / "x", swept(40, 20))) == {("scan_tcp_horizontal", ATTACKER)}
    assert classes(pcap(tmp_path / "y", swept(12, 60))) == {("scan_tcp_vertical", ATTACKER)}
    assert classes(pcap(tmp_path / "z", swept(5, 60))) == {("scan_tcp_vertical", ATTACKER)}
    apart = [*swept(20, 1), *((60 + port, syn(VICTIM, 2_000 + port)) for port in range(40))]
    assert classes(pcap(tmp_path / "a", apart)) == {
        ("scan_tcp_horizontal", ATTACKER),
        ("scan_tcp_vertical", ATTACKER),
    }


def test_a_scan_that_also_acknowledges_what_nobody_sent_is_one(tmp_path):
    def both(target, port):
        return syn(target, port), frame(IP(src=ATTACKER, dst=target), TCP(sport=55_555, dport=port, flags="A"))

    hosts = [raw for number in range(HOSTS_A_MINUTE) for raw in both(f"198.51.100.{number + 1}", 8080)]
    ports = [
        raw
        for port in range(PORTS_AT_ONCE)
        for raw in (
            *both(VICTIM, 100 + port),
            refused(VICTIM, 100 + port),
            frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=55_555, dport=100 + port, flags="PA"), b"x"),
        )
    ]
    quic = [
        frame(IP(src=ATTACKER, dst=f"198.51.100.{number + 1}"), UDP(sport=50_000, dport=443), b"\x43" * 40)
        for number in range(20)
    ]

    for name, frames, told in (
        ("x", hosts, "scan_tcp_horizontal"),
        ("y", ports, "scan_tcp_vertical"),
        ("z", quic, "host_discovery"),
    ):
        capture = pcap(tmp_path / name, [(number * 0.1, raw) for number, raw in enumerate(frames)])
        assert (told, ATTACKER) in classes(capture), name


@pytest.mark.parametrize("count", [1, PORTS_AT_ONCE - 1])
def test_fewer_than_the_floor_is_no_scan(tmp_path, count):
    assert classes(pcap(tmp_path / "x", [(number, syn(VICTIM, 100 + number)) for number in range(count)])) == set()


def test_backscatter_of_somebody_elses_flood_is_no_scan(tmp_path):
    frames = [
        (number, frame(IP(src=VICTIM, dst=f"10.{number}.2.3"), TCP(sport=80, dport=1_024 + number, flags=flags)))
        for number, flags in enumerate(["SA", "RA"] * 100)
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_udp_scan_is_told_from_questions_that_are_answered_and_from_traceroute(tmp_path):
    ends = IP(src=ATTACKER, dst=VICTIM)
    scan = [(number * 0.2, frame(ends, UDP(sport=50_000, dport=1 + number))) for number in range(40)]
    asked = [
        one
        for number in range(40)
        for one in (
            (100 + number, frame(IP(src=CLIENT, dst=VICTIM), UDP(sport=50_000, dport=2_000 + number))),
            (100 + number, frame(IP(src=VICTIM, dst=CLIENT), UDP(sport=2_000 + number, dport=50_000))),
        )
    ]
    traced = [
        (200 + number * 0.1, frame(IP(src="10.0.0.6", dst=VICTIM), UDP(sport=50_000, dport=33_434 + number)))
        for number in range(60)
    ]

    assert classes(pcap(tmp_path / "x", [*scan, *asked, *traced])) == {("scan_udp", ATTACKER)}


def test_open_ports_dropped_as_soon_as_they_answer_are_a_scan(tmp_path):
    frames = [
        (number * 0.1 + step * 0.01, raw)
        for number in range(PORTS_AT_ONCE)
        for step, raw in enumerate(
            (
                syn(VICTIM, 1_000 + number),
                frame(IP(src=VICTIM, dst=ATTACKER), TCP(sport=1_000 + number, dport=55_555, flags="SA")),
                frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=55_555, dport=1_000 + number, flags="R")),
            )
        )
    ]

    assert classes(pcap(tmp_path / "x", frames)) == {("scan_tcp_vertical", ATTACKER)}


def test_a_scan_whose_flags_hide_in_the_next_fragment_is_found(tmp_path):
    frames = [
        (number * 0.1, frame(piece))
        for number in range(PORTS_AT_ONCE)
        for piece in fragment(
            IP(src=ATTACKER, dst=VICTIM) / TCP(sport=55_555, dport=100 + number, flags="S"), fragsize=8
        )
    ]

    assert ("scan_tcp_vertical", ATTACKER) in classes(pcap(tmp_path / "x", frames))


def test_a_flood_from_made_up_sources_does_not_hide_a_scan(tmp_path):
    scan = [(number * 0.01, syn(VICTIM, 100 + number)) for number in range(PORTS_AT_ONCE)]
    one = syn(VICTIM, 80, "203.0.113.1")
    flood = [
        (0.05 + number * 1e-6, one[:26] + struct.pack(">I", 0x50000000 + number) + one[30:]) for number in range(6_000)
    ]

    assert ("scan_tcp_vertical", ATTACKER) in classes(pcap(tmp_path / "x", sorted([*scan, *flood])))


def test_a_server_that_writes_to_those_who_asked_it_is_none_whatever_ports_they_ask_from(tmp_path):
    clock = [
        one
        for number in range(30)
        for one in (
            (number, frame(IP(src=f"10.0.1.{number}", dst=SERVER), UDP(sport=123, dport=123), bytes(48))),
            (number + 0.01, frame(IP(src=SERVER, dst=f"10.0.1.{number}"), UDP(sport=123, dport=123), bytes(48))),
        )
    ]
    leases = [
        (number, frame(IP(src=SERVER, dst=f"10.0.1.{number}"), UDP(sport=67, dport=68), bytes(300)))
        for number in range(30)
    ]

    assert classes(pcap(tmp_path / "x", clock)) == set()
    assert classes(pcap(tmp_path / "y", leases)) == set()


def test_what_is_kept_of_attempts_is_bounded_whoever_makes_them(tmp_path):
    one, count = syn(VICTIM, 80, ATTACKER), 4_000
    frames = [
        (number * 1e-4, one[:26] + struct.pack(">II", 0x50000000 + number // 200, 0x0A000001 + number % 200) + one[34:])
        for number in range(count)
    ]

    empty = retained(SynScan, pcap(tmp_path / "y", frames[:1]))
    assert empty <= 4 << 20
    assert (retained(SynScan, pcap(tmp_path / "x", frames)) - empty) / count * MOST <= 40 << 20


def test_a_balancer_that_looks_whether_its_servers_live_is_none_and_one_who_looks_once_is(tmp_path):
    def looked(every_s, turns):
        return [
            (turn * every_s + number * 0.01 + step * 0.001, raw)
            for turn in range(turns)
            for number in range(HOSTS_A_MINUTE + 2)
            for host in (f"10.0.7.{number + 1}",)
            for step, raw in enumerate(
                (
                    syn(host, 8080, CLIENT),
                    frame(IP(src=host, dst=CLIENT), TCP(sport=8080, dport=55_555, flags="SA")),
                    frame(IP(src=CLIENT, dst=host), TCP(sport=55_555, dport=8080, flags="R")),
                )
            )
        ]

    assert classes(pcap(tmp_path / "x", looked(5, 6))) == set()
    assert classes(pcap(tmp_path / "y", looked(30, 3))) == set()
    assert classes(pcap(tmp_path / "z", looked(5, 1))) == {("scan_tcp_horizontal", CLIENT)}
