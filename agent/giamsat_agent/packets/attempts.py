# SPDX-License-Identifier: Apache-2.0
"""Who tried to reach whom, and whether anybody answered. A scan shows by what stays unanswered."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
import numpy as np

from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import Mask
from giamsat_agent.packets.detector import Room, Table
from giamsat_wire.clock import SECOND_NS

SOURCES: Final = 4_096
PER_SOURCE: Final = 1_024
MOST: Final = 100_000
"""Attempts of all sources together, of some 300 bytes each."""
LEFT: Final = MOST - MOST // 8
"""What is left of them when there were too many."""
REMEMBERED_NS: Final = 24 * 3600 * SECOND_NS
AT_ONCE_NS: Final = 2 * SECOND_NS


class Attempt(msgspec.Struct, gc=False):
    """One target of one source: when it was tried first and last.

    `number` is the frame that tried first; `empty` if it carried nothing at all; `dropped_ns` when the source dropped
    what was answered, `refused_ns` when the target refused it, 0 if it did not; `heard` what the source acknowledged
    first, -1 if it did not; `claimed` if it was answered by what the source acknowledges alone.
    """

    target: int
    port: int
    at_ns: int
    number: int
    last_ns: int
    dropped_ns: int = 0
    refused_ns: int = 0
    heard: int = -1
    tries: int = 1
    answered: bool = False
    claimed: bool = False
    empty: bool = False


class Source(msgspec.Struct):
    """One source's targets; `open` of them were not answered, however long ago they were tried.

    `seen` are those that were seen to answer at some port, and so would be at every other; `claims` is how many are
    claimed to be answered; `whole` if nothing it tried is kept elsewhere.
    """

    attempts: dict[tuple[int, int], Attempt] = msgspec.field(default_factory=dict)
    open: int = 0
    seen: set[int] = msgspec.field(default_factory=set)
    claims: int = 0
    whole: bool = False

    def answers(self, target: int) -> None:
        """A target is seen to answer; what it was claimed to answer out of sight it did not."""
        if target in self.seen:
            return
        if len(self.seen) >= PER_SOURCE:
            self.seen.clear()
        self.seen.add(target)
        for attempt in self.attempts.values() if self.claims else ():
            if attempt.claimed and attempt.target == target:
                attempt.answered = attempt.claimed = False
                self.claims -= 1
                self.open += 1

    def unanswered(self, now_ns: int) -> Iterator[Attempt]:
        """What nobody has answered within a day."""
        return (one for one in self.attempts.values() if not one.answered and now_ns - one.at_ns <= REMEMBERED_NS)


class Attempts:
    """Every source's targets, within bounds: a source that tries more has shown what it is long since."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._sources: Table[int, Source] = room.table(SOURCES)
        self._held = 0
        """Attempts at most: those that went with their source are not taken off at once."""

    def tried(self, source: int, target: int, port: int, at_ns: int, number: int, *, empty: bool = False) -> Source:
        """A source tries to reach a target; what is known of the source."""
        known = self._sources.get(source) or self._sources.put(source, Source())
        key = (target, port)
        attempt = known.attempts.get(key)
        if attempt is not None:
            attempt.tries += 1
            attempt.last_ns = at_ns
            return known
        if len(known.attempts) >= PER_SOURCE:
            known.open -= not known.attempts.pop(next(iter(known.attempts))).answered
            self._room.beyond += 1
            self._held -= 1
        known.attempts[key] = Attempt(target, port, at_ns, number, at_ns, empty=empty)
        known.open += 1
        self._held += 1
        if self._held > MOST:
            self._make_room()
        return known

    def answered_before(self, rows: Iterable[tuple[int, ...]]) -> None:
        """What was tried and answered before: source, target, port, last time, number and how often of each."""
        for source, target, port, last_ns, number, tries in rows:
            known = self.tried(source, target, port, last_ns, number)
            known.attempts[target, port].tries = tries
            self.answered(source, target, port)

    def has_room_elsewhere(self, source: int, target: int, port: int, own: int) -> bool:
        """Whether an attempt that was answered need not be noted here, as nothing here depends on it.

        What goes back to a port that the target asked from is none.
        """
        known = self._sources.look(source)
        if known is not None and (known.whole or (target, port) in known.attempts):
            return False
        asked = self._sources.look(target)
        return asked is None or (source, own) not in asked.attempts

    def known(self, sources: Identities) -> Mask:
        """Which of these are sources of what is noted here."""
        return np.fromiter(self._sources.those(sources.tolist()), bool, len(sources))

    def _make_room(self) -> None:
        """The sources that tried most lose what they tried first, all down to the same number."""
        every = [known for _, known in self._sources.items()]
        sizes = [len(known.attempts) for known in every]
        level = PER_SOURCE
        while sum(min(size, level) for size in sizes) > LEFT:
            level = level * 15 // 16
        for known in every:
            while len(known.attempts) > level:
                known.open -= not known.attempts.pop(next(iter(known.attempts))).answered
                self._room.beyond += 1
        self._held = sum(min(size, level) for size in sizes)

    def source(self, source: int) -> Source:
        """What is known of a source."""
        return self._sources.get(source) or Source()

    def of(self, source: int) -> tuple[Attempt, ...]:
        """Every target of a source, answered ones too."""
        known = self._sources.get(source)
        return tuple(known.attempts.values()) if known else ()

    def dropped(self, source: int, target: int, port: int, at_ns: int) -> Source | None:
        """The source dropped at once what the target answered: it only wanted to know. None when it did not try."""
        known = self._sources.get(source)
        attempt = known.attempts.get((target, port)) if known else None
        if (
            known is None
            or attempt is None
            or not attempt.answered
            or attempt.tries > 1
            or at_ns - attempt.at_ns > AT_ONCE_NS
        ):
            return None
        attempt.answered, attempt.dropped_ns = False, at_ns
        known.open += 1
        return known

    def has_tried(self, source: int, target: int, port: int) -> bool:
        """Whether the source tried the target."""
        known = self._sources.get(source)
        return known is not None and (target, port) in known.attempts

    def refused(self, source: int, target: int, port: int, at_ns: int) -> None:
        """The target refused what the source tried."""
        known = self._sources.get(source)
        attempt = known.attempts.get((target, port)) if known else None
        if attempt is not None and not attempt.answered and not attempt.refused_ns:
            attempt.refused_ns = at_ns
        if known is not None and attempt is not None:
            known.answers(target)

    def went_on(self, source: int, target: int, port: int, at_ns: int, heard: int) -> None:
        """The source goes on with what it tried, and acknowledges everything up to a number.

        Once that number grows somebody answers, unless the source was refused before, or the target is one whose
        answers are seen.
        """
        known = self._sources.get(source)
        attempt = known.attempts.get((target, port)) if known else None
        if known is None or attempt is None or attempt.answered or 0 < attempt.refused_ns <= at_ns:
            return
        if attempt.heard < 0:
            attempt.heard = heard
        elif attempt.heard != heard and target not in known.seen:
            attempt.answered = attempt.claimed = True
            attempt.dropped_ns = 0
            known.open -= 1
            known.claims += 1

    def answered(self, source: int, target: int, port: int) -> None:
        """The target answered the source."""
        known = self._sources.get(source)
        attempt = known.attempts.get((target, port)) if known else None
        if known is None or attempt is None:
            return
        known.answers(target)
        if not attempt.answered:
            attempt.answered, attempt.dropped_ns = True, 0
            known.open -= 1
