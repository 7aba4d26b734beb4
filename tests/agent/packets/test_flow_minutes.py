# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.flow_minutes import AT_ONCE, FlowMinutes
from giamsat_agent.packets.watch import Watch
from giamsat_wire import flow
from support.capture import (
    ARP,
    CLIENT,
    DNS,
    DNSQR,
    DNSRR,
    IP,
    SERVER,
    START,
    UDP,
    Ether,
    batches,
    connection,
    frame,
    pcap,
    source,
)
from support.handshakes import certificate, segments, spoken

NS = 1_000_000_000


def told(path, by=61, most_bytes=8_192, its=None):
    """What is told of a capture by some seconds after its beginning."""
    its = its or FlowMinutes("eth0", most_bytes)
    list(its.due(START * NS))
    for batch in batches(path, 1 << 20):
        its.take(batch)
    return list(its.due((START + by) * NS)), its


def many(count, *, size=100):
    return [
        (1, frame(IP(src=f"10.{host >> 8}.{host & 255}.1", dst=SERVER), UDP(sport=5_000, dport=53), b"x" * size))
        for host in range(count)
    ]


def test_a_minute_tells_who_talked_with_whom_and_nothing_twice(tmp_path):
    frames = [*connection(CLIENT, SERVER, 443, 5, data=[(False, b"a" * 1_000)]), (9, bytes(Ether() / ARP()))]
    ((minute,), its) = told(pcap(tmp_path / "x", frames))

    (row,) = (flow.read(line) for line in minute.lines)
    assert (row.source, row.destination, row.destination_port, row.protocol) == (CLIENT, SERVER, 443, 6)
    assert (row.sent_packets, row.received_packets, row.received_bytes) == (3, 3, 3 * 40 + 1_000)
    assert (row.flags, row.start_ms, row.length_ms) == (1 | 2 | 8 | 16, 5_000, 5)
    assert (minute.end_ns - minute.start_ns, minute.rest_flows, minute.not_ip) == (61 * NS, 0, 1)
    assert [one.lines for one in its.due((START + 122) * NS)] == [()]


def test_the_first_is_told_soon_then_one_each_minute_and_a_clock_set_back_begins_it_anew(tmp_path):
    path = pcap(tmp_path / "x", connection(CLIENT, SERVER, 443, 5))

    early, its = told(path, by=9)
    assert early == []
    assert [len(one.lines) for one in its.due((START + 10) * NS)] == [1]
    assert list(its.due((START + 69) * NS)) == []
    assert len(list(its.due((START + 70) * NS))) == 1
    assert list(its.due((START - 100) * NS)) == []
    assert len(list(its.due((START - 40) * NS))) == 1


@pytest.mark.parametrize(("most_bytes", "lines"), [(0, 0), (170, 3), (65_536, 50)])
def test_what_does_not_fit_the_budget_is_in_the_rest_and_sums_hold(tmp_path, most_bytes, lines):
    ((minute,), _) = told(pcap(tmp_path / "x", many(50)), most_bytes=most_bytes)

    assert sum(len(line) + 1 for line in minute.lines) <= most_bytes
    assert len(minute.lines) == lines
    assert minute.rest_flows == 50 - lines
    rows = [flow.read(line) for line in minute.lines]
    assert minute.rest_bytes + sum(row.sent_bytes for row in rows) == 50 * 128


def test_a_flood_of_senders_costs_no_more_than_its_share_and_the_large_flow_is_told(tmp_path):
    large = [(1, frame(IP(src=CLIENT, dst=SERVER), UDP(sport=9, dport=7), b"x" * 1_400))]
    ((minute,), _) = told(pcap(tmp_path / "x", many(AT_ONCE * 4, size=1) + large), most_bytes=60)

    (row,) = (flow.read(line) for line in minute.lines)
    assert (row.source, row.sent_bytes) == (CLIENT, 1_428)
    assert (minute.rest_flows, minute.rest_packets) == (AT_ONCE * 4, AT_ONCE * 4)


@pytest.mark.parametrize(
    ("name", "told_as"),
    [
        ("a" * 60 + ".bad.example", "bad.example"),
        ("a" * 5 + "." + "b" * 52 + ".bad.example", "b" * 52 + ".bad.example"),
        (
            ".".join("abcdefgh"[:4] * 3 for _ in range(14)) + ".bad.example",
            "abcd" * 3 + ".abcdabcdabcd" * 3 + ".bad.example",
        ),
    ],
)
def test_of_a_long_name_the_end_is_told_which_says_whose_it_is(tmp_path, name, told_as):
    answer = DNS(qr=1, qd=[DNSQR(qname=name)], an=[DNSRR(rrname=name, rdata=SERVER)])
    frames = [(1, frame(IP(src="10.0.0.1", dst=CLIENT), UDP(sport=53, dport=5_000), answer))]
    ((minute,), _) = told(pcap(tmp_path / "x", frames + connection(CLIENT, SERVER, 8_080, 2)))

    assert told_as in {flow.read(line).name for line in minute.lines}


def test_a_flow_bears_the_name_of_its_tls_hello_or_what_dns_called_its_end(tmp_path):
    turns = spoken(certificate(tmp_path), name="dichvucong.example.vn")
    answer = DNS(qr=1, qd=[DNSQR(qname="tep.example.vn")], an=[DNSRR(rrname="tep.example.vn", rdata="203.0.113.80")])
    frames = [(1, frame(IP(src="10.0.0.1", dst=CLIENT), UDP(sport=53, dport=5_000), answer))]
    frames += connection(CLIENT, "203.0.113.80", 8_080, 2, sport=40_001)
    frames += segments(CLIENT, SERVER, turns, after=1)
    watch = FlowMinutes("eth0", 8_192)
    path = pcap(tmp_path / "x", sorted(frames))
    list(watch.due(START * NS))
    watched = Watch([watch])
    with source(path) as opened:
        for chunk in opened.chunks():
            list(watched.take(chunk))
    (minute,) = watch.due((START + 90) * NS)
    rows = {row.destination_port: row for row in map(flow.read, minute.lines)}

    assert (rows[443].name, rows[443].ja4[:3]) == ("dichvucong.example.vn", "t13")
    assert (rows[8_080].name, rows[8_080].ja4) == ("tep.example.vn", "")
