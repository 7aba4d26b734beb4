# SPDX-License-Identifier: Apache-2.0
import pytest
from scapy.layers.inet import fragment as pieces_of

from giamsat_agent.packets.detectors.fragments import LOOSE, OVERLAPS, SMALL
from support.capture import ATTACKER, ICMP, IP, SERVER, UDP, found, frame, pcap

ENDS = {"src": ATTACKER, "dst": SERVER}


def cut(size, length, *, name=1):
    """A datagram of so many bytes, cut into pieces of so many as a host does."""
    return [frame(one) for one in pieces_of(IP(**ENDS, id=name) / UDP(sport=7, dport=7) / bytes(length), fragsize=size)]


def told(path, raw, every=0.001):
    return [
        (one.name, one.source_ip, one.targets[0].ip)
        for one in found(pcap(path, [(number * every, one) for number, one in enumerate(raw)]))
        if one.name == "fragment_flood"
    ]


def test_tiny_pieces_are_told(tmp_path):
    tiny = [one for name in range(SMALL) for one in cut(8, 24, name=name)]

    assert told(tmp_path / "x", tiny) == [("fragment_flood", ATTACKER, SERVER)]
    assert told(tmp_path / "y", tiny[: SMALL // 2]) == []


def test_pieces_that_overlap_are_told(tmp_path):
    def teardrop(name):
        first = IP(**ENDS, id=name, flags="MF", proto=17)
        second = IP(**ENDS, id=name, frag=20, proto=17)
        return [frame(first, bytes(400)), frame(second, bytes(300))]

    overlapping = [one for name in range(OVERLAPS) for one in teardrop(name)]

    assert told(tmp_path / "x", overlapping) == [("fragment_flood", ATTACKER, SERVER)]
    assert told(tmp_path / "y", overlapping[:-2]) == []


def test_pieces_of_nothing_are_told(tmp_path):
    loose = [
        frame(IP(**ENDS, id=name % 60_000, frag=185, flags="MF", proto=17), bytes(1_000)) for name in range(LOOSE + 1)
    ]

    assert told(tmp_path / "x", loose) == [("fragment_flood", ATTACKER, SERVER)]
    assert told(tmp_path / "y", loose, every=0.01) == []


@pytest.mark.parametrize("again", [1, 2])
def test_large_datagrams_are_none_be_they_sent_twice_or_out_of_order(tmp_path, again):
    whole = [one for name in range(150) for one in cut(1_480, 8_000, name=name)]
    echoes = [frame(one) for one in pieces_of(IP(**ENDS, id=999) / ICMP() / bytes(65_000), fragsize=1_480)]

    assert told(tmp_path / "x", [one for one in (*whole, *echoes) for _ in range(again)]) == []
    assert told(tmp_path / "y", [*whole, *echoes][::-1]) == []


def test_a_number_that_comes_round_is_another_datagram(tmp_path):
    frames = [one for length in (1_600, 2_000, 2_400, 2_800) for one in cut(1_480, length)]

    assert told(tmp_path / "x", frames, every=40) == []


def test_a_number_that_comes_round_quickly_is_another_datagram_though_a_piece_was_lost(tmp_path):
    frames = [one for length in (8_000, 4_000, 6_100, 3_000) * 20 for one in cut(1_480, length)]
    lost = [one for number, one in enumerate(frames) if number % 17 != 5]

    assert told(tmp_path / "x", frames) == []
    assert told(tmp_path / "y", lost) == []


def test_pieces_that_begin_together_and_end_apart_overlap(tmp_path):
    def twice(name):
        ends = {**ENDS, "id": name, "proto": 17}
        return [
            frame(IP(**ends, flags="MF"), bytes(800)),
            frame(IP(**ends, frag=100, flags="MF"), bytes(400)),
            frame(IP(**ends, frag=100), bytes(1_200)),
        ]

    frames = [one for name in range(OVERLAPS) for one in twice(name)]

    assert told(tmp_path / "x", frames) == [("fragment_flood", ATTACKER, SERVER)]
    assert told(tmp_path / "y", frames, every=1.01) == []
