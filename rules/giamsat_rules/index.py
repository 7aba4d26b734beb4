# SPDX-License-Identifier: Apache-2.0
"""Which detections an event has to be shown to: a literal prefilter, exact values and fields, then the log source.

The index only leaves out what cannot hold: showing an event to every detection gives the same hits, later.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from giamsat_rules.logsource import source_of
from giamsat_rules.pattern import as_text
from giamsat_rules.rule import Detection, Fields, LogSource
from giamsat_rules.scanner import Scanner, Scanning
from giamsat_rules.value import as_number
from giamsat_wire.record import FieldValue

_NOTHING: Final[tuple[int, ...]] = ()
_NONE: Final[frozenset[int]] = frozenset()


class Index:
    """Detections by what an event must have for them to hold."""

    def __init__(self, detections: Iterable[Detection], scanning: Scanning) -> None:
        self._detections = tuple(detections)
        by_literal: dict[str, list[int]] = defaultdict(list)
        by_value: dict[str, dict[float | str, list[int]]] = defaultdict(lambda: defaultdict(list))
        by_field: dict[str, list[int]] = defaultdict(list)
        always: list[int] = []
        for number, detection in enumerate(self._detections):
            anchor = detection.anchor
            if anchor is None:
                always.append(number)
                continue
            for literal in sorted(anchor.literals):
                by_literal[literal].append(number)
            for name, value in anchor.values:
                by_value[name][value].append(number)
            for name in anchor.fields:
                by_field[name].append(number)
        for literal in sorted({each for rule in self._detections for each in _narrowest(rule)}):
            by_literal.setdefault(literal, [])
        numbers = {literal: number for number, literal in enumerate(by_literal)}
        self._narrowing = tuple(
            frozenset(numbers[literal] for literal in some) if (some := _narrowest(rule)) else None
            for rule in self._detections
        )
        sources: dict[LogSource, int] = {}
        self._source = tuple(sources.setdefault(rule.logsource, len(sources)) for rule in self._detections)
        self._sources = tuple(sources)
        self._scanner: Scanner | None = scanning(tuple(by_literal)) if by_literal else None
        self._by_literal: Sequence[Sequence[int]] = tuple(map(tuple, by_literal.values()))
        self._by_value: Mapping[str, Mapping[float | str, Sequence[int]]] = {
            name: dict(values) for name, values in by_value.items()
        }
        self._by_field: Mapping[str, Sequence[int]] = dict(by_field)
        self._names = frozenset(by_value) | frozenset(by_field)
        self._always = tuple(always)

    def candidates(self, fields: Fields) -> Iterable[Detection]:
        """Every detection that may hold, each once, in the order they were given."""
        numbers: set[int] = set(self._always)
        found = _NONE
        if self._scanner is not None and (standing := self._scanner.found(_text(fields))):
            found = frozenset(standing)
            numbers.update(*[self._by_literal[literal] for literal in found])
        for name in self._names & fields.keys():
            if name in self._by_value:
                numbers.update(_with(self._by_value[name], fields[name]))
            numbers.update(self._by_field.get(name, _NOTHING))
        return self._admitted(numbers, found, fields) if numbers else ()

    def _admitted(self, numbers: Iterable[int], found: frozenset[int], fields: Fields) -> Iterable[Detection]:
        """Those that nothing else rules out; the few different log sources are asked once each."""
        narrowing, sources, detections = self._narrowing, self._source, self._detections
        left = [number for number in numbers if (some := narrowing[number]) is None or not some.isdisjoint(found)]
        if not left:
            return
        source = source_of(fields)
        admitted: dict[int, bool] = {}
        for number in sorted(left):
            its = sources[number]
            if its not in admitted:
                admitted[its] = source.admits(self._sources[its])
            if admitted[its]:
                yield detections[number]


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


def _with(rules: Mapping[float | str, Sequence[int]], value: FieldValue) -> Iterable[int]:
    for each in value if isinstance(value, tuple) else (value,):
        yield from rules.get(as_text(each).lower(), _NOTHING)
        number = as_number(each)
        if number is not None:
            yield from rules.get(number, _NOTHING)
