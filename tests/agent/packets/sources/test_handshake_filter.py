# SPDX-License-Identifier: Apache-2.0
import ssl
import time

import pytest

from giamsat_agent.packets.payloads.handshake import ClientGreeting, ServerCertificate, ServerGreeting
from giamsat_agent.packets.payloads.tls import RECORD_HEADER
from giamsat_agent.packets.sources import handshake_filter
from giamsat_agent.packets.sources.ring import Ring
from giamsat_agent.packets.watch import Watch
from support import quic
from support.capture import IP, TCP, UDP, IPv6, frame
from support.handshakes import certificate, segments, spoken
from support.lab import lab
from support.patience import Patience

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip")]
HELLO = b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + bytes(1_300)
FIRST, SECOND = b"\xc3\0\0\0\1" + bytes(1_200), b"\xd3\x6b\x33\x43\xcf" + bytes(1_200)
SIX = IPv6(src="2001:db8::1", dst="2001:db8::2")
FOUR = IP(src="10.9.0.1", dst="10.9.0.2")


class Seen:
    def __init__(self):
        self.greetings = []

    def take(self, batch):
        self.greetings += batch.greetings


def taken(chunk):
    return [chunk.data[at : at + size].tobytes() for at, size in zip(chunk.offsets, chunk.lengths, strict=True)]


def through(ring, last):
    """The chunks up to the one with this frame, of which a ring may hold only the beginning."""
    chunks, patience = [], Patience(60)
    while not any(last.startswith(held) for chunk in chunks[-1:] for held in taken(chunk)):
        assert patience.lasts(), "the last frame did not come"
        if (chunk := ring.take()) is not None:
            chunks.append(chunk)
        else:
            time.sleep(0.01)
    return chunks


def watched(frames):
    """What is seen of frames on a real interface, its rings as the agent reads them."""
    watch = Watch((seen := Seen(),))
    with lab() as pair, pair.inside():
        # The kernel hands a frame to the ring first that was opened last.
        ring, whole = Ring(pair.watched, megabytes=1, promiscuous=True), handshake_filter.ring(pair.watched)
        pair.send(frames)
        every = through(ring, frames[-1])
        while (chunk := whole.take()) is not None:
            watch.hear(chunk)
        for chunk in every:
            list(watch.take(chunk))
        whole.close()
        ring.close()
    return seen.greetings


def test_the_kernel_lets_in_whole_what_begins_a_handshake_and_nothing_else():
    frames = [
        frame(FOUR, TCP(sport=1, dport=443), HELLO),
        frame(FOUR, TCP(sport=2, dport=443, options=[("Timestamp", (1, 2))]), HELLO),
        frame(IP(src="10.9.0.1", dst="10.9.0.2", options=[("NOP")] * 4), TCP(sport=3, dport=443), HELLO),
        frame(SIX, TCP(sport=4, dport=8_443), HELLO.replace(b"\xc8\x01", b"\xc8\x02")),
        frame(IP(src="10.9.0.1", dst="10.9.0.2", options=[("NOP")] * 4), UDP(sport=5, dport=443), FIRST),
        frame(SIX, UDP(sport=5, dport=443), SECOND),
        frame(SIX, TCP(sport=5, dport=443), b"\x17" + HELLO[1:]),
        frame(FOUR, UDP(sport=6, dport=443), b"\xe0" + FIRST[1:]),
        frame(SIX, UDP(sport=6, dport=443), FIRST[:1] + SECOND[1:]),
        frame(FOUR, TCP(sport=6, dport=443), HELLO.replace(b"\xc8\x01", b"\xc8\x0b")),
        frame(FOUR, TCP(sport=7, dport=443), HELLO[:4]),
        frame(FOUR, UDP(sport=8, dport=443), HELLO),
        frame(IP(src="10.9.0.1", dst="10.9.0.2", frag=9), TCP(sport=9, dport=443), HELLO),
        frame(FOUR, TCP(sport=10, dport=443), HELLO),
    ]
    with lab() as pair, pair.inside():
        ring = handshake_filter.ring(pair.watched)
        pair.send(frames)
        let_in = [held for chunk in through(ring, frames[-1]) for held in taken(chunk)]
        ring.close()

    assert let_in == [*frames[:6], frames[-1]]


@pytest.mark.parametrize(("pad", "length"), [(0, range(500, 600)), (14, range(1_700, 1_850))])
def test_a_hello_that_is_longer_than_a_slot_is_read_on_a_real_interface(tmp_path, pad, length):
    # Protocols that are offered make it longer: a browser's is about 1,800 bytes, in two segments.
    names = ["h2", *(f"x{number:03}" + "y" * 90 for number in range(pad))]
    turns = spoken(certificate(tmp_path), version=ssl.TLSVersion.TLSv1_2, alpn=names)
    frames = segments("10.9.0.1", "10.9.0.2", turns)
    assert len(turns[0][1]) in length

    greetings = watched([raw for _, raw in frames])

    assert [type(one) for one in greetings] == [ClientGreeting, ServerGreeting, ServerCertificate]
    assert greetings[0].hello.protocols[0] == b"h2"
    assert {one.ends[3] for one in greetings} == {443}
    assert [one.server_name for one in greetings[1:]] == ["dichvucong.example"] * 2


def test_what_a_quic_client_says_first_is_read_on_a_real_interface(tmp_path):
    hello = spoken(certificate(tmp_path), version=ssl.TLSVersion.TLSv1_3, alpn=("h3",))[0][1][RECORD_HEADER:]
    frames = [raw for _, raw in quic.frames("10.9.0.1", "10.9.0.2", quic.datagrams(hello, most=200))]

    assert [one.hello.server_name for one in watched(frames)] == ["dichvucong.example"]
