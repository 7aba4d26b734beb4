# SPDX-License-Identifier: Apache-2.0
"""One group of a correlation over event time: what waits for a window to fill, and the episodes that did.

An episode begins when some span of `timespan` holds enough occurrences, and goes on while the next one is no further
than `timespan` from it. Occurrences are placed by when they happened, not by when they arrived, so one that comes late
is judged beside its own neighbours. Bounded: `Bounds`.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, NamedTuple, TypeAlias

from giamsat_rules.satisfiability import PENDING
from giamsat_rules.verdict import Occurrence

EPISODES: Final = 4
"""Past episodes a group remembers, so that a late occurrence joins its own."""
REACH_NS: Final = 24 * 3600 * 10**9
"""How far behind the newest occurrence of its group one may wait for late neighbours."""

_at: Final = attrgetter("at_ns")


class Entry(NamedTuple):
    """What met the rule `rule` at a time: one event, or those of an episode it began; `value` is what is counted."""

    at_ns: int
    rule: str
    occurrences: tuple[Occurrence, ...]
    value: str | float = ""


Enough: TypeAlias = Callable[[Sequence[Entry]], bool]
"""Whether entries, in order of event time and within one timespan, meet the condition."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an entry did: it began or continued an episode with `entries` that had not been counted before."""

    begun: bool
    entries: tuple[Entry, ...]


@dataclass(slots=True)
class _Episode:
    first_ns: int
    last_ns: int


@dataclass(slots=True)
class Window:
    """The state of one group."""

    pending: list[Entry] = field(default_factory=list)
    episodes: list[_Episode] = field(default_factory=list)

    def add(self, entry: Entry, *, timespan_ns: int, enough: Enough) -> Step | None:
        """Place an entry; None when no episode begins or goes on by it."""
        for episode in self.episodes:
            if episode.first_ns - timespan_ns <= entry.at_ns <= episode.last_ns + timespan_ns:
                episode.first_ns = min(episode.first_ns, entry.at_ns)
                episode.last_ns = max(episode.last_ns, entry.at_ns)
                return Step(begun=False, entries=(entry, *self._absorb(episode, timespan_ns)))
        insort(self.pending, entry, key=_at)
        filled = self._filled(entry, timespan_ns, enough)
        if filled is None:
            self._forget()
            return None
        first, end = filled
        taken = self.pending[first:end]
        del self.pending[first:end]
        episode = _Episode(taken[0].at_ns, taken[-1].at_ns)
        self.episodes = [*self.episodes[-EPISODES + 1 :], episode]
        return Step(begun=True, entries=(*taken, *self._absorb(episode, timespan_ns)))

    def resume(self, first_ns: int, last_ns: int, *, timespan_ns: int) -> None:
        """Take what happened from `first_ns` to `last_ns` as an episode, with what waits in it or just behind it."""
        apart: list[_Episode] = []
        for episode in self.episodes:
            if episode.first_ns - timespan_ns <= last_ns and first_ns <= episode.last_ns + timespan_ns:
                first_ns, last_ns = min(first_ns, episode.first_ns), max(last_ns, episode.last_ns)
            else:
                apart.append(episode)
        whole = _Episode(first_ns, last_ns)
        self._absorb(whole, timespan_ns)
        self.episodes = sorted([*apart, whole], key=attrgetter("last_ns"))[-EPISODES:]

    def _filled(self, entry: Entry, timespan_ns: int, enough: Enough) -> tuple[int, int] | None:
        """The slice of `pending` of the earliest full span that holds `entry`."""
        earliest = bisect_left(self.pending, entry.at_ns - timespan_ns, key=_at)
        latest = bisect_right(self.pending, entry.at_ns, key=_at)
        end = earliest
        for first in range(earliest, latest):
            reached = bisect_right(self.pending, self.pending[first].at_ns + timespan_ns, key=_at)
            # A span that ends where the one before ended holds nothing it did not; none ends behind the last entry.
            if reached > end:
                end = reached
                if enough(self.pending[first:end]):
                    return first, end
            if end == len(self.pending):
                break
        return None

    def _absorb(self, episode: _Episode, timespan_ns: int) -> list[Entry]:
        """Waiting entries that the episode has come to reach."""
        taken: list[Entry] = []
        first = bisect_left(self.pending, episode.first_ns, key=_at)
        while first < len(self.pending) and self.pending[first].at_ns <= episode.last_ns + timespan_ns:
            reached = self.pending.pop(first)
            episode.last_ns = max(episode.last_ns, reached.at_ns)
            taken.append(reached)
        return taken

    def _forget(self) -> None:
        oldest = self.pending[-1].at_ns - REACH_NS
        del self.pending[: max(bisect_left(self.pending, oldest, key=_at), len(self.pending) - PENDING)]
