# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.chunk import PADDING, Chunk
from giamsat_agent.packets.columns.link import ETHERNET, IP4, RAW, SLL, SLL2, Link, captured, gather

NEAR, FAR = bytes.fromhex("020000000001"), bytes.fromhex("0200000000ff")
BYTES = np.arange(64 + PADDING, dtype=np.uint8)


def linked(*frames, link_type=ETHERNET):
    """The link layer of these frames."""
    lengths = np.array([len(raw) for raw in frames], dtype=np.int64)
    ends = np.cumsum(lengths)
    data = np.frombuffer(b"".join(frames) + bytes(PADDING), np.uint8)
    return Link(Chunk(data, ends - lengths, lengths, np.arange(len(frames)), link_type, 1))


def test_addresses_type_and_tags_are_read_and_what_is_inside_begins_behind_them():
    plain = FAR + NEAR + b"\x08\x00" + b"E" * 20
    tagged = FAR + NEAR + b"\x88\xa8\x00\x07\x81\x00\x20\x09\x08\x00" + b"E" * 20
    link = linked(plain, tagged)

    assert link.destination.tolist() == [int.from_bytes(FAR)] * 2
    assert link.source.tolist() == [int.from_bytes(NEAR)] * 2
    assert link.ether_type.tolist() == [IP4, IP4]
    assert link.vlan.tolist() == [0, 9]
    assert link.network_at.tolist() == [14, len(plain) + 22]
    assert link.held.tolist() == [20, 20]


@pytest.mark.parametrize("length", range(15))
def test_a_frame_cut_within_its_header_has_nothing_of_its_neighbour(length):
    link = linked((FAR + NEAR + b"\x08\x00")[:length], FAR + NEAR + b"\x08\x06" + b"A" * 28)

    assert (int(link.source[0]), int(link.held[0])) == (0 if length < 14 else int.from_bytes(NEAR), 0)
    assert int(link.ether_type[0]) == 0
    assert int(link.held[1]) == 28


@pytest.mark.parametrize(
    ("link_type", "header"), [(SLL, b"\0" * 14 + b"\x08\x00"), (SLL2, b"\x08\x00" + b"\0" * 18), (RAW, b"")]
)
def test_other_link_layers_have_no_addresses_but_what_is_inside(link_type, header):
    link = linked(header + b"E" * 20, link_type=link_type)

    assert (link.ether_type.tolist(), link.held.tolist(), link.source.tolist()) == ([IP4], [20], [0])


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(-3, 30)), min_size=1))
def test_what_was_captured_is_copied_and_the_rest_is_zero(places):
    at, held = (np.array(column) for column in zip(*places, strict=True))

    rows = captured(BYTES, at, held, 20)

    assert gather(BYTES, at, 20).tolist() == [BYTES[place : place + 20].tolist() for place, _ in places]
    kept = [BYTES[place : place + max(min(length, 20), 0)].tolist() for place, length in places]
    assert rows.tolist() == [[*one, *[0] * (20 - len(one))] for one in kept]
