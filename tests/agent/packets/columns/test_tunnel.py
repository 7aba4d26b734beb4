# SPDX-License-Identifier: Apache-2.0
"""What a tunnel's headers say; the packets inside are read in test_headers."""

import numpy as np
import pytest

from giamsat_agent.packets.columns.tunnel import FOUR, GRE, inside
from support.capture import ATTACKER, IP, TCP, UDP, VICTIM, classes, frame, pcap


@pytest.mark.parametrize(
    ("protocol", "head", "begins"),
    [
        (FOUR, b"", 0),
        (GRE, b"\0\0\x08\0", 4),
        (GRE, b"\xb0\0\x86\xdd", 16),
        (17, b"\0\1\x12\xb5\0\0\0\0\x08", 16),
    ],
    ids=["ip", "gre", "gre with everything", "vxlan"],
)
def test_the_length_of_a_tunnels_header_is_known(protocol, head, begins):
    inner = inside(np.array([6, protocol]), np.frombuffer(bytes(20) + head.ljust(20, b"\0"), np.uint8).reshape(2, 20))

    assert (inner.at.tolist(), inner.begins.tolist()) == ([1], [begins])


def test_a_scan_through_a_tunnel_is_the_scanners_and_questions_through_it_are_none(tmp_path):
    ends = IP(src="192.0.2.1", dst="192.0.2.2")
    scan = [
        (number * 0.1, frame(ends, IP(src=ATTACKER, dst=VICTIM), TCP(sport=55_555, dport=100 + number, flags="S")))
        for number in range(40)
    ]
    asked = [
        (number, frame(ends, IP(src=source, dst=target), UDP(sport=sport, dport=dport), bytes(20)))
        for number in range(40)
        for source, target, sport, dport in (("10.0.0.5", VICTIM, 5_000, 53), (VICTIM, "10.0.0.5", 53, 5_000))
    ]

    assert classes(pcap(tmp_path / "x", scan)) == {("scan_tcp_vertical", ATTACKER)}
    assert classes(pcap(tmp_path / "y", asked)) == set()
