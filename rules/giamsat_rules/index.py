# SPDX-License-Identifier: Apache-2.0
"""Which detections an event has to be shown to: a literal prefilter, exact values and fields, then the log source.

The index only leaves out what cannot hold: showing an event to every detection gives the same hits, later.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from giamsat_rules.logsource import source_of
from giamsat_rules.pattern import as_text
from giamsat_rules.rule import Detection, Fields
from giamsat_rules.scanner import Scanner, Scanning
from giamsat_rules.value import as_number
from giamsat_wire.record import FieldValue

_NOTHING: Final[tuple[int, ...]] = ()


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
        self._scanner: Scanner | None = scanning(tuple(by_literal)) if by_literal else None
        self._by_literal: Sequence[Sequence[int]] = tuple(map(tuple, by_literal.values()))
        self._by_value: Mapping[str, Mapping[float | str, Sequence[int]]] = {
            name: dict(values) for name, values in by_value.items()
        }
        self._by_field: Mapping[str, Sequence[int]] = dict(by_field)
        self._always = tuple(always)

    def candidates(self, fields: Fields) -> Iterable[Detection]:
        """Every detection that may hold, each once, in the order they were given."""
        numbers: set[int] = set(self._always)
        if self._scanner is not None:
            for literal in self._scanner.found(_text(fields)):
                numbers.update(self._by_literal[literal])
        for name in self._by_value.keys() & fields.keys():
            numbers.update(_with(self._by_value[name], fields[name]))
        for name in self._by_field.keys() & fields.keys():
            numbers.update(self._by_field[name])
        if not numbers:
            return ()
        source = source_of(fields)
        detections = self._detections
        return [detections[number] for number in sorted(numbers) if source.admits(detections[number].logsource)]


def _text(fields: Fields) -> str:
    """All values of an event in lower case. No literal holds the line break that parts them."""
    parts = [value if isinstance(value, str) else _joined(value) for value in fields.values()]
    return "\n".join(parts).lower()


def _joined(value: FieldValue) -> str:
    return "\n".join(value) if isinstance(value, tuple) else as_text(value)


def _with(rules: Mapping[float | str, Sequence[int]], value: FieldValue) -> Iterable[int]:
    for each in value if isinstance(value, tuple) else (value,):
        yield from rules.get(as_text(each).lower(), _NOTHING)
        number = as_number(each)
        if number is not None:
            yield from rules.get(number, _NOTHING)
