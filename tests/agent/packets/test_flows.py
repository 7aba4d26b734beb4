# SPDX-License-Identifier: Apache-2.0
import subprocess

import pytest

from giamsat_agent.packets.flows import Flows
from support.capture import ARP, CLIENT, ICMP, IP, SERVER, UDP, Ether, IPv6, batches, connection, frame, pcap
from support.peers import program


def summed(path, **bounds):
    flows = Flows(**bounds)
    for batch in batches(path, 1 << 20):
        flows.take(batch)
    return flows


def test_a_connection_is_one_flow_with_both_directions_and_its_flags(tmp_path):
    data = [(True, b"q" * 100), (False, b"a" * 1_000)]
    (flow,), rest = summed(pcap(tmp_path / "x", connection(CLIENT, SERVER, 443, 5, data=data))).top(10)

    shape = flow.as_json()
    assert shape["source"] == {"ip": CLIENT, "port": 40_000, "packets": 4, "bytes": 4 * 40 + 100}
    assert shape["destination"] == {"ip": SERVER, "port": 443, "packets": 3, "bytes": 3 * 40 + 1_000}
    assert shape["network"] == {"transport": "tcp", "packets": 7, "bytes": 1_380}
    assert shape["event"]["duration"] == 6_000_000
    assert shape["tcp"] == {"flags": "FSPA"}
    assert (rest.flows, rest.packets) == (0, 0)


def test_who_answers_an_opening_that_was_not_seen_is_not_taken_for_who_began(tmp_path):
    late = connection(CLIENT, SERVER, 443, 5)[1:]
    (flow,), _ = summed(pcap(tmp_path / "x", late)).top(10)

    assert (flow.source, flow.destination_port) == (CLIENT, 443)


def test_a_connection_that_goes_on_belongs_to_the_end_without_the_service(tmp_path):
    late = connection(CLIENT, SERVER, 443, 5, data=[(False, b"a" * 9)], closed=False)[3:]
    (flow,), _ = summed(pcap(tmp_path / "x", late)).top(10)

    assert (flow.source, flow.destination_port, flow.sent_packets, flow.received_packets) == (CLIENT, 443, 0, 1)


def test_other_protocols_ipv6_and_what_is_not_ip_are_told_apart(tmp_path):
    ping = [IP(src=CLIENT, dst=SERVER) / ICMP(type=8, id=1), IP(src=SERVER, dst=CLIENT) / ICMP(type=0, id=1)]
    raw = [frame(one) for one in ping]
    raw += [frame(IPv6(src="2001:db8::1", dst="2001:db8::2"), UDP(sport=5_000, dport=53)), bytes(Ether() / ARP())]
    flows, rest = summed(pcap(tmp_path / "x", list(enumerate(raw)))).top(10)

    assert {(flow.as_json()["network"]["transport"], flow.packets) for flow in flows} == {("icmp", 2), ("udp", 1)}
    assert {flow.destination for flow in flows} == {SERVER, "2001:db8::2"}
    assert rest.as_json() == {"rest": {"flows": 0, "packets": 0, "bytes": 0, "not_ip": 1}}


@pytest.mark.parametrize(
    "bounds", [{}, {"most": 10}, {"at_once": 50}], ids=["in the table", "pushed out of it", "not looked at"]
)
def test_what_is_not_among_the_largest_is_in_the_rest_and_nothing_is_lost(tmp_path, bounds):
    frames = [
        (host, frame(IP(src=f"10.0.{host // 200}.{host % 200}"), UDP(sport=1, dport=2), b"x" * host))
        for host in range(1, 600)
    ]
    flows, rest = summed(pcap(tmp_path / "x", frames), **bounds).top(5)

    assert [flow.sent_bytes - 28 for flow in flows] == [599, 598, 597, 596, 595]
    assert (rest.flows, rest.packets) == (594, 594)
    assert rest.size + sum(flow.size for flow in flows) == sum(28 + host for host in range(1, 600))


def test_a_scan_does_not_push_a_download_out_of_the_table(tmp_path):
    download = connection(CLIENT, SERVER, 443, 0, data=[(False, b"a" * 1_000)] * 50)
    scan = [(10 + number, frame(IP(src=CLIENT), UDP(sport=1, dport=number))) for number in range(1, 2_000)]
    flows, rest = summed(pcap(tmp_path / "x", [*download, *scan]), most=50).top(1)

    assert (flows[0].destination, flows[0].received_packets) == (SERVER, 52)
    assert rest.flows == 1_999


@pytest.mark.peer("tshark")
def test_bytes_and_packets_are_those_of_a_real_tshark(tmp_path):
    frames = []
    for number in range(30):
        data = [(True, b"q" * number), (False, b"a" * number * 40)]
        frames += connection(f"10.0.0.{number}", SERVER, 443, number, sport=40_000 + number, data=data)
    path = pcap(tmp_path / "x", sorted(frames))
    words = [program("tshark"), "-r", path, "-T", "fields", "-e", "tcp.stream", "-e", "ip.src", "-e", "ip.len"]
    rows = subprocess.run(list(map(str, words)), capture_output=True, check=True, text=True).stdout.splitlines()
    streams = {}
    for stream, sender, length in (row.split("\t") for row in rows):
        ends = streams.setdefault(stream, {})
        packets, size = ends.get(sender, (0, 0))
        ends[sender] = packets + 1, size + int(length)

    flows, _ = summed(path).top(100)
    ours = [
        {flow.source: (flow.sent_packets, flow.sent_bytes), SERVER: (flow.received_packets, flow.received_bytes)}
        for flow in flows
    ]
    assert sorted(map(repr, ours)) == sorted(
        repr({sender: ends[sender] for sender in sorted(ends, key=SERVER.__eq__)}) for ends in streams.values()
    )
