# SPDX-License-Identifier: Apache-2.0
"""The sets of many metric frames decoded at once, as numbers in a few long arrays. Pure.

It reads what a collector mostly gets: the middle of chains, in which known series change. `ChainDecoder` is the
contract. What is anything else, or odd in any way, is left to it; what is read here leaves a chain as it would have.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, islice
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from giamsat_collector.readings.chain import EXACT, UNFIT, Chain, Numbers, Reals, Whole, exact
from giamsat_collector.readings.stretch import Part, Stretch
from giamsat_wire import limits
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.packed import Packed

Truth: TypeAlias = npt.NDArray[np.bool_]
SETS_AT_ONCE: Final = 256
"""So many of the largest changes added to the largest integer stay within 64 bits."""
_CHANGE: Final = EXACT << 1
_BYTES: Final = 8
"""The longest number that is read here."""
_DOUBLE: Final = 8
_BITS: Final = 7
_LOW: Final = 0x7F
"""The bits of each byte of a number; the eighth says that another byte follows."""
_STEP_BITS: Final = 28
"""A step at more length than this is left to the decoder."""


@dataclass(frozen=True, slots=True)
class Run:
    """Frames that go on with a chain one after the other; no other run has the same chain."""

    chain: Chain
    frames: Sequence[Packed]


def advance(runs: Sequence[Run]) -> list[list[Part]]:
    """Decode the first frames of each run: all of them, or those before one that is left to the decoder.

    At most SETS_AT_ONCE sets; nothing is decoded where numbers become too large.
    """
    held = {at: (run, numbers) for at, run in enumerate(runs) if run.frames and (numbers := run.chain.numbers)}
    block = _Block(list(held.values()))
    while block.unfit.any():
        cut = zip(held.items(), block.fit(), strict=True)
        held = {at: (Run(run.chain, run.frames[:fit]), numbers) for (at, (run, numbers)), fit in cut if fit}
        block = _Block(list(held.values()))
    read = dict(zip(held, block.advance(), strict=True))
    return [read.get(at, []) for at in range(len(runs))]


class _Block:
    """The sets of several runs one after the other, and what they change as arrays.

    Of each set `run` is which one it is of, and `unfit` whether it is left to the decoder. Of each change `of` is the
    set, `series` where the series stands among those of all runs, `places` where among the wanted, and `deltas`.
    """

    def __init__(self, held: Sequence[tuple[Run, Numbers]]) -> None:
        self.held = held
        self.sets = [one for run, _ in held for frame in run.frames for one in frame.sets]
        self.rows = _whole(sum(len(frame.sets) for frame in run.frames) for run, _ in held)
        self.firsts = _starts(self.rows)
        self.run = np.repeat(np.arange(len(held)), self.rows)
        self.sizes = _whole(len(numbers.totals) for _, numbers in held)
        self.bases = _starts(self.sizes)
        steps, counts, long = _varints([one.changed for one in self.sets])
        zigzag, values, longer = _varints([one.delta for one in self.sets])
        self.deltas = (zigzag >> 1) ^ -(zigzag & 1)
        self.of = np.repeat(np.arange(len(self.sets)), counts)
        self.series = self.places = self.of
        self.unfit = long | longer | (counts != values)
        self.reals = list(self._reals())
        if held and not self.unfit.any():
            self._place(np.minimum(steps, limits.SERIES_PER_AGENT + 1), counts)

    def _place(self, steps: Whole, counts: Whole) -> None:
        """Find the series that steps lead to."""
        sums, run = np.cumsum(steps), self.run[self.of]
        before = np.concatenate(([0], sums))[_starts(counts)]
        ids, sizes = sums - np.repeat(before, counts) - 1, self.sizes[run]
        self.series = self.bases[run] + np.minimum(ids, sizes - 1)
        self.places = np.concatenate([numbers.places for _, numbers in self.held])[self.series]
        odd = (steps < 1) | (ids >= sizes) | (self.places == UNFIT) | (np.abs(self.deltas) > _CHANGE)
        self.unfit[self.of[odd]] = True

    def _reals(self) -> Iterator[Sequence[int]]:
        """Of each set the series that travel as doubles in it; unfit are those where others do than did before."""
        known: dict[tuple[int, bytes], Sequence[int] | None] = {}
        for at, (run, one) in enumerate(zip(self.run.tolist(), self.sets, strict=True)):
            key = run, one.real
            if key not in known:
                known[key] = _known(one.real, self.held[run][0].chain.decoder)
            ids = known[key]
            if ids is None or len(one.real_value) != len(ids) * _DOUBLE:
                self.unfit[at] = True
            yield ids or ()

    def fit(self) -> list[int]:
        """How many frames of each run come before its first unfit set."""
        unfit = iter(self.unfit.tolist())
        odd = [[sum(islice(unfit, len(frame.sets))) > 0 for frame in run.frames] for run, _ in self.held]
        return [[*one, True].index(True) for one in odd]

    def advance(self) -> list[list[Part]]:
        """The sets of the frames of each run; the chains have moved on."""
        if not self.held:
            return []
        totals = np.concatenate([numbers.totals for _, numbers in self.held])
        read = self._cells(totals)
        np.add.at(totals, self.series, self.deltas)
        if read is None or not exact(totals):
            return [[] for _ in self.held]
        cells, begins = read
        return [self._moved(number, totals, cells, at) for number, at in enumerate(begins.tolist())]

    def _moved(self, number: int, totals: Whole, cells: Reals, begins: int) -> list[Part]:
        """The chain of a run is where its last set leaves it; the sets, by frame."""
        (run, numbers), base, first = self.held[number], int(self.bases[number]), int(self.firsts[number])
        its = slice(first, first + int(self.rows[number]))
        stretch = Stretch(run.chain.decoder.arranged, self.sets[its], cells, begins, run.chain.newest)
        self._put_reals(stretch, run.chain.decoder, self.reals[its])
        newest = stretch.row(len(stretch.sets) - 1)
        run.chain.move(totals[base : base + len(numbers.totals)].copy(), newest, len(run.frames[-1].sets))
        ends = accumulate(len(frame.sets) for frame in run.frames)
        return [Part(stretch, end - len(frame.sets), end) for frame, end in zip(run.frames, ends, strict=True)]

    @staticmethod
    def _put_reals(stretch: Stretch, decoder: ChainDecoder, reals: Sequence[Sequence[int]]) -> None:
        """Values that travel as doubles: each stands from its set on, those known before in all of them."""
        shown = decoder.reals.keys() & decoder.places.keys()
        for identity in shown:
            stretch.series_of(decoder.places[identity])[:] = decoder.reals[identity]
        for _, same in groupby(range(len(reals)), lambda at: id(reals[at])):
            its = [*same]
            ids, end = reals[its[0]], its[-1] + 2
            if not ids:
                continue
            values = np.frombuffer(b"".join([stretch.sets[at].real_value for at in its]), "<f8").reshape(-1, len(ids))
            decoder.reals.update(zip(ids, values[-1].tolist(), strict=True))
            for identity in shown.intersection(ids):
                line, told = stretch.series_of(decoder.places[identity]), values[:, ids.index(identity)]
                line[its[0] + 1 : end], line[end:] = told, told[-1]

    def _cells(self, totals: Whole) -> tuple[Reals, Whole] | None:
        """The values of the wanted series of each run, and where each begins; None where a double does not hold one.

        Each series is a line of cells: its total before the first set, then one for each set, which are added up.
        """
        widths, lines = _whole(len(numbers.wanted) for _, numbers in self.held), self.rows + 1
        lengths = np.repeat(lines, widths)
        heads, begins = _starts(lengths), _starts(widths * lines)
        row = np.arange(1, len(self.sets) + 1) - np.repeat(self.firsts, self.rows)
        seen = np.flatnonzero(self.places >= 0)
        of, run = self.of[seen], self.run[self.of[seen]]
        cells = np.zeros(int(lengths.sum()), np.int64)
        cells[begins[run] + self.places[seen] * lines[run] + row[of]] = self.deltas[seen]
        wanted = zip(self.held, self.bases, strict=True)
        cells[heads] = totals[np.concatenate([base + numbers.wanted for (_, numbers), base in wanted])]
        sums = np.cumsum(cells)  # what overflows here comes back with what is taken away
        cells = sums - np.repeat(sums[heads] - cells[heads], lengths)
        if not exact(cells):
            return None
        return cells / np.repeat(np.concatenate([numbers.divisors for _, numbers in self.held]), lengths), begins


def _known(column: bytes, decoder: ChainDecoder) -> Sequence[int] | None:
    """The series that steps lead to, if all of them travel as doubles already; None for any others."""
    steps: list[int] = []
    step = shift = 0
    for byte in column:
        step |= (byte & _LOW) << shift
        shift += _BITS
        if byte <= _LOW:
            steps.append(step)
            step = shift = 0
        elif shift == _STEP_BITS:
            return None
    ids = list(accumulate(steps, initial=-1))[1:]
    plain = 0 not in steps and decoder.reals.keys() >= set(ids) and decoder.absent.isdisjoint(ids)
    return ids if plain else None


def _varints(columns: Sequence[bytes]) -> tuple[Whole, Whole, Truth]:
    """The numbers in columns that end where a number ends; how many each has, and which have one that is too long."""
    data = np.frombuffer(b"".join(columns), np.uint8)
    sizes, long = _whole(map(len, columns)), np.zeros(len(columns), np.bool_)
    if int(data.max(initial=0)) <= _LOW:
        return data.astype(np.int64), sizes, long
    bounds, ends = np.cumsum(sizes), np.flatnonzero(data <= _LOW)
    counts = np.diff(np.searchsorted(ends, bounds), prepend=0)
    lengths = np.diff(ends, prepend=-1)
    begins = ends - lengths + 1
    numbers = (data[begins] & _LOW).astype(np.int64)
    for further in range(1, min(int(lengths.max(initial=0)), _BYTES)):
        more = np.flatnonzero(lengths > further)
        numbers[more] |= (data[begins[more] + further] & _LOW).astype(np.int64) << (_BITS * further)
    long[np.searchsorted(bounds, begins[lengths > _BYTES], side="right")] = True
    return numbers, counts, long


def _whole(numbers: Iterable[int]) -> Whole:
    return np.fromiter(numbers, np.int64)


def _starts(lengths: Whole) -> Whole:
    """Where parts of these lengths begin that follow each other."""
    return np.cumsum(lengths) - lengths
