# SPDX-License-Identifier: Apache-2.0
"""Figures of a MIB as data: which object, what its rows are called, and how its number becomes one in plain units.

Pure: what was read in, figures out; `mib_file` makes them of files. Names are those of the MIB. `also` gives a figure a
second name that all vendors share, so that one rule or one panel serves every kind of device: snmp_processor_percent,
snmp_memory_percent, snmp_temperature_celsius, …
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain, repeat, zip_longest
from typing import Final, TypeVar, cast

from giamsat_agent.devices.reading import Kind, Value, address, date, moment, number, text
from giamsat_wire.record import Labels, Sample

Columns = Mapping[str, Mapping[str, Value]]
"""What was read: by column, by index. An object that is alone has the index 0."""
Naming = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]
UNITS: Final = 9
"""EntitySensorDataScale of RFC 3433: 9 is units, each step is a thousand."""
FARTHEST: Final = 17
SHOWN: Final[Mapping[str, Callable[[Value], str]]] = {"address": address, "date": date, "text": text}
"""How a value is shown as a label."""
T = TypeVar("T")
_sample: Final = partial(tuple.__new__, Sample)
"""A sample of its parts, for the thousands of a poll: without the call of Python that Sample() is."""


@dataclass(frozen=True)
class Figure:
    """One object and what its number means.

    Attributes:
        part: which part of a text is the number; None for the whole.
        scale: what it is multiplied with; by the value of the column `by`, or by "" whatever that is.
        times: another column of the row that it is multiplied with; `over` one that it is divided by.
        exponent: columns with the scale and the precision of RFC 3433, or with the precision alone.
        also: shared names; by the value of the column `by`, or by the row's index where it is "index", by what is found
            in that for a key that begins with ~, or by "" whatever that is.
        when: values at which the shared name is 1, and 0 at all others; empty for the number itself.
        of: columns whose sum is the whole it is a part of, together with those of `beside`, none of which may be 0;
            `share` are the names of its per cent of that, `left` of the per cent that it leaves, as in `also`.
        shows: how the value is shown as a label of a figure that is always 1; empty for a number.
        dates: the shared name under which the date in such a text is told, in UNIX seconds.
        never: what the MIB calls "there is none".
    """

    name: str
    oid: str
    kind: Kind = "gauge"
    part: re.Pattern[str] | None = None
    scale: Mapping[str, float] = field(default_factory=dict)
    times: str = ""
    over: str = ""
    exponent: tuple[str, ...] = ()
    by: str = ""
    also: Mapping[str, str] = field(default_factory=dict)
    when: frozenset[float] = frozenset()
    of: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    share: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)
    shows: str = ""
    dates: str = ""
    never: frozenset[float] = frozenset()

    @cached_property
    def plain(self) -> bool:
        """Whether its number is told as it is."""
        changed = self.part or self.scale or self.times or self.over or self.exponent or self.never
        return not (changed or self.also or self.of or self.shows)

    @property
    def names(self) -> tuple[str, ...]:
        """What its number is told as."""
        return (self.name, *self.also.values(), *self.share.values(), *self.left.values())

    @property
    def helpers(self) -> tuple[str, ...]:
        """The columns it needs beside its own."""
        return tuple(at for at in (self.times, self.over, *self.exponent, *self.of, *self.beside, self.by) if "." in at)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one entry. `whole` says that it is read in one go: most of its columns are wanted."""

    entry: str
    index: Sequence[str]
    labels: Mapping[str, str]
    figures: Sequence[Figure]
    whole: bool

    @property
    def naming(self) -> Naming:
        """What its rows are called; tables of one naming call their rows alike."""
        return tuple(self.index), tuple(self.labels.items())

    @property
    def oids(self) -> tuple[str, ...]:
        """Every column to read: figures first, then what they need, then names."""
        helpers = [oid for figure in self.figures for oid in figure.helpers]
        return tuple(dict.fromkeys([*(one.oid for one in self.figures), *helpers, *self.labels.values()]))


@dataclass(frozen=True, slots=True)
class Mib:
    """Figures that stand together. Below `root` everything is; a device without it is asked for nothing more."""

    name: str
    root: str
    everywhere: bool
    scalars: Sequence[Figure]
    tables: Sequence[Table]

    @property
    def counters(self) -> Iterator[str]:
        """The names of figures that only grow."""
        for figure in chain(self.scalars, *(table.figures for table in self.tables)):
            if figure.kind == "counter":
                yield from figure.names


