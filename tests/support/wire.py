# SPDX-License-Identifier: Apache-2.0
"""What every detector says of real programs on a cable of our own, without agent and collector around it."""

import contextlib
import subprocess

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.sources.ring import Ring
from giamsat_agent.packets.watch import Watch


class Wire:
    """One end of a cable that is watched while programs run."""

    def __init__(self, pair):
        self.pair = pair

    @contextlib.contextmanager
    def watched(self):
        """A list that holds what was found once the block is left."""
        found: list[Anomaly] = []
        with self.pair.inside():
            ring = Ring(self.pair.watched, megabytes=32, promiscuous=True)
        try:
            yield found
            watch = Watch()
            while (chunk := ring.take()) is not None:
                found += watch.take(chunk)
            found += watch.rest()
            with self.pair.inside():
                ring.count()
            assert ring.dropped == 0
            assert watch.fault is None
        finally:
            ring.close()

    @contextlib.contextmanager
    def running(self, host, *words, until):
        """A program on one of the hosts, from when `until` is in what it says, to the end of the block."""
        process = subprocess.Popen(
            [*self.pair.within(host), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            said = process.stdout
            assert said is not None
            while until not in (line := said.readline()):
                assert line, f"{words[0]} ended and did not say {until!r}"
            yield process
        finally:
            process.kill()
            process.communicate()

    def flood(self, *words):
        """Run a program at the other end before all others, so that it is as fast as it says on a busy machine, too."""
        self.attack("chrt", "--fifo", "1", *words)

    def attack(self, *words):
        """Run a program at the other end; it may find nothing."""
        subprocess.run(
            [*self.pair.within(self.pair.there), *map(str, words)], check=False, timeout=60, capture_output=True
        )
