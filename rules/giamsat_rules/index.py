# SPDX-License-Identifier: Apache-2.0
"""Which detections an event has to be shown to: a literal prefilter, exact values and fields, then the log source.

The index only leaves out what cannot hold: showing an event to every detection gives the same hits, later.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Final

from giamsat_rules.logsource import Source, source_of
from giamsat_rules.pattern import as_text
from giamsat_rules.rule import Detection, Fields, LogSource
from giamsat_rules.scanner import Scanner, Scanning
from giamsat_rules.value import as_number
from giamsat_wire.record import FieldValue

MOST: Final = 4_096
"""Origins of events whose admitted rules are remembered; when there are more, all are forgotten."""


class Index:
    """Detections by what an event must have for them to hold. A set of them is a number, one bit for each."""

    def __init__(self, detections: Iterable[Detection], scanning: Scanning) -> None:
        self._detections = tuple(detections)
        self._always = self._free = 0
        anchored: dict[str, list[int]] = defaultdict(list)
        narrowed: dict[str, int] = defaultdict(int)
        by_value: dict[str, dict[float | str, int]] = defaultdict(lambda: defaultdict(int))
        by_field: dict[str, int] = defaultdict(int)
        by_source: dict[LogSource, int] = defaultdict(int)
        for number, detection in enumerate(self._detections):
            bit, narrowest = 1 << number, _narrowest(detection)
            by_source[detection.logsource] |= bit
            for literal in narrowest:
                narrowed[literal] |= bit
            self._free |= 0 if narrowest else bit
            if detection.anchor is None:
                self._always |= bit
                continue
            for literal in detection.anchor.literals:
                anchored[literal].append(number)
            for name, value in detection.anchor.values:
                by_value[name][value] |= bit
            for name in detection.anchor.fields:
                by_field[name] |= bit
        literals = sorted(anchored.keys() | narrowed.keys())
        self._scanner: Scanner | None = scanning(literals) if literals else None
        self._literals = [(anchored.get(literal, ()), narrowed.get(literal, 0)) for literal in literals]
        self._asked = {
            name: _Asked(by_field.get(name, 0), dict(by_value.get(name, {})))
            for name in by_field.keys() | by_value.keys()
        }
        self._sources = dict(by_source)
        self._admitted: dict[Source, int] = {}
        self._bytes = len(self._detections) // 8 + 1

    def candidates(self, fields: Fields) -> Iterable[Detection]:
        """Every detection that may hold, each once, in the order they were given."""
        anchored: list[int] = []
        narrow = self._free
        if self._scanner is not None:
            literals = self._literals
            for literal in self._scanner.found(_text(fields)):
                numbers, narrowed = literals[literal]
                anchored += numbers
                if narrowed:
                    narrow |= narrowed
        asked = self._always
        for name in fields:
            if name in self._asked:
                asked |= self._asked[name].by(fields[name])
        if not anchored and not asked:
            return ()
        possible = narrow & self._admits(source_of(fields))
        bits = possible.to_bytes(self._bytes, "little")
        left = {number for number in anchored if bits[number >> 3] >> (number & 7) & 1}
        asked &= possible
        if asked:
            left.update(_bits(asked))
        return [self._detections[number] for number in sorted(left)]

    def _admits(self, source: Source) -> int:
        """The detections whose log source an event may come from."""
        admitted = self._admitted.get(source)
        if admitted is None:
            if len(self._admitted) >= MOST:
                self._admitted.clear()
            its = (detections for wanted, detections in self._sources.items() if source.admits(wanted))
            admitted = self._admitted[source] = reduce(or_, its, 0)
        return admitted


class _Asked:
    """The detections that ask for a field, or for one of its values."""

    def __init__(self, there: int, values: Mapping[float | str, int]) -> None:
        self._there = there
        self._values = values
        self._numeric = any(isinstance(value, float) for value in values)

    def by(self, value: FieldValue) -> int:
        """Those that this value of the field may meet."""
        if isinstance(value, str) and not self._numeric:
            return self._there | self._values.get(value.lower(), 0)
        found = self._there
        for each in value if isinstance(value, tuple) else (value,):
            found |= self._values.get(as_text(each).lower(), 0)
            if self._numeric and (number := as_number(each)) is not None:
                found |= self._values.get(number, 0)
        return found


def _bits(found: int) -> Iterator[int]:
    """The numbers of the bits that are set, the lowest first."""
    while found:
        lowest = found & -found
        yield lowest.bit_length() - 1
        found ^= lowest


def _narrowest(rule: Detection) -> frozenset[str]:
    """The smallest set of literals, besides the anchor's own, of which one must stand in the text; empty for none."""
    known = rule.anchor.literals if rule.anchor is not None else None
    return next((some for some in rule.narrowings if some != known), frozenset())


def _text(fields: Fields) -> str:
    """All values of an event in lower case, the long s as s. No literal holds the line break that parts them."""
    parts: list[str] = []
    for value in fields.values():
        if isinstance(value, str):
            parts.append(value)
        elif isinstance(value, tuple):
            parts += value
        else:
            parts.append(as_text(value))
    return "\n".join(parts).lower().replace("\u017f", "s")
