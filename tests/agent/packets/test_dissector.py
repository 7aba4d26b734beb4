# SPDX-License-Identifier: Apache-2.0
import sys
import time

import pytest

from giamsat_agent.packets.dissector import AGAIN_NS, PATIENCE_NS, WAITING, Dissector
from giamsat_agent.packets.evidence import Frame, as_pcap
from giamsat_agent.packets.telling.report import Evidence
from support.capture import IP, TCP, frame
from support.clock import ManualClock

PIECE = Evidence("eth0", "x", "scan", as_pcap([Frame(0, 60, 1, frame(IP(src="203.0.113.9"), TCP(dport=22)))] * 20))
DIES = (sys.executable, "-c", "pass")
SILENT = (sys.executable, "-c", "import time; time.sleep(60)")
NESTS = (sys.executable, "-c", "import socket; socket.socket(fileno=0).send(b'[' * 30_000)")
LIES = (sys.executable, "-c", "import socket; socket.socket(fileno=0).send(b'{}')")


@pytest.fixture
def made():
    every = []

    def make(*helper):
        clock = ManualClock()
        every.append(Dissector(clock, *helper))
        return clock, every[-1]

    yield make
    for dissector in every:
        dissector.close()


def out(dissector, count):
    """What comes out within ten seconds."""
    found, until = [], time.monotonic() + 60
    while len(found) < count:
        assert time.monotonic() < until
        found += dissector.done()
        time.sleep(0.01)
    return found


def test_the_real_helper_names_every_packet_one_piece_after_the_other_and_is_a_process_of_its_own(made):
    _, dissector = made()
    busy = [dissector.busy]
    dissector.take(PIECE)
    dissector.take(PIECE)
    busy += [dissector.busy]
    pieces = out(dissector, 1)
    busy += [dissector.busy]
    pieces += out(dissector, 1)

    assert [*busy, dissector.busy] == [False, True, True, False]
    assert [len(piece.lines) for piece in pieces] == [20, 20]
    assert "203.0.113.9:20 > 127.0.0.1:22" in pieces[0].lines[0]
    assert dissector.failures == 0


@pytest.mark.parametrize("helper", [DIES, LIES, NESTS], ids=["dies", "says something else", "says it without end"])
def test_evidence_comes_out_all_the_same_when_the_helper(made, helper):
    clock, dissector = made(helper)
    dissector.take(PIECE)

    assert out(dissector, 1) == [PIECE]
    assert dissector.failures == 1
    dissector.take(PIECE)
    assert list(dissector.done()) == [PIECE]
    clock.advance(AGAIN_NS)
    dissector.take(PIECE)
    assert out(dissector, 1) == [PIECE]
    assert dissector.failures == 2


def test_a_helper_that_takes_too_long_is_ended(made):
    clock, dissector = made(SILENT)
    dissector.take(PIECE)
    assert list(dissector.done()) == []
    clock.advance(PATIENCE_NS + 1)

    assert list(dissector.done()) == [PIECE]
    assert dissector._child is None


def test_more_than_may_wait_goes_undissected(made):
    _, dissector = made(SILENT)
    for _ in range(WAITING + 3):
        dissector.take(PIECE)

    assert len(list(dissector.done())) == 3


def test_a_helper_that_cannot_be_started_costs_only_the_lines(made):
    _, dissector = made(("/no/such/program",))
    dissector.take(PIECE)

    assert out(dissector, 1) == [PIECE]
