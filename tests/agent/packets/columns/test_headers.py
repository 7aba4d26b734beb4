# SPDX-License-Identifier: Apache-2.0
"""Headers against tshark's reading of the same frames, and against bytes nobody meant to send."""

import random
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.l2 import GRE, CookedLinux, CookedLinuxV2, Dot1AD
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.utils import wrpcap

from giamsat_agent.packets.chunk import PADDING, Chunk
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.batch import NOT_IP, UNKNOWN, UNSAID, Batch
from giamsat_agent.packets.columns.headers import decode
from giamsat_agent.packets.columns.link import ETHERNET, NULL, RAW, SLL, SLL2
from giamsat_agent.packets.detectors import every
from support import peers
from support.capture import ARP, ICMP, IP, TCP, UDP, Dot1Q, Ether, IPv6, frame, pcap, source

FIELDS = (
    *("ip.src", "ipv6.src", "ip.dst", "ipv6.dst"),
    *("tcp.srcport", "udp.srcport", "tcp.dstport", "udp.dstport", "tcp.flags"),
    "tcp.window_size_value",
)
LINKS = [ETHERNET, RAW, SLL, SLL2, NULL, 147]


def decoded(*frames, link_type=ETHERNET):
    """The batch of these frames."""
    lengths = np.array([len(raw) for raw in frames], dtype=np.int64)
    ends = np.cumsum(lengths)
    data = np.frombuffer(b"".join(frames) + bytes(PADDING), np.uint8)
    return decode(Chunk(data, ends - lengths, lengths, np.arange(len(frames)), link_type, 1), Addresses())


def mixed(count):
    """Frames of many kinds, the same each time."""
    rng = random.Random(7)
    frames = []
    for _ in range(count):
        six = rng.random() < 0.3
        ip = (
            IPv6(src=f"2001:db8::{rng.randrange(1, 0xFFFF):x}", dst="2001:db8::1")
            if six
            else IP(src=f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}", dst="192.0.2.1")
        )
        if not six and rng.random() < 0.2:
            ip.options = [b"\x01\x01\x01\x00"]
        ports = {"sport": rng.randrange(1, 65536), "dport": rng.randrange(1, 65536)}
        top = (
            TCP(**ports, flags=rng.randrange(64), window=rng.choice((0, rng.randrange(1 << 16))))
            if rng.random() < 0.6
            else UDP(**ports)
        )
        tags = [Dot1Q(vlan=rng.randrange(1, 4095))] * rng.choice((0, 0, 0, 1, 2))
        frames.append(frame(*tags, ip, top, rng.randbytes(rng.randrange(60))))
    return frames


@pytest.mark.peer("tshark")
def test_addresses_ports_flags_and_windows_are_those_tshark_reads(tmp_path):
    path = pcap(tmp_path / "mixed.pcap", [(number / 1000, raw) for number, raw in enumerate(mixed(3_000))])
    words = [peers.program("tshark"), "-r", path, "-T", "fields", "-o", "tcp.try_heuristic_first:FALSE"]
    words += [word for name in FIELDS for word in ("-e", name)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    expected = []
    for line in said.splitlines():
        src4, src6, dst4, dst6, tsp, usp, tdp, udp, flags, room = (cell.split(",")[0] for cell in line.split("\t"))
        bits = int(flags, 16) & 63 if flags else UNKNOWN
        expected.append((src4 or src6, dst4 or dst6, int(tsp or usp), int(tdp or udp), bits, int(room or UNSAID)))

    with source(path) as opened:
        batch = decode(next(iter(opened.chunks())), Addresses())

    text = batch.addresses.text
    ends = (batch.source, batch.destination)
    columns = (batch.source_port, batch.destination_port, batch.flags, batch.window)
    assert [(text(a), text(b), *rest) for _, a, b, *rest in batch.rows(batch.number - 1, *ends, *columns)] == expected


def test_a_short_frame_never_borrows_from_its_neighbour():
    whole = frame(IP(src="10.0.0.1", dst="10.0.0.2"), TCP(sport=1, dport=2, flags="S"))
    full = frame(IP(src="10.9.9.9", dst="10.8.8.8"), TCP(sport=65535, dport=65535, flags="FSRPAU"))

    for cut in range(len(whole)):
        batch = decoded(whole[:cut], full)

        assert int(batch.flags[0]) in {UNKNOWN, 2}
        assert int(batch.source_port[0]) in {0, 1}
        assert int(batch.window[0]) in {UNSAID, 8192}
        assert int(batch.held[0]) == 0


def test_what_stands_behind_ipv6_extension_headers_is_found():
    hop_by_hop = b"\x06\x00" + bytes(6)
    segment = bytes(TCP(sport=7, dport=9, flags="S"))

    batch = decoded(frame(IPv6(src="2001:db8::1", dst="2001:db8::2", nh=0), hop_by_hop + segment))

    assert (int(batch.protocol[0]), int(batch.destination_port[0]), int(batch.flags[0])) == (6, 9, 2)
    assert batch.addresses.text(int(batch.source[0])) == "2001:db8::1"


def test_a_tag_inside_leaves_alone_the_one_the_kernel_took_off():
    raw = bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / Dot1Q(vlan=9) / IP() / TCP())
    data, outer = np.frombuffer(raw + bytes(PADDING), np.uint8), np.array([7], np.int64)
    chunk = Chunk(data, np.array([0]), np.array([len(raw)]), np.array([len(raw)]), ETHERNET, 1, vlans=outer)

    batch = decode(chunk, Addresses())

    assert (batch.vlan.tolist(), outer.tolist()) == ([9], [7])


