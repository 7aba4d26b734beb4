# SPDX-License-Identifier: Apache-2.0
"""`alone.py FOLDER HOURS`: an agent without a line, as a process of its own, on a real disk, in made-up time.

It keeps a reading every 15 s, an event a minute and something urgent every ten. First, having seen as many events as it
remembers, it has a line for half a day, and what it keeps is read and acknowledged every hour; then it has none, and
when it is back everything is. Printed are how many frames waited, and by how many bytes the memory (RSS) was larger, at
most, than while there was a line.
"""

import random
import sys
from pathlib import Path

import psutil

from giamsat_agent.framing import REMEMBERED, Framer
from giamsat_agent.spool.files import DiskFiles
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Sample, SampleSet

S = 1_000_000_000
READING_S = 15
SERIES = 100
USUAL_H = 12
KINDS = ("ssh-login", "agent-started")


class Passing:
    """Implements giamsat_wire.clock.Clock."""

    now_ns = 1_700_000_000 * S

    def wall_ns(self):
        return self.now_ns

    mono_ns = wall_ns


class Hasty(DiskFiles):
    """A disk that is not waited for: no power is cut."""

    def sync(self, handle):
        pass


def happened(kind, clock, message):
    return Event(kind, clock.now_ns, clock.now_ns, {"event.id": f"{clock.now_ns} {message[:20]}", "message": message})


def hour(framer, clock, draw):
    """An hour without a line."""
    for number in range(3_600 // READING_S):
        clock.now_ns += READING_S * S
        samples = [Sample(f"node_metric_{at}", draw.random()) for at in range(SERIES)]
        framer.readings(SampleSet(clock.now_ns, clock.now_ns, tuple(samples)))
        if number % 4 == 0:
            framer.happenings([happened(KINDS[number % 40 == 0], clock, draw.randbytes(150).hex())], [])


def catch_up(spool, look):
    """Everything is read as it would be sent, and acknowledged."""
    for lane in Lane:
        while (state := spool.state(lane)).acked < state.committed:
            frames = spool.read(lane, state.acked, most_bytes=64 << 10)
            spool.acknowledge(lane, state.epoch, frames[-1].seq)
            look()


def main(folder, hours):
    clock, draw, process = Passing(), random.Random(3), psutil.Process()
    spool = Spool(
        lambda lane: Hasty(folder / lane),
        owner=Owner("agent", "boot"),
        clock=clock,
        random_bits=draw.getrandbits,
        caps=Caps(),
    )
    framer, seen = Framer(spool), []

    def look():
        seen.append(process.memory_info().rss)

    for first in range(0, REMEMBERED, 20):
        numbers = map(str, range(first, first + 20))
        framer.happenings([happened(kind, clock, number) for number in numbers for kind in KINDS], [])
        catch_up(spool, look)
    for _ in range(USUAL_H):
        hour(framer, clock, draw)
        catch_up(spool, look)
    before = max(seen)
    for _ in range(hours):
        hour(framer, clock, draw)
        look()
    waits = sum(spool.state(lane).committed - spool.state(lane).acked for lane in Lane)
    catch_up(spool, look)
    sys.stdout.write(f"{waits} {max(seen) - before}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