def scalars(figures: Sequence[Figure], found: Columns, about: Labels) -> list[Sample]:
    """The figures of objects that are alone. `about` are labels of all that this device says."""
    told: list[Sample] = []
    for figure in figures:
        for index, value in found.get(figure.oid, {}).items():
            told += _read(figure, found, index, value, about)
    return told


def rows(table: Table, found: Columns, about: Labels, named: dict[str, Labels]) -> list[Sample]:
    """The figures of every row of a table. `named` are the labels of rows by index, those made here among them."""
    told: list[Sample] = []
    for figure in table.figures:
        column = found.get(figure.oid, {})
        if not column.keys() <= named.keys():
            for index in column.keys() - named.keys():
                named[index] = _labels(table, found, about, index)
        if figure.plain and set(map(type, column.values())) == {int}:
            numbers = map(float, cast("Iterable[int]", column.values()))
            told += map(_sample, zip(repeat(figure.name), numbers, map(named.__getitem__, column), strict=False))
            continue
        for index, value in column.items():
            told += _read(figure, found, index, value, named[index])
    return told


def _read(figure: Figure, found: Columns, index: str, value: Value, labels: Labels) -> Iterator[Sample]:
    if figure.shows:
        shown = SHOWN[figure.shows](value)
        yield Sample(figure.name, 1.0, _with(labels, (figure.name, shown)))
        if "" in figure.also:
            yield Sample(figure.also[""], 1.0, _with(labels, ("object", figure.name), ("state", shown)))
        if figure.dates and (at := moment(shown)) is not None:
            yield Sample(figure.dates, at, _with(labels, ("object", figure.name)))
        return
    if figure.part:
        match = figure.part.search(text(value))
        value = match[1] if match else None
    said = number(value)
    factor = _factor(figure, found, index)
    if said is None or factor is None or said in figure.never:
        return
    # Twelve digits: what a device says in tenths is a tenth, not a tenth and the error of binary fractions.
    amount = said if factor == 1.0 else float(f"{said * factor:.12g}")
    yield Sample(figure.name, amount, labels)
    if figure.also and (shared := _chosen(figure.also, figure, found, index)):
        told = float(said in figure.when) if figure.when else amount
        yield Sample(shared, told, _with(labels, ("object", figure.name)))
    if figure.of and (shared := _chosen(figure.share or figure.left, figure, found, index)):
        parts, more = ([number(_at(found.get(at), index)) or 0.0 for at in oids] for oids in (figure.of, figure.beside))
        whole, part = sum(parts), said + sum(more)
        if said >= 0 and min(more, default=1.0) > 0 and part <= whole > 0:
            told = (whole - part if figure.left else part) * 100 / whole
            yield Sample(shared, round(told, 2), _with(labels, ("object", figure.name)))


def _with(labels: Labels, *more: tuple[str, str]) -> Labels:
    return tuple(sorted((*labels, *more)))


def _chosen(among: Mapping[str, T], figure: Figure, found: Columns, index: str) -> T | None:
    chosen = index if figure.by == "index" else text(_at(found.get(figure.by), index)) if figure.by else ""
    if chosen in among:
        return among[chosen]
    return among.get(next((key for key in among if key.startswith("~") and re.search(key[1:], chosen)), ""))


def _factor(figure: Figure, found: Columns, index: str) -> float | None:
    factor = _chosen(figure.scale, figure, found, index) or 1.0
    if figure.times:
        other = number(_at(found.get(figure.times), index))
        if other is None:
            return None
        factor *= other
    if figure.over:
        factor /= number(_at(found.get(figure.over), index)) or 1.0
    if figure.exponent:
        scale, precision = (UNITS, *(number(_at(found.get(oid), index)) for oid in figure.exponent))[-2:]
        steps = 3 * ((scale or UNITS) - UNITS) - (precision or 0)
        # A lying device could ask for more than a number holds.
        factor *= 10.0 ** max(min(steps, 3 * FARTHEST), -3 * FARTHEST)
    return factor


def _labels(table: Table, found: Columns, about: Labels, index: str) -> Labels:
    own = zip_longest(table.index, index.split(".", len(table.index) - 1), fillvalue="")
    named = {name: said for name, oid in table.labels.items() if (said := text(_at(found.get(oid), index)))}
    return _with(about, *own, *named.items())


def _at(column: Mapping[str, Value] | None, index: str) -> Value:
    """The value of a row; of a table that says more in its index, the row of the table that names its first numbers."""
    while column:
        if index in column:
            return column[index]
        if not (index := index.rpartition(".")[0]):
            return None
    return None