def test_a_fragment_that_is_not_the_first_has_no_ports():
    batch = decoded(frame(IP(src="10.0.0.1", dst="10.0.0.2", frag=5, proto=17), b"\x12\x34\x56\x78" * 5))

    assert bool(batch.fragment[0])
    assert (int(batch.source_port[0]), int(batch.held[0])) == (0, 0)


@pytest.mark.parametrize(
    ("link_type", "head"),
    [
        (RAW, b""),
        (SLL, bytes(14) + b"\x08\x00"),
        (SLL2, b"\x08\x00" + bytes(18)),
        (NULL, b"\x02\0\0\0"),
        (ETHERNET, bytes(12) + b"\x88\x64" + b"\x11\0\0\x01\0\x40\0\x21"),
    ],
    ids=["raw", "cooked", "cooked v2", "loopback", "pppoe"],
)
def test_other_links_than_plain_ethernet_are_read(link_type, head):
    packet = bytes(IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=53, dport=54) / b"data")

    batch = decoded(head + packet, link_type=link_type)

    assert batch.addresses.text(int(batch.destination[0])) == "10.0.0.2"
    assert (int(batch.source_port[0]), batch.content(0)) == (53, b"data")


def test_an_icmp_message_has_its_type_and_code_where_others_have_ports():
    batch = decoded(frame(IP(src="10.0.0.1", dst="10.0.0.2"), ICMP(type=3, code=2), b"x" * 8))

    assert (int(batch.source_port[0]), int(batch.destination_port[0])) == (3, 2)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=8), st.sampled_from(LINKS))
def test_any_bytes_are_survived_by_headers_and_detectors(frames, link_type):
    batch = decoded(*frames, link_type=link_type)

    assert isinstance(batch, Batch)
    assert len(batch) == len(frames)
    for detector in every():
        list(detector.take(batch))


MIXED = mixed(20)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_frame_with_flipped_bytes_is_survived(data):
    raw = bytearray(data.draw(st.sampled_from(MIXED)))
    for _ in range(data.draw(st.integers(1, 12))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))

    batch = decoded(bytes(raw))

    for detector in every():
        list(detector.take(batch))
    assert int(batch.protocol[0]) >= NOT_IP


LINK = Ether(src="02:00:00:00:00:aa", dst="02:00:00:00:00:bb")
SCANNED = [
    IP(src="10.7.0.9", dst="10.7.0.2") / TCP(sport=7, dport=9, flags="S"),
    IPv6(src="2001:db8::9", dst="2001:db8::2") / TCP(sport=7, dport=9, flags="S"),
]
ENDS = {"src": "192.0.2.1", "dst": "192.0.2.2"}
TUNNELS = {
    "gre": lambda packet: IP(**ENDS) / GRE() / packet,
    "gre with key, checksum and number": lambda packet: (
        IP(**ENDS) / GRE(chksum_present=1, key_present=1, seqnum_present=1, key=5, sequence_number=1) / packet
    ),
    "gre bridged": lambda packet: IP(**ENDS) / GRE(proto=0x6558) / LINK / packet,
    "ip in ip": lambda packet: IP(**ENDS) / packet,
    "ip in ipv6": lambda packet: IPv6(src="2001:db8:f::1", dst="2001:db8:f::2") / packet,
    "vxlan": lambda packet: IP(**ENDS) / UDP(sport=40_000, dport=4789) / VXLAN(vni=7) / LINK / packet,
    "vxlan tagged": lambda packet: (
        IP(**ENDS) / UDP(sport=40_000, dport=4789) / VXLAN(vni=7) / LINK / Dot1Q(vlan=9) / packet
    ),
}


