# SPDX-License-Identifier: Apache-2.0
import secrets
import struct

import pytest

from giamsat_agent.packets.detectors.raw_dns import LEAST
from support.capture import CLIENT, DNS, DNSQR, IP, SERVER, START, UDP, classes, frame, pcap

RAW = b"\x10\xd1\x9e\x20"
"""How a datagram of iodine's raw mode begins: data, of its user 0."""
ANSWER = DNS(qr=1, qd=DNSQR(qname="tep.example.vn"))
REFUSAL = struct.pack(">6H", 0x4711, 0x8001, 0, 0, 0, 0)


def exchanged(up, down, count=LEAST):
    ends, back = IP(src=CLIENT, dst=SERVER), IP(src=SERVER, dst=CLIENT)
    return [
        (number * 2 + step * 0.1, raw)
        for number in range(count)
        for step, raw in enumerate(
            (
                frame(ends, UDP(sport=50_000, dport=53), up(number)),
                frame(back, UDP(sport=53, dport=50_000), down(number)),
            )
        )
    ]


def iodine(_):
    return RAW + secrets.token_bytes(90)


def openvpn(number):
    return b"\x48\x00\x00\x00" + struct.pack(">I", 1 + number) + secrets.token_bytes(90)


def wireguard(number):
    return b"\x04\x00\x00\x00\xa7\x31\x55\x02" + struct.pack("<Q", number) + secrets.token_bytes(80)


@pytest.mark.parametrize("tunnel", [iodine, openvpn, wireguard])
def test_a_tunnel_that_only_has_the_port_of_dns_is_told(tmp_path, tunnel):
    assert classes(pcap(tmp_path / "x", exchanged(tunnel, tunnel))) == {("dns_tunnel", CLIENT)}
    few = exchanged(tunnel, tunnel, LEAST - 1)
    assert classes(pcap(tmp_path / "y", few)) == set()
    assert classes(pcap(tmp_path / "z", [(after - START, raw) for after, raw in few])) == set()


@pytest.mark.parametrize(
    ("up", "down"),
    [
        (lambda number: DNS(id=number, qd=DNSQR(qname="tep.example.vn")), lambda number: ANSWER),
        (iodine, lambda number: REFUSAL),
        (lambda number: DNS(id=number, opcode=5, ns=DNSQR(qname="x.vn")), lambda number: DNS(qr=1, opcode=5)),
        (lambda number: DNS(id=number, opcode=4, aa=1, qd=DNSQR(qname="x.vn", qtype=6)), lambda number: ANSWER),
    ],
    ids=["questions", "noise that is refused", "updates", "notices"],
)
def test_what_speaks_dns_is_none(tmp_path, up, down):
    def message(make):
        return lambda number: bytes(make(number))

    assert classes(pcap(tmp_path / "x", exchanged(message(up), message(down), 4 * LEAST))) == set()
