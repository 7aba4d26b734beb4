# SPDX-License-Identifier: Apache-2.0
import numpy as np

from giamsat_agent.packets.chunk import PADDING, Chunk
from giamsat_agent.packets.columns.below_ip import arp, hello
from giamsat_agent.packets.columns.link import ETHERNET, Link
from support.capture import ARP, Ether

BPDU = bytes.fromhex("0180c2000000 020000000001 0026 424203 0000 00 00 00 8001020000000009") + bytes(31)


def linked(*frames):
    """The link layer of these frames, and their places."""
    lengths = np.array([len(raw) for raw in frames], dtype=np.int64)
    ends = np.cumsum(lengths)
    data = np.frombuffer(b"".join(frames) + bytes(PADDING), np.uint8)
    return Link(Chunk(data, ends - lengths, lengths, np.arange(len(frames)), ETHERNET, 1)), np.arange(len(frames))


def test_arp_is_read_with_who_asks_for_whom():
    asked = bytes(
        Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc="02:00:00:00:00:07", psrc="10.0.0.7", pdst="10.0.0.9")
    )
    link, every = linked(BPDU, asked, asked[:40])

    found = arp(link.rows, link, every)

    assert (found.at.tolist(), found.operation.tolist(), found.sender_mac.tolist()) == ([1], [1], [0x020000000007])
    assert [int(found.sender_ip[0]) & 0xFF, int(found.target_ip[0]) & 0xFF] == [7, 9]


def test_a_bridge_says_which_root_it_knows_and_a_message_that_was_cut_off_says_nothing():
    link, every = linked(BPDU, BPDU[:40])

    found = hello(link.rows, link, every)

    assert (found.at.tolist(), found.root.tolist()) == ([0], [0x8001020000000009])