@pytest.mark.parametrize("inner", SCANNED, ids=["inner v4", "inner v6"])
@pytest.mark.parametrize("tunnel", TUNNELS.values(), ids=TUNNELS)
def test_a_packet_in_a_tunnel_is_read_with_the_addresses_inside(tunnel, inner):
    plain, wrapped = frame(IP(src="10.0.0.1", dst="10.0.0.2"), UDP(sport=5, dport=6)), frame(tunnel(inner / b"data"))

    batch = decoded(plain, wrapped, plain)

    assert batch.addresses.text(int(batch.source[1])) == inner.src
    assert (int(batch.source_port[1]), int(batch.destination_port[1]), int(batch.flags[1])) == (7, 9, 2)
    assert (batch.content(1), int(batch.payload[1])) == (b"data", 4)
    assert [batch.addresses.text(int(batch.source[place])) for place in (0, 2)] == ["10.0.0.1"] * 2


def test_arp_inside_a_bridged_tunnel_is_read_with_its_link_addresses():
    asked = Ether(src="02:00:00:00:00:07", dst="ff:ff:ff:ff:ff:ff") / ARP(
        op=1, hwsrc="02:00:00:00:00:07", psrc="10.0.0.7", pdst="10.0.0.9"
    )

    batch = decoded(frame(IP(**ENDS) / UDP(sport=40_000, dport=4789) / VXLAN(vni=7) / asked))

    assert int(batch.arp.sender_ip[0]) & 0xFF == 7
    assert int(batch.source_mac[0]) == 0x020000000007


@pytest.mark.parametrize(
    "packet",
    [
        IP(**ENDS, proto=47) / b"\x00\x01\x08\x00" / SCANNED[0],
        IP(**ENDS, proto=4) / b"\x95" / bytes(30),
        IP(**ENDS, proto=4) / b"",
        IP(**ENDS) / UDP(sport=40_000, dport=4789) / bytes(8) / LINK / SCANNED[0],
        IP(**ENDS) / UDP(sport=40_000, dport=4790) / VXLAN() / LINK / SCANNED[0],
        IP(**ENDS, frag=5, proto=4) / SCANNED[0],
    ],
    ids=["gre of another version", "no packet", "nothing", "no vxlan", "another port", "a later fragment"],
)
def test_what_only_looks_like_a_tunnel_keeps_its_own_addresses(packet):
    # Whatever stands behind the packet's end was not sent by anybody.
    batch = decoded(frame(packet) + bytes(SCANNED[0]))

    assert batch.addresses.text(int(batch.source[0])) == ENDS["src"]


def test_a_packet_two_tunnels_deep_is_read_one_deep():
    batch = decoded(frame(IP(**ENDS) / IP(src="10.1.0.1", dst="10.1.0.2") / SCANNED[0]))

    assert batch.addresses.text(int(batch.source[0])) == "10.1.0.1"


WRITTEN = {
    "qinq": (1, LINK / Dot1AD(vlan=3) / Dot1Q(vlan=9)),
    "pppoe in a vlan": (1, LINK / Dot1Q(vlan=9) / PPPoE(sessionid=1) / PPP()),
    "raw": (101, None),
    "cooked": (113, CookedLinux()),
    "cooked and tagged": (113, CookedLinux() / Dot1Q(vlan=9)),
    "cooked v2": (276, CookedLinuxV2()),
    "cooked v2 and tagged": (276, CookedLinuxV2() / Dot1Q(vlan=9)),
}


@pytest.mark.parametrize("inner", SCANNED, ids=["v4", "v6"])
@pytest.mark.parametrize(("link_type", "below"), WRITTEN.values(), ids=WRITTEN)
def test_captures_scapy_wrote_of_other_links_are_read(tmp_path, link_type, below, inner):
    path = tmp_path / "x.pcap"
    wrpcap(str(path), [inner if below is None else below / inner], linktype=link_type)

    with source(path) as opened:
        batch = decode(next(iter(opened.chunks())), Addresses())

    assert batch.addresses.text(int(batch.destination[0])) == inner.dst
    assert (int(batch.destination_port[0]), int(batch.flags[0])) == (9, 2)


def test_a_packet_in_a_tunnel_ends_where_the_tunnel_does():
    """What the frame holds behind it is padding, whatever the packet inside says of its length."""
    segment = bytes(IP(src="10.0.0.3", dst="10.0.0.4") / TCP(sport=1, dport=2, flags="S"))
    outer = IP(src="10.0.0.1", dst="10.0.0.2", proto=47, len=20 + 4 + 20 + 8)
    batch = decoded(frame(outer, GRE(proto=0x0800), segment))

    assert (batch.source_port.tolist(), batch.flags.tolist(), batch.held.tolist()) == ([1], [UNKNOWN], [0])
