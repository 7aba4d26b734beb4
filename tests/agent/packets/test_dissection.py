# SPDX-License-Identifier: Apache-2.0
import json
import random
import socket
import subprocess
import sys

import pytest

from giamsat_agent.packets.dissection import LINE, frames, said
from giamsat_agent.packets.evidence import Frame, as_pcap
from support.capture import DNS, DNSQR, IP, TCP, UDP, IPv6, frame


@pytest.fixture(scope="module")
def helper():
    """The helper as a process; gives the line about a frame."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.settimeout(60)
        words = [sys.executable, "-I", "-m", "giamsat_agent.packets.dissection"]
        with subprocess.Popen(words, stdin=theirs.fileno()) as process:

            def ask(link_type, raw):
                ours.send(as_pcap([Frame(0, len(raw), link_type, raw)]))
                (line,) = json.loads(ours.recv(1 << 16))
                return line

            yield ask
            ours.close()
            assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("link_type", "raw", "words"),
    [
        (1, frame(IP(src="203.0.113.9", dst="10.0.0.1"), TCP(sport=999, dport=22)), "203.0.113.9:999 > 10.0.0.1:22 S"),
        (1, frame(IP(), UDP(dport=53), DNS(qd=DNSQR(qname="giamsat.example"))), "giamsat.example"),
        (101, bytes(IPv6(src="2001:db8::1") / TCP(dport=443)), "2001:db8::1"),
    ],
    ids=["tcp", "dns", "raw IPv6"],
)
def test_a_line_says_what_a_frame_is(helper, link_type, raw, words):
    assert words in helper(link_type, raw)


def test_whatever_a_frame_holds_its_line_is_printable_and_short(helper):
    rng = random.Random(1)
    whole = frame(IP(), UDP(dport=53), DNS(qd=DNSQR(qname="a\x1b]0;x\x07\u202e.example" * 3)))
    for _ in range(300):
        raw = bytearray(whole)
        for _ in range(rng.randrange(1, 8)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        line = helper(rng.choice([1, 101, 113, 228, 229, 9_999]), bytes(raw))
        assert line.isprintable()
        assert 0 < len(line) <= LINE


def test_a_dissector_that_fails_is_said_in_the_line():
    def fails(link_type, raw):
        raise RecursionError

    assert said(fails, 1, b"abc") == "3 bytes that cannot be dissected (RecursionError)"


def test_a_capture_is_read_frame_by_frame_and_one_that_is_cut_as_far_as_it_goes():
    pcap = as_pcap([Frame(0, 3, 113, b"abc"), Frame(0, 4, 113, b"defg")])

    assert list(frames(pcap)) == [(113, b"abc"), (113, b"defg")]
    assert list(frames(pcap[:-6])) == [(113, b"abc")]
    assert list(frames(b"")) == []
