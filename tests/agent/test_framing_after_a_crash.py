# SPDX-License-Identifier: Apache-2.0
"""What was committed before a crash, and is read again because how far was not noted any more, is not told twice."""

from random import Random

import pytest

from giamsat_agent.framing import Framer
from giamsat_agent.sensor import ITEMS_PER_READING
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_wire import limits
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event
from support.clock import ManualClock
from support.files import Disk

URGENT_KIND, EVENT_KIND = "agent-started", "ssh-login"


@pytest.fixture
def disk():
    return Disk()


def event(identity, kind=EVENT_KIND, text=""):
    return Event(kind, 1, 1, {"event.id": identity, "message": text})


def kept(disk):
    """A spool that has room for more than one message of frames."""
    return Spool(
        disk.folder,
        owner=Owner("a", "b"),
        clock=ManualClock(),
        random_bits=Random(1).getrandbits,
        caps=Caps(urgent=8 << 20, event=8 << 20, metric=64_000, bulk=64_000),
    )


def test_the_newest_events_are_recognised_though_frames_before_them_fill_more_than_a_message(disk):
    spool, rng = kept(disk), Random(7)
    commits = [[event(f"{n}.{m}", text=rng.randbytes(2_000).hex()) for m in range(40)] for n in range(24)]
    for each in commits:
        Framer(spool).happenings(each, ())
    assert spool.state(Lane.EVENT).size > limits.MESSAGE_BYTES
    before = spool.state(Lane.EVENT).committed
    framer = Framer(spool)
    framer.remember()

    framer.happenings(commits[-1], ())

    assert spool.state(Lane.EVENT).committed == before


def test_a_whole_reading_that_was_committed_before_a_crash_is_recognised(disk):
    reading = [event(f"e{number}") for number in range(ITEMS_PER_READING)]
    urgent = [event(f"u{number}", URGENT_KIND) for number in range(10)]
    spool = kept(disk)
    Framer(spool).happenings([*urgent, *reading], ())
    before = {lane: spool.state(lane).committed for lane in (Lane.URGENT, Lane.EVENT)}
    disk.cut()
    spool = kept(disk)
    framer = Framer(spool)
    framer.remember()

    framer.happenings([*urgent, *reading], ())

    assert {lane: spool.state(lane).committed for lane in before} == before
