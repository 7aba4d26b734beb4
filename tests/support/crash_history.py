# SPDX-License-Identifier: Apache-2.0
"""One made-up life of an agent's real spool: frames, acknowledgements, full and failing disks, power cuts, restarts.

Everything comes from a seed: clock, disk, randomness, what the collector answers. What the spool promised is written
down beside it, and at the end of the life, when everything has been sent, held against what the collector has:

- a frame whose commit returned is stored, or covered by a declared loss;
- readings that were thinned out are declared to the last one, and those kept are read as what they were;
- no number ever stood for two frames the collector was given;
- nothing urgent was given up for the sake of another lane;
- a start never fails, whatever the disk holds.
"""

import contextlib
from dataclasses import dataclass, field
from random import Random
from typing import Final

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import decode
from giamsat_wire.lane import Lane
from giamsat_wire.record import Loss, LossReason
from support import metric_frames
from support.clock import ManualClock
from support.files import Disk, PowerCut
from support.metric_frames import RAW

STEPS: Final = 60
LANES: Final = (Lane.URGENT, Lane.EVENT, Lane.METRIC)
CAPS: Final = Caps(urgent=1 << 22, event=16_000, metric=16_000, bulk=16_000)
"""Small, so that lanes overflow; the urgent one never does by itself."""
ROUNDS: Final = 400
HOUR_NS: Final = 3_600_000_000_000


class BrokenPromiseError(Exception):
    """A promise was broken."""


@dataclass
class Collector:
    """Implements the collector's side: frames are stored once, in order, and acknowledged when they are."""

    stored: dict[tuple[Lane, int, int], bytes] = field(default_factory=dict)
    high: dict[tuple[Lane, int], int] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    readers: dict[int, metric_frames.Reader] = field(default_factory=dict)

    def take(self, lane: Lane, epoch: int, seq: int, flags: int, payload: bytes) -> None:
        """Store a frame, or recognise it.

        Raises:
            BrokenPromiseError: it is another frame of the same number.
        """
        said = metric_frames.identity(flags, payload) if lane is Lane.METRIC else payload
        before = self.stored.setdefault((lane, epoch, seq), said)
        if before != said and not (lane is Lane.METRIC and b"" in (before, said)):
            raise BrokenPromiseError(f"{lane.name} {seq}: one number for two frames")
        high = self.high.get((lane, epoch), 0)
        self.high[(lane, epoch)] = max(high, seq)
        if lane is Lane.METRIC:
            reader = self.readers.setdefault(epoch, metric_frames.Reader())
            if seq > high and not reader.believes(flags, payload):
                raise BrokenPromiseError(f"{lane.name} {seq}: read as what it never was")
        elif flags != RAW and seq > high:
            found = decode(flags, payload, ChainDecoder(()))
            if isinstance(found, Loss):
                self.losses.append(found)

    def covers(self, lane: Lane, epoch: int, seq: int, payload: bytes) -> bool:
        """Whether a frame is stored, or declared lost."""
        if self.stored.get((lane, epoch, seq)) == payload:
            return True
        return any(loss.lane is lane and loss.epoch == epoch and loss.first <= seq <= loss.last for loss in self.losses)

    def thinned_beyond(self) -> int:
        """How many readings more were thinned out than was said."""
        said: dict[tuple[int, int, int], int] = {}
        for loss in self.losses:
            if loss.reason is LossReason.THINNED:
                its = (loss.epoch, loss.first, loss.last)
                said[its] = said.get(its, 0) + loss.frames
        return sum(
            max(0, sum(self.stored.get((Lane.METRIC, epoch, seq)) == b"" for seq in range(first, last + 1)) - count)
            for (epoch, first, last), count in said.items()
        )


