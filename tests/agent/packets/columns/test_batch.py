# SPDX-License-Identifier: Apache-2.0
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.chunk import PADDING, Chunk
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.batch import NOT_IP
from giamsat_agent.packets.columns.headers import decode
from giamsat_agent.packets.columns.link import ETHERNET
from support.capture import ARP, ICMP, IP, TCP, UDP, Ether, IPv6, frame

ENDS = IP(src="10.0.0.1", dst="10.0.0.2")
FLAGS = ("S", "SA", "SAP", "A", "PA", "FA", "F", "R", "RA", "SR", "SF", "")
SAID = (b"GET / HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n", b"DELETE /a HTTP/1.1\r\n", b"GETA", b"GE", b"SSH-2.0", b"G")


def decoded(*frames):
    """The batch of these frames."""
    lengths = np.array([len(raw) for raw in frames], dtype=np.int64)
    ends = np.cumsum(lengths)
    data = np.frombuffer(b"".join(frames) + bytes(PADDING), np.uint8)
    return decode(Chunk(data, ends - lengths, lengths, np.arange(len(frames)), ETHERNET, 1), Addresses())


def test_frames_have_their_places_by_what_they_are_and_a_segment_cut_before_its_flags_turns_nothing():
    cut = frame(ENDS, TCP(flags="S"))[:40]
    other = [frame(ENDS, UDP()), frame(ENDS, ICMP()), frame(IPv6() / UDP(), b"x"), Ether(type=0x0806) / ARP()]
    batch = decoded(*(frame(ENDS, TCP(flags=flags)) for flags in FLAGS), cut, *map(bytes, other))
    named = [*FLAGS, "cut", *["other"] * len(other)]

    assert batch.tcp.tolist() == list(range(len(FLAGS) + 1))
    assert (batch.udp - len(FLAGS)).tolist() == [1, 3]
    assert ((batch.icmp - len(FLAGS)).tolist(), batch.icmp6.tolist()) == ([2], [])
    assert (batch.other - len(FLAGS)).tolist() == [2, 4]
    assert (batch.of(NOT_IP) - len(FLAGS)).tolist() == [4]
    assert [named[at] for at in batch.turns] == [flags for flags in FLAGS if set(flags) & set("SFR")]
    assert [named[at] for at in batch.begins] == ["S"]
    assert [named[at] for at in batch.accepts] == ["SA", "SAP"]
    assert len(batch.spoken) == 0


def test_what_arrives_comes_from_outside_to_the_inside():
    in_, out = (IP(src="192.0.2.9", dst="10.0.0.5"), IP(src="10.0.0.5", dst="192.0.2.9"))
    within, in6 = IP(src="10.0.0.6", dst="10.0.0.5"), IPv6(src="2001:db8::9", dst="fd00::5")
    carried = (out / TCP(), in_ / TCP(flags="R"), within / UDP(), in_ / UDP(), in_ / ICMP(), in6 / UDP(), in6 / TCP())

    batch = decoded(*(frame(one) for one in carried))

    assert batch.arrivals.tolist() == [1, 3, 5, 6]


def test_what_speaks_of_the_web_is_known_by_its_first_word_and_only_where_it_was_captured():
    said = [frame(ENDS, TCP(flags="PA"), words) for words in SAID]
    batch = decoded(*said, frame(ENDS, UDP(), SAID[0]), frame(ENDS, TCP(flags="A")), said[0][:-14])

    assert batch.spoken.tolist() == [*range(len(SAID)), len(SAID) + 2]
    assert [SAID[at] for at in batch.web] == list(SAID[:3])


def test_rows_are_what_the_columns_have_at_the_places_and_any_of_some_places_comes_once_and_in_order():
    batch = decoded(*(frame(ENDS, UDP(sport=port, dport=53)) for port in range(1, 9)))
    late, early = np.array([5, 2]), np.array([0, 2])

    assert list(batch.rows(late, batch.source_port, batch.number)) == [(5, 6, 6), (2, 3, 3)]
    assert batch.any_of(late, early).tolist() == [0, 2, 5]
    assert batch.any_of().tolist() == []


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(0, 2), st.booleans())))
def test_a_talk_is_one_protocol_between_two_ends_and_a_way_one_direction_of_it(rows):
    frames = [
        frame(IP(src=f"10.0.0.{near}", dst=f"10.0.0.{far}"), (UDP if datagram else TCP)(sport=sport, dport=dport))
        for near, far, sport, dport, datagram in rows
    ]
    batch = decoded(*frames)

    ways = [(datagram, (near, sport), (far, dport)) for near, far, sport, dport, datagram in rows]
    talks = [(datagram, *sorted(ends)) for datagram, *ends in ways]
    assert _groups(batch.way.tolist()) == _groups(ways)
    assert _groups(batch.talk.tolist()) == _groups(talks)


def test_pings_between_two_hosts_are_one_talk_whatever_their_kind():
    there, back = (ICMP(type=kind) for kind in (8, 0))
    batch = decoded(frame(ENDS, there), frame(IP(src="10.0.0.2", dst="10.0.0.1"), back), frame(ENDS, UDP(sport=8)))

    assert _groups(batch.talk.tolist()) == [[0, 1], [2]]


def _groups(names):
    """The places of each different name, in their order."""
    return [[at for at, name in enumerate(names) if name == one] for one in dict.fromkeys(names)]
