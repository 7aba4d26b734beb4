# SPDX-License-Identifier: Apache-2.0
"""The contract of everything that finds one kind of behaviour in frames.

A detector is given batches in the order of the capture and goes by the frames' own time. Its memory is bounded by
named limits whatever it is sent: what it lets go of is the oldest, and counted by its `room`. Outside of that stand
tables that turn over on ordinary traffic: of what was asked or begun a moment ago and waits for its answer, and of what
was told, which is told again sooner. It tells of an offender once a threshold is passed, and again when a minute has
gone by or the behaviour has grown by a quarter. How the frames are cut into batches decides over nothing that is told.
"""

import secrets
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, Final, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Identities, wide
from giamsat_agent.packets.columns.batch import Batch
from giamsat_wire.clock import SECOND_NS

AGAIN_NS: Final = 60 * SECOND_NS
DAY_NS: Final = 24 * 3600 * SECOND_NS
NONE: Final[Numbers] = np.zeros(0, np.int64)
NO_HASHES: Final[Identities] = np.zeros(0, np.uint64)
FEW: Final = 64
"""Rows that are told apart sooner one by one."""
SLOTS_EACH: Final = 3
"""Places for each number at least, by which many are told apart."""
_SECRET: Final = np.array([secrets.randbits(64)], np.uint64)
"""So that nobody can choose addresses that are taken for each other."""
_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)
_HALF: Final = np.uint64(31)

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Detector(Protocol):
    """Finds one kind of behaviour."""

    room: "Room"
    """Where its tables are from."""

    def take(self, batch: Batch) -> Iterable[Anomaly]:
        """Look at the next frames."""
        ...


@runtime_checkable
class Waiting(Detector, Protocol):
    """A detector that judges some frames only when it has seen what comes after them."""

    def rest(self) -> Iterable[Anomaly]:
        """What is still waited for, when nothing more comes."""
        ...


