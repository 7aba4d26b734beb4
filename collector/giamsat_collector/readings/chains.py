# SPDX-License-Identifier: Apache-2.0
"""The metric chains of all agents, and frames as what they hold: many at once where they are alike, else one by one."""

from collections import deque
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, NamedTuple, TypeAlias

import structlog

from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.readings.chain import Chain
from giamsat_collector.readings.matrix import SETS_AT_ONCE, Run, advance
from giamsat_wire import limits
from giamsat_wire.catalogue import MetricType
from giamsat_wire.codec import Happenings, Readings
from giamsat_wire.errors import WireError
from giamsat_wire.lane import Lane
from giamsat_wire.packed import Packed, packed
from giamsat_wire.record import Loss, Sample

log = structlog.get_logger()
FRAMES_AT_ONCE: Final = SETS_AT_ONCE // limits.SETS_PER_FRAME
"""More than these are read one by one."""
WORTH: Final = 24
"""Sets from which on it costs less to read them together, if there are EACH of each agent."""
EACH: Final = 2
ROUNDS: Final = 4
"""How often in a batch frames are read together, between such as are read one by one."""
Content: TypeAlias = Readings | Happenings | Loss


class Opened(NamedTuple):
    """What a frame holds, or why it cannot be read; the types its chain knew then; the newest samples of its chain."""

    content: Content | Exception
    types: Mapping[str, MetricType]
    samples: Callable[[], tuple[Sample, ...]]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A frame of a metric lane, and how it lies on the wire where it may be read together with others."""

    at: int
    stored: StoredFrame
    packed: Packed | None

    def follows(self, chain: Chain) -> bool:
        """Whether it goes on with a chain and can be read together with others."""
        decoder = chain.decoder
        return self.packed is not None and decoder.begun and self.packed.chain == decoder.chain


@dataclass(slots=True)
class Chains:
    """Every agent's chain; of each set those named in `wanted` are given."""

    wanted: Container[str]
    _chains: dict[str, tuple[int, Chain]] = field(default_factory=dict)

    def want(self, wanted: Container[str]) -> None:
        """From the next frame on, give other names."""
        self.wanted = wanted
        for _, chain in self._chains.values():
            chain.want(wanted)

    def opened(self, frames: Sequence[StoredFrame]) -> list[Opened]:
        """What each frame holds, as if they were read one after the other; at most FRAMES_AT_ONCE of them together."""
        found = {at: _opened(one, Chain(())) for at, one in enumerate(frames) if one.lane is not Lane.METRIC}
        its: dict[str, list[int]] = {}
        for at, stored in enumerate(frames):
            if at not in found:
                its.setdefault(stored.agent, []).append(at)
        sets = {agent: len(ats) * self._chain(frames[ats[0]]).bundled for agent, ats in its.items()}
        many = _many(sets) if len(frames) <= FRAMES_AT_ONCE else frozenset()
        waiting = {
            agent: deque([_Waiting(at, frames[at], _packed(frames[at]) if agent in many else None) for at in ats])
            for agent, ats in its.items()
        }
        for _ in range(ROUNDS):
            found |= self._singly(waiting.values())
            found |= self._together([queue for queue in waiting.values() if queue])
        for queue in waiting.values():
            found |= {one.at: _opened(one.stored, self._chain(one.stored)) for one in queue}
        return [found[at] for at in range(len(frames))]

    def _singly(self, queues: Iterable[deque[_Waiting]]) -> dict[int, Opened]:
        """Read the frames before the first that can be read together with others."""
        found = {}
        for queue in queues:
            while queue and not queue[0].follows(chain := self._chain(queue[0].stored)):
                one = queue.popleft()
                found[one.at] = _opened(one.stored, chain)
        return found

    def _together(self, queues: Sequence[deque[_Waiting]]) -> dict[int, Opened]:
        """Read those that can; if there are many, and behind them the one that only seemed to be such."""
        runs = [self._run(queue) for queue in queues]
        found: dict[int, Opened] = {}
        if sum(len(frame.sets) for run in runs for frame in run.frames) < WORTH:
            return found
        try:
            every = advance(runs)
        except Exception:  # every turn would end in it; each frame by itself is judged all the same
            log.exception("frames_not_read_together")
            every = [[] for _ in runs]
        for queue, run, read in zip(queues, runs, every, strict=True):
            for sets in read:
                found[queue.popleft().at] = Opened(Readings(sets), run.chain.decoder.types, run.chain.samples)
            if len(read) < len(run.frames):
                one = queue.popleft()
                found[one.at] = _opened(one.stored, run.chain)
        return found

    def _run(self, queue: deque[_Waiting]) -> Run:
        epoch, chain = queue[0].stored.epoch, self._chain(queue[0].stored)
        its = takewhile(lambda one: one.stored.epoch == epoch and one.follows(chain), queue)
        return Run(chain, [one.packed for one in its if one.packed is not None])

    def _chain(self, stored: StoredFrame) -> Chain:
        """The chain of an agent's readings; a new epoch of its lane begins a new one."""
        known = self._chains.get(stored.agent)
        if known is None or known[0] != stored.epoch:
            known = self._chains[stored.agent] = (stored.epoch, Chain(self.wanted))
        return known[1]


def _many(sets: Mapping[str, int]) -> frozenset[str]:
    """The agents whose frames are worth being read together, by how many sets they seem to hold."""
    many = frozenset(agent for agent, expected in sets.items() if expected >= EACH)
    return many if sum(sets[agent] for agent in many) >= WORTH else frozenset()


def _packed(stored: StoredFrame) -> Packed | None:
    return packed(stored.flags, stored.payload)


def _opened(stored: StoredFrame, chain: Chain) -> Opened:
    content: Content | Exception
    try:
        content = chain.decode(stored.flags, stored.payload)
    except WireError as error:
        # Without the calls it came through: they would hold all that was parsed, of every frame that is waited for.
        error.__cause__ = error.__context__ = None
        content = error.with_traceback(None)
    except Exception as error:  # noqa: BLE001 - said of this frame alone, by the one who judges it
        content = error
    return Opened(content, chain.decoder.types, chain.samples)
