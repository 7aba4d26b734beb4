# SPDX-License-Identifier: Apache-2.0
"""A made-up life in which the agent's host is set back to a snapshot of its disk, and goes on from there.

What it makes from then on gets numbers that were given before. None of it may be taken for what the collector holds
under them already: each frame is stored, or declared lost. What both pasts have in common may come a second time.
"""

import copy
from typing import Any, Final

from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_agent.uplink.session import Session
from giamsat_wire.lane import Lane
from support import metric_frames
from support.session_history import AGENT, LANES, MOVES, STEPS, History
from support.session_promises import check

ROOMY: Final = Caps(urgent=1 << 22, event=24_000, metric=1 << 22, bulk=16_000)
"""Metrics are not thinned: of a thinned frame nobody can say any more what it was."""
WEIGHTS: Final = {**MOVES, "take_snapshot": 2, "roll_back": 1}


class SnapshotHistory(History):
    """Both ends, and snapshots of the agent's disk."""

    def __init__(self, seed: int) -> None:
        self.snapshot: dict[str, Any] | None = None
        self.was_rolled_back = False
        super().__init__(seed)

    def _start_agent(self) -> None:
        self.nonce += 1
        owner, bits = Owner(AGENT, "boot"), self.rng.getrandbits
        self.spool = Spool(self.disk.folder, owner=owner, clock=self.clock, random_bits=bits, caps=ROOMY)
        self.session, self.metrics = Session(), metric_frames.Maker(self.rng)

    def live(self) -> None:
        """From the first frame to the last acknowledgement.

        Raises:
            BrokenPromiseError: a promise was broken.
        """
        moves = [getattr(self, f"_{name}") for name in WEIGHTS]
        for _ in range(STEPS):
            self.clock.advance(self.rng.randint(1, 200_000_000))
            self.rng.choices(moves, list(WEIGHTS.values()))[0]()
            if not self.was_rolled_back:
                self._let_go_of_nothing()
        self.settle()

    def settle(self) -> None:
        """Everything is sent, and what was promised is held against the rows; BrokenPromiseError as `live`."""
        self._settle()
        check(self.database, self.promised, alone=False, once=not self.was_rolled_back)

    def append(self, times: int) -> None:
        """So many small batches of frames."""
        for _ in range(times):
            self._append()

    def regressed(self, lane: Lane) -> bool:
        """Whether the spool began another epoch in a lane since the snapshot, which has the epoch of before."""
        return self.spool.state(lane).epoch != self.epochs[lane]

    def _take_snapshot(self) -> None:
        self.snapshot = copy.deepcopy(self.disk.folders, {id(self.disk): None})
        self.promised_then = dict(self.promised)
        self.epochs = {lane: self.spool.state(lane).epoch for lane in LANES}

    def _roll_back(self) -> None:
        if self.snapshot is None:
            return
        self._forget_wires()
        self.was_rolled_back = True
        self.disk.folders = copy.deepcopy(self.snapshot)
        for folder in self.disk.folders.values():
            folder.disk = self.disk
        self.disk.cut()
        self._start_agent()
        self.promised = dict(self.promised_then)
        self.append(self.rng.randrange(12))  # before it meets the collector again: fewer or more than that one holds