class Table(Generic[Key, Value]):
    """A dictionary of limited size: the entry that was not touched for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows: OrderedDict[Key, Value] = OrderedDict()
        self.evicted = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def items(self) -> list[tuple[Key, Value]]:
        """Every entry, untouched."""
        return list(self._rows.items())

    def look(self, key: Key) -> Value | None:
        """The entry, untouched; None when there is none."""
        return self._rows.get(key)

    def those(self, keys: Iterable[Key]) -> Iterator[bool]:
        """Which of these have an entry, one after the other."""
        return map(self._rows.__contains__, keys)

    def get(self, key: Key) -> Value | None:
        """The entry, touched; None when there is none."""
        row = self._rows.get(key)
        if row is not None:
            self._rows.move_to_end(key)
        return row

    def put(self, key: Key, value: Value) -> Value:
        """Keep an entry."""
        rows = self._rows
        if key in rows:
            rows.move_to_end(key)
        elif len(rows) >= self._most:
            rows.popitem(last=False)
            self.evicted += 1
        rows[key] = value
        return value

    def drop(self, key: Key) -> None:
        """Forget an entry."""
        self._rows.pop(key, None)


class Room:
    """The tables of one detector, and how much was let go of for want of room; `beyond` is what was so beside them."""

    def __init__(self) -> None:
        self.beyond = 0
        self._tables: list[Table[Any, Any]] = []

    def table(self, most: int) -> Table[Key, Value]:
        """A table whose evictions count."""
        table: Table[Key, Value] = Table(most)
        self._tables.append(table)
        return table

    @property
    def evicted(self) -> int:
        """How much was let go of."""
        return self.beyond + sum(table.evicted for table in self._tables)


class Told(Generic[Key]):
    """What was told lately, so that a storm is told once a minute, and when it has grown by a quarter."""

    def __init__(self, most: int = 4_096) -> None:
        self._at: Table[Key, tuple[int, int]] = Table(most)

    def at(self, key: Key) -> int:
        """When something of it was told last, 0 if it was not."""
        last = self._at.get(key)
        return 0 if last is None else last[0]

    def may(self, key: Key, now_ns: int, size: int) -> bool:
        """Whether something of this size is due; who finds a size dear to find asks first with the most it can be."""
        last = self._at.get(key)
        return last is None or abs(now_ns - last[0]) >= AGAIN_NS or 4 * size >= 5 * last[1]

    def due(self, key: Key, now_ns: int, size: int) -> bool:
        """Whether to tell now of something of this size; if so it is noted."""
        if not self.may(key, now_ns, size):
            return False
        self._at.put(key, (now_ns, size))
        return True


class Daily(Generic[Key]):
    """What goes on all the time: told when it is first seen, and when it is ten times as much, anew each day."""

    def __init__(self, room: Room) -> None:
        self._seen: Table[Key, tuple[int, int]] = room.table(4_096)

    def counted(self, key: Key, now_ns: int) -> int:
        """Once more; how often it was seen since it was first told, if that is to be told now, else 0."""
        since_ns, count = self._seen.get(key) or (now_ns, 0)
        if abs(now_ns - since_ns) >= DAY_NS:
            since_ns, count = now_ns, 0
        count += 1
        self._seen.put(key, (since_ns, count))
        return count if count == 10 ** (len(str(count)) - 1) else 0


class Lately(Generic[Key]):
    """Things of one kind within a span of time, so many at most: when, which, in which frame, the newest last.

    How many different ones there are is known without looking through them.
    """

    def __init__(self, most: int, span_ns: int) -> None:
        self._most = most
        self._span_ns = span_ns
        self._counts: dict[Key, int] = {}
        self.seen: deque[tuple[int, Key, int]] = deque()

    def __contains__(self, which: Key) -> bool:
        return which in self._counts

    @property
    def different(self) -> int:
        """How many different ones there are."""
        return len(self._counts)

    def add(self, at_ns: int, which: Key, number: int) -> None:
        """One more; what is too old by then, or too much, is forgotten."""
        self.seen.append((at_ns, which, number))
        self._counts[which] = self._counts.get(which, 0) + 1
        while len(self.seen) > self._most or at_ns - self.seen[0][0] > self._span_ns:
            _, gone, _ = self.seen.popleft()
            self._counts[gone] -= 1
            if not self._counts[gone]:
                del self._counts[gone]

    def drop(self, which: Key) -> None:
        """Forget one, however often it was there."""
        if self._counts.pop(which, 0):
            self.seen = deque(each for each in self.seen if each[1] != which)


def mix(*columns: Numbers) -> Identities:
    """One number for each row of the columns; different rows have different ones, but for one pair in 2^64."""
    if not len(columns[0]):
        return NO_HASHES
    mixed: Identities = _SECRET
    for column in columns:
        mixed = wide(column) ^ mixed
        mixed *= _PRIME
        mixed ^= mixed >> _HALF
    return mixed


def first_of_each(*columns: Numbers) -> Numbers:
    """The places of the first row of every different combination, in their order."""
    if not len(columns[0]):
        return NONE
    if len(columns[0]) <= FEW:
        rows = zip(*(column.tolist() for column in columns), strict=True)
        first: dict[tuple[int, ...], int] = {}
        for place, row in enumerate(rows):
            first.setdefault(row, place)
        return np.fromiter(first.values(), np.int64, len(first))
    return first_of(mix(*columns))


def first_of(hashes: Identities) -> Numbers:
    """The same of hashes. Each has its slot, where the first comes to stand; who meets another there gets a new one."""
    places, count = np.arange(len(hashes)), 1 << (SLOTS_EACH * len(hashes)).bit_length()
    slots = (hashes & np.uint64(count - 1)).view(np.int64)
    standing = np.empty(count, np.int64)
    # Of several numbers for one slot the last is kept.
    standing[slots[::-1]] = places[::-1]
    first = standing[slots]
    found, other = true_at(first == places), true_at(hashes[first] != hashes)
    if len(other):
        found = np.sort(np.concatenate((found, other[first_of_each(hashes[other])])))
    return found


def among(keys: Identities, others: Identities) -> npt.NDArray[np.bool_]:
    """Which of these are among the others."""
    if not len(others):
        return np.zeros(len(keys), bool)
    ordered = np.sort(others)
    found: npt.NDArray[np.bool_] = ordered[np.minimum(ordered.searchsorted(keys), len(ordered) - 1)] == keys
    return found


def busiest(times: list[int], span_ns: int) -> int:
    """The most of these times (sorted) that lie within one span."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while at - times[first] > span_ns:
            first += 1
        most = max(most, last - first + 1)
    return most