class Life:
    """A spool on a disk of its own, and what it promised."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.disk, self.clock, self.collector = Disk(rng=self.rng), ManualClock(), Collector()
        self.promised: dict[tuple[Lane, int, int], bytes] = {}
        self.appended: dict[Lane, list[tuple[int, bytes]]] = {lane: [] for lane in LANES}
        self.made = 0
        self.metrics = metric_frames.Maker(self.rng)
        self.spool = self._start()

    def live(self) -> None:
        """From the first frame to the last acknowledgement.

        Raises:
            BrokenPromiseError: a promise was broken.
        """
        for _ in range(STEPS):
            if self.rng.random() < 0.3:
                self.disk.cut_at = self.disk.operations + self.rng.randint(1, 12)
            try:
                self._step()
            except PowerCut:
                self._restart()
        self._settle()
        self._check()

    def _step(self) -> None:
        choice = self.rng.random()
        self.clock.advance(self.rng.randint(1, HOUR_NS))
        if choice < 0.45:
            self._append(self.rng.choice(LANES))
        elif choice < 0.70:
            self._commit(self.rng.choice(LANES))
        elif choice < 0.90:
            self._send(self.rng.choice(LANES))
        elif choice < 0.93:
            self.disk.failing = set(self.rng.sample(["append", "sync", "create", "truncate", "put", "remove"], 2))
        elif choice < 0.96:
            self.disk.failing = set()
            self.disk.capacity = 1 << 40
        elif choice < 0.98:
            self.disk.capacity = self.disk.used + self.rng.randint(0, 3_000)
        else:
            self.disk.kill()
            self._restart(power=False)

    def _append(self, lane: Lane) -> None:
        for _ in range(self.rng.randint(1, 4)):
            self.made += 1
            flags, payload, said = self.metrics.any(lane, self.made, self.spool, (30, 300, 1_500))
            try:
                self.appended[lane].append((self.spool.append(lane, flags, payload), said))
            except SpoolError:
                self.metrics.chain.begin()

    def _commit(self, lane: Lane) -> None:
        with contextlib.suppress(SpoolError):
            self.spool.commit(lane)
            epoch = self.spool.state(lane).epoch
            self.promised.update({(lane, epoch, seq): payload for seq, payload in self.appended[lane]})
            self.appended[lane].clear()

    def _send(self, lane: Lane) -> None:
        """Give the collector what it lacks; now and then its answer is lost."""
        with contextlib.suppress(SpoolError):
            state = self.spool.state(lane)
            after = max(self.collector.high.get((lane, state.epoch), 0), state.acked)
            frames = self.spool.read(lane, max(after, state.first - 1), most_bytes=8_000)
            if not frames:
                passed = [last for first, last in state.holes if first <= after + 1 <= last]
                frames = self.spool.read(lane, max([after, *passed]), most_bytes=8_000)
            for frame in frames:
                self.collector.take(lane, state.epoch, frame.seq, frame.flags, frame.payload)
            if self.rng.random() < 0.8:
                self.spool.acknowledge(lane, state.epoch, self.collector.high.get((lane, state.epoch), 0))

    def _restart(self, *, power: bool = True) -> None:
        if power:
            self.disk.cut()
        for frames in self.appended.values():
            frames.clear()
        self.metrics = metric_frames.Maker(self.rng)
        while True:
            try:
                self.spool = self._start()
            except PowerCut:
                self.disk.cut()
            else:
                return

    def _start(self) -> Spool:
        try:
            return Spool(
                self.disk.folder,
                owner=Owner("agent", "boot"),
                clock=self.clock,
                random_bits=self.rng.getrandbits,
                caps=CAPS,
            )
        except (OSError, SpoolError) as error:
            if self.disk.failing:
                self.disk.failing = set()
                return self._start()
            raise BrokenPromiseError(f"it does not start: {error}") from error

    def _settle(self) -> None:
        """The disk is well again, and everything is sent."""
        self.disk.cut_at, self.disk.failing, self.disk.capacity = None, set(), 1 << 40
        for _ in range(ROUNDS):
            before = len(self.collector.stored)
            for lane in LANES:
                self._commit(lane)
                self._send(lane)
            if len(self.collector.stored) == before and all(map(self._is_sent, LANES)):
                return

    def _is_sent(self, lane: Lane) -> bool:
        """Whether all of the lane is acknowledged; what is lost at its end is passed by with the next frame only."""
        state = self.spool.state(lane)
        lost = (last for first, last in state.holes if first <= state.acked + 1)
        return max(state.acked, *lost, 0) == state.next - 1

    def _check(self) -> None:
        for (lane, epoch, seq), payload in self.promised.items():
            if not self.collector.covers(lane, epoch, seq, payload):
                raise BrokenPromiseError(f"{lane.name} {seq}: committed, and neither stored nor declared lost")
        if self.collector.thinned_beyond():
            raise BrokenPromiseError("readings were thinned out and not declared")
        if any((loss.lane, loss.reason) == (Lane.URGENT, LossReason.SPOOL_FULL) for loss in self.collector.losses):
            raise BrokenPromiseError("something urgent was given up")
