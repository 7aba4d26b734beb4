# SPDX-License-Identifier: Apache-2.0
"""The kinds of events: which fields one has, and what those of its fields say that have few different values.

Most detections ask for a log source, for certain fields, actions or programs, so its kind already rules out nearly all
of them. Events come from few kinds; what a kind allows is worked out once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from operator import or_
from typing import Final, TypeAlias

from giamsat_rules.anchor import TELLING
from giamsat_rules.logsource import Source, brief, source_of
from giamsat_rules.pattern import as_text
from giamsat_rules.rule import Detection, Fields, LogSource
from giamsat_rules.verdict import TIME
from giamsat_wire.record import FieldValue

MOST: Final = 4_096
"""Kinds that are remembered; the one not seen for longest is forgotten first."""

NAMES: Final = 2_048
"""Characters of all names of an event's fields together that may be remembered."""

_BITS: Final = bytes.maketrans(b"01", b"\x00\x01")
Bits: TypeAlias = int
"""A set of detections."""


class Kind:
    """What is the same for all events of a kind.

    `fields` are those whose values make it, `rest` the names of all others, and `allowed` the detections its fields
    do not rule out. `brief`: small enough to be remembered.
    """

    __slots__ = ("allowed", "brief", "fields", "rest")

    def __init__(self, fields: Fields, rest: tuple[str, ...], allowed: Bits, *, brief: bool) -> None:
        self.fields = fields
        self.rest = rest
        self.allowed = allowed
        self.brief = brief


class Kinds:
    """What each kind of event allows of some detections."""

    def __init__(self, detections: Sequence[Detection]) -> None:
        self._every = (1 << len(detections)) - 1
        self._by_source: dict[LogSource, Bits] = defaultdict(int)
        self._by_presence: dict[frozenset[str], Bits] = defaultdict(int)
        self._by_bound: dict[str, _Bound] = {}
        for number, detection in enumerate(detections):
            bit = 1 << number
            self._by_source[detection.logsource] |= bit
            for names in detection.present:
                self._by_presence[names] |= bit
            for name, values in detection.bound.items():
                self._by_bound.setdefault(name, _Bound(self._every)).add(bit, values)
        self._shaped = lru_cache(maxsize=MOST)(self._shape)
        # Typed: 1, 1.0 and true are equal, and read differently.
        self._known = lru_cache(maxsize=MOST, typed=True)(self._new)
        self._admitted = lru_cache(maxsize=MOST)(self._admits)

    def of(self, fields: Fields) -> Kind:
        """The kind of an event."""
        names = tuple(fields)
        shape = self._shaped(names) if len("".join(names)) <= NAMES else self._shape(names)
        said = tuple(map(fields.__getitem__, shape.telling))
        return self._known(shape, *said) if shape.brief and brief(said) else self._new(shape, *said)

    def _shape(self, names: tuple[str, ...]) -> "_Shape":
        """What the fields of an event make of it, whatever they say."""
        telling = tuple(name for name in names if name in TELLING)
        rest = tuple(name for name in names if name not in TELLING and name != TIME)
        lacking = (bits for wanted, bits in self._by_presence.items() if wanted.isdisjoint(names))
        return _Shape(telling, rest, self._every & ~reduce(or_, lacking, 0), brief=len("".join(names)) <= NAMES)

    def _new(self, shape: "_Shape", *said: FieldValue) -> Kind:
        telling = dict(zip(shape.telling, said, strict=True))
        small = shape.brief and brief(said)
        admits = self._admitted if small else self._admits
        allowed = admits(source_of(telling)) & shape.allowed
        for name, bound in self._by_bound.items():
            allowed &= bound.allows(telling.get(name))
        return Kind(telling, shape.rest, allowed, brief=small)

    def _admits(self, source: Source) -> Bits:
        """The detections whose log source an event may come from."""
        return reduce(or_, (bits for wanted, bits in self._by_source.items() if source.admits(wanted)), 0)


class _Shape:
    """The names of an event's fields: those that are telling, the others, and the detections they do not rule out."""

    __slots__ = ("allowed", "brief", "rest", "telling")

    def __init__(self, telling: tuple[str, ...], rest: tuple[str, ...], allowed: Bits, *, brief: bool) -> None:
        self.telling = telling
        self.rest = rest
        self.allowed = allowed
        self.brief = brief


class _Bound:
    """The detections that hold for some values of a field only; all others are free."""

    def __init__(self, every: Bits) -> None:
        self._free = every
        self._by_value: dict[str, Bits] = defaultdict(int)

    def add(self, bit: Bits, values: Iterable[str]) -> None:
        """One that holds for these values only."""
        self._free &= ~bit
        for value in values:
            self._by_value[value] |= bit

    def allows(self, value: FieldValue | None) -> Bits:
        """Those that this value of the field does not rule out."""
        several = value if isinstance(value, tuple) else () if value is None else (value,)
        return reduce(or_, (self._by_value.get(as_text(each).lower(), 0) for each in several), self._free)


def flags(bits: Bits, count: int) -> bytes:
    """The set with one byte for each of `count` detections: 1 for those in it."""
    return format(bits, f"0{count}b").encode().translate(_BITS)[::-1]
