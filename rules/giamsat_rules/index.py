# SPDX-License-Identifier: Apache-2.0
"""Which detections an event has to be shown to: by its kind, by exact values, and by literals in its text.

The index only leaves out what cannot hold: showing an event to every detection gives the same hits, later.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from operator import or_
from typing import TypeAlias

from giamsat_rules.kind import MOST, Bits, Kind, Kinds, flags
from giamsat_rules.pattern import as_text
from giamsat_rules.rule import Detection, Fields
from giamsat_rules.scanner import Scanning
from giamsat_rules.value import as_number
from giamsat_wire.record import FieldValue

Numbers: TypeAlias = tuple[int, ...]
"""Detections, or literals."""


@dataclass(frozen=True, slots=True)
class _Start:
    """What is the same for every event of a kind.

    `rest` are the fields whose text is still to be looked through. `possible` has one byte for each detection, 0 where
    no event of the kind can meet it. `sure` are those that need no further literal or value to be shown, `met` the
    needs met by the values that make the kind. `asked` are the other fields by whose value detections are found.
    """

    rest: Sequence[str]
    possible: bytes
    sure: Numbers
    met: frozenset[int]
    asked: Sequence[tuple[str, "_Asked"]]


class Index:
    """Detections by what an event must have for them to hold."""

    def __init__(self, detections: Iterable[Detection], scanning: Scanning) -> None:
        self._detections = tuple(detections)
        self._kinds = Kinds(self._detections)
        self._starts = lru_cache(maxsize=MOST)(self._start)
        self._flags = lru_cache(maxsize=MOST)(partial(flags, count=len(self._detections)))
        self._always: list[int] = []
        anchored: dict[str, list[int]] = defaultdict(list)
        needed: dict[frozenset[str], int] = {}
        meeting: dict[str, list[int]] = defaultdict(list)
        told: dict[str, Bits] = defaultdict(int)
        self._untold = 0
        values: dict[str, dict[float | str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._by_field: dict[str, list[int]] = defaultdict(list)
        self._needs: list[frozenset[int]] = []
        for number, detection in enumerate(self._detections):
            for literal in detection.told:
                told[literal] |= 1 << number
            self._untold |= 0 if detection.told else 1 << number
            anchor = detection.anchor
            known = {detection.told, anchor.literals if anchor is not None else None}
            needs = [some for some in detection.narrowings if some not in known]
            self._needs.append(frozenset(needed.setdefault(some, len(needed)) for some in needs))
            if anchor is None:
                self._always.append(number)
                continue
            for literal in anchor.literals:
                anchored[literal].append(number)
            for name, value in anchor.values:
                values[name][value].append(number)
            for name in anchor.fields:
                self._by_field[name].append(number)
        for some, number in needed.items():
            for literal in some:
                meeting[literal].append(number)
        literals = sorted(anchored.keys() | meeting.keys())
        self._scanner = scanning(literals) if literals else None
        self._anchored: Sequence[Numbers] = [tuple(anchored.get(literal, ())) for literal in literals]
        self._meeting: Sequence[Numbers] = [tuple(meeting.get(literal, ())) for literal in literals]
        self._teller = scanning(sorted(told)) if told else None
        self._told = [told[literal] for literal in sorted(told)]
        self._asked = {name: _Asked(its) for name, its in values.items()}

    def candidates(self, fields: Fields) -> Sequence[Detection]:
        """Every detection that may hold, each once, in the order they were given."""
        kind = self._kinds.of(fields)
        start = self._starts(kind) if kind.brief else self._start(kind)
        found = self._scanner.found(_text([fields[name] for name in start.rest])) if self._scanner is not None else ()
        left = set(start.sure)
        if found:
            left.update(*map(self._anchored.__getitem__, found))
        for name, asked in start.asked:
            left.update(asked.by(fields[name]))
        possible = start.possible
        numbers = [number for number in left if possible[number]]
        if not numbers:
            return ()
        met = start.met.union(*map(self._meeting.__getitem__, found)) if found else start.met
        needs = self._needs
        return [self._detections[number] for number in sorted(numbers) if needs[number] <= met]

    def _start(self, kind: Kind) -> _Start:
        text = _text(kind.fields.values())
        found = self._scanner.found(text) if self._scanner is not None else ()
        told = self._teller.found(text) if self._teller is not None else ()
        sure = set(self._always).union(*map(self._anchored.__getitem__, found))
        for name in (*kind.fields, *kind.rest):
            sure.update(self._by_field.get(name, ()))
        for name in kind.fields.keys() & self._asked.keys():
            sure.update(self._asked[name].by(kind.fields[name]))
        possible = self._flags(kind.allowed & reduce(or_, map(self._told.__getitem__, told), self._untold))
        return _Start(
            rest=kind.rest,
            possible=possible,
            sure=tuple(number for number in sorted(sure) if possible[number]),
            met=frozenset().union(*map(self._meeting.__getitem__, found)),
            asked=tuple((name, self._asked[name]) for name in kind.rest if name in self._asked),
        )


class _Asked:
    """The detections that are found by a field's values."""

    def __init__(self, values: Mapping[float | str, Sequence[int]]) -> None:
        self._texts = {value: its for value, its in values.items() if isinstance(value, str)}
        self._numbers = {value: its for value, its in values.items() if not isinstance(value, str)}

    def by(self, value: FieldValue) -> Iterable[int]:
        """Those that this value of the field may meet."""
        found: list[int] = []
        for each in value if isinstance(value, tuple) else (value,):
            if self._texts:
                found += self._texts.get(as_text(each).lower(), ())
            if self._numbers and (number := as_number(each)) is not None:
                found += self._numbers.get(number, ())
        return found


def _text(values: Iterable[FieldValue]) -> str:
    """Values of an event in lower case, the long s as s. No literal holds the line break that parts them."""
    parts = [value if value.__class__ is str else _line(value) for value in values]
    return "\n".join(parts).lower().replace("\u017f", "s")


def _line(value: FieldValue) -> str:
    return "\n".join(value) if isinstance(value, tuple) else as_text(value)
