# SPDX-License-Identifier: Apache-2.0
import pytest

from support.capture import ATTACKER, CLIENT, IP, UDP, VICTIM, classes, frame, pcap


def probes(source, hops, port):
    return [
        (at * 0.1, frame(IP(src=source, dst=VICTIM, ttl=hop), UDP(sport=50_000, dport=port + at), bytes(40)))
        for at, hop in enumerate(hops)
    ]


ROUND = list(range(1, 31))


@pytest.mark.parametrize(
    "hops",
    [[1 + at // 2 for at in range(60)], [1 + at // 3 for at in range(90)], ROUND * 3],
    ids=["tracepath", "traceroute", "mtr"],
)
def test_who_looks_for_the_way_scans_no_ports(tmp_path, hops):
    assert classes(pcap(tmp_path / "x", probes(CLIENT, hops, 44_444))) == set()


@pytest.mark.parametrize(
    ("hops", "port"),
    [
        ([2] * 60, 44_444),
        ([30] * 60, 44_444),
        ([1, *[30] * 60], 44_444),
        ([1, *[2] * 60], 44_444),
        (ROUND, 1_000),
    ],
    ids=["near", "far", "begins as traceroute", "stays where it is", "ports of services"],
)
def test_hops_hide_no_scan(tmp_path, hops, port):
    assert classes(pcap(tmp_path / "x", probes(ATTACKER, hops, port))) == {("scan_udp", ATTACKER)}
