# SPDX-License-Identifier: Apache-2.0
"""Which conditions of metric rules many readings of many hosts meet, asked of all of them in a few long arrays. Pure.

It finds of each reading what `Watch.due` and the rules find, bit for bit: the same sums and quotients of doubles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from giamsat_collector.readings.chain import Reals, Whole
from giamsat_collector.readings.stretch import Stretch
from giamsat_rules.readings.watch import Watch
from giamsat_rules.verdict import Subject
from giamsat_wire.clock import SECOND_NS

Truth: TypeAlias = npt.NDArray[np.bool_]
_BITS: Final = 8


@dataclass(slots=True)
class Asked:
    """The sets of a stretch as readings of a subject at `at_ns`; the one before them was at `before_ns`.

    `met` is what is found: of each reading, as bits, the conditions of the watch that it meets.
    """

    stretch: Stretch
    subject: Subject
    watch: Watch
    at_ns: Sequence[int]
    before_ns: int
    met: Sequence[bytes] = ()

    def numbers(self, at: int) -> Sequence[float] | Reals:
        """The values of one reading, always the same object; those of -1 are of the one before the first."""
        return self.stretch.numbers(at)


class Kind(IntEnum):
    """What is held against a limit: a reading, its share of another, how far ahead it is, how fast it grew."""

    OVER = 0
    EQUAL = 1
    SHARE = 2
    ENDING = 3
    GROWING = 4


@dataclass(frozen=True, slots=True)
class _Conditions:
    """Those of one kind of a watch: their bits, where their series and divisors stand, and what they ask of them."""

    bits: Whole
    places: Whole
    divisors: Whole
    signs: Reals
    least: Reals


class Conditions:
    """Asks the conditions of watches; of each they are kept as arrays for as long as somebody else keeps it."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Watch, Sequence[_Conditions]] = WeakKeyDictionary()

    def ask(self, asked: Sequence[Asked]) -> None:
        """Find what each meets; their stretches share their cells."""
        block = _Block(asked)
        every = [self._of(one.watch) for one in asked]
        sizes = [-(-sum(len(kind.bits) for kind in kinds) // _BITS) for kinds in every]
        widest = max(sizes, default=0)
        met = np.zeros((block.sets, widest * _BITS), np.bool_)
        with np.errstate(all="ignore"):
            for kind in Kind:
                those = [(at, kinds[kind]) for at, kinds in enumerate(every) if kinds[kind].bits.size]
                if those:
                    block.meet(kind, those, met)
        bits = np.packbits(met, axis=1).tobytes()
        for one, first, size in zip(asked, block.firsts.tolist(), sizes, strict=True):
            one.met = [bits[at * widest : at * widest + size] for at in range(first, first + len(one.at_ns))]

    def _of(self, watch: Watch) -> Sequence[_Conditions]:
        known = self._known.get(watch)
        if known is None:
            known = self._known[watch] = _conditions(watch)
        return known


class _Block:
    """Readings of several stretches one after the other."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self.asked = asked
        self.cells = asked[0].stretch.cells if asked else np.zeros(0)
        self.lengths = np.array([len(one.at_ns) for one in asked], np.int64)
        self.firsts = np.cumsum(self.lengths) - self.lengths
        self.begins = np.array([one.stretch.begins for one in asked], np.int64)
        self.sets = int(self.lengths.sum())

    def meet(self, kind: Kind, those: Sequence[tuple[int, _Conditions]], met: Truth) -> None:
        """Mark which readings meet conditions of one kind, given with the number of the stretch they are for."""
        of = np.repeat([at for at, _ in those], [each.bits.size for _, each in those])
        lengths = self.lengths[of]
        which = np.repeat(np.arange(of.size), lengths)
        row = np.arange(which.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        line = (self.begins[of], lengths + 1)
        at = _cells(line, np.concatenate([each.places for _, each in those]))[which] + row
        sets = self.firsts[of][which] + row
        views = self.cells[at]
        match kind:
            case Kind.SHARE:
                views = views / self.cells[_cells(line, np.concatenate([e.divisors for _, e in those]))[which] + row]
            case Kind.ENDING:
                views = views - np.array([at_ns / SECOND_NS for one in self.asked for at_ns in one.at_ns])[sets]
            case Kind.GROWING:
                grown = views - self.cells[at - 1]
                views = np.where(grown >= 0, grown / self._seconds()[sets], np.nan)
            case Kind.OVER | Kind.EQUAL:
                pass
        least = np.concatenate([each.least for _, each in those])[which]
        if kind is Kind.EQUAL:
            holds = views == least
        else:
            holds = np.concatenate([each.signs for _, each in those])[which] * views >= least
        found = np.flatnonzero(holds & np.isfinite(views))
        met[sets[found], np.concatenate([each.bits for _, each in those])[which[found]]] = True

    def _seconds(self) -> Reals:
        """How many seconds lie between each reading and the one before it."""
        passed = [np.diff(np.array([one.before_ns, *one.at_ns], np.int64)) for one in self.asked]
        return np.concatenate(passed).astype(np.float64) / SECOND_NS


def _cells(line: tuple[Whole, Whole], places: Whole) -> Whole:
    """Where the first readings of series stand: behind the value before them."""
    begins, length = line
    return begins + places * length + 1


def _conditions(watch: Watch) -> Sequence[_Conditions]:
    """Those of each kind, in the order of kinds."""
    rows: list[list[tuple[int, int, float, float]]] = [
        [(at, at, sign, least) for _, at, sign, least in watch.over],
        [(at, at, 1.0, limit) for _, at, limit in watch.equal],
        [(at, per, sign, least) for _, at, per, sign, least in watch.shares],
        [(at, at, sign, least) for _, at, sign, least in watch.ending],
        [(at, at, sign, least) for _, at, sign, least in watch.growing],
    ]
    made, bit = [], 0
    for each in rows:
        places, divisors, signs, least = ([row[column] for row in each] for column in range(4))
        bits = np.arange(bit, bit + len(each))
        whole = (np.array(places, np.int64), np.array(divisors, np.int64))
        made.append(_Conditions(bits, *whole, np.array(signs, np.float64), np.array(least, np.float64)))
        bit += len(each)
    return made
