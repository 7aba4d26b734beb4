# SPDX-License-Identifier: Apache-2.0
"""Sets of readings that follow each other in a chain, as numbers in one array; each is read when it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import overload

from giamsat_collector.readings.chain import Reals
from giamsat_rules.readings.held import Held
from giamsat_wire.packed import PackedSet
from giamsat_wire.record import Columns, Series


@dataclass(slots=True, eq=False)
class Stretch:
    """The sets of one chain. `cells` hold those of several, this one's from `begins` on.

    Of each of the `series` there is the value before the first set, then that in each; `before` are all those before it
    as they were given to others.
    """

    series: tuple[Series, ...]
    sets: Sequence[PackedSet]
    cells: Reals
    begins: int
    before: Sequence[float] | Reals
    _rows: dict[int, Reals] = field(default_factory=dict)

    def row(self, at: int) -> Reals:
        """The values of each series in a set, always the same object."""
        row = self._rows.get(at)
        if row is None:
            length = len(self.sets) + 1
            its = slice(self.begins + at + 1, self.begins + length * len(self.series), length)
            row = self._rows[at] = self.cells[its].copy()  # a part of an array would keep all of it
        return row

    def numbers(self, at: int) -> Sequence[float] | Reals:
        """The same; those of -1 are of the set before the first."""
        return self.before if at < 0 else self.row(at)

    def series_of(self, place: int) -> Reals:
        """The values of a series, that before the first set included; what is written there counts."""
        length = len(self.sets) + 1
        return self.cells[self.begins + place * length : self.begins + (place + 1) * length]


@dataclass(slots=True, eq=False)
class Part(Sequence[Columns]):
    """The sets of one frame: those of a stretch from `first` on, but not `until`.

    `asked` is what became of asking which conditions those of the stretch meet.
    """

    stretch: Stretch
    first: int
    until: int
    asked: Held | None = None

    def __len__(self) -> int:
        """How many there are."""
        return self.until - self.first

    @overload
    def __getitem__(self, at: int) -> Columns: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Columns]: ...
    def __getitem__(self, at: int | slice) -> Columns | Sequence[Columns]:
        """One of them, or some."""
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        which = range(self.first, self.until)[at]
        one = self.stretch.sets[which]
        return Columns(one.wall_ns, one.mono_ns, self.stretch.series, self.stretch.row(which).tolist())

    @property
    def its(self) -> slice:
        """Where they stand in the stretch."""
        return slice(self.first, self.until)

    @property
    def times(self) -> list[int]:
        """When each was taken by its host's clock (UNIX nanoseconds)."""
        return [one.wall_ns for one in self.stretch.sets[self.its]]
