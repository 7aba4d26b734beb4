# SPDX-License-Identifier: Apache-2.0
"""Which detections an event has to be shown to: by its kind, by exact values, and by literals in its text.

The index only leaves out what cannot hold: showing an event to every detection gives the same hits, later. Of what it
found in a long text it spares detections to look for that again.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from giamsat_rules.index.bits import members
from giamsat_rules.index.kind import Kind, Kinds
from giamsat_rules.index.needle import LONG, Apart, Needles, text_of
from giamsat_rules.rule import Detection, Fields, Predicate
from giamsat_rules.scanner import Scanning

Asked: TypeAlias = tuple[Detection, Predicate]
"""A detection, and what is left to be asked for it to hold."""


class Index:
    """Detections by what an event must have for them to hold."""

    def __init__(self, detections: Iterable[Detection], scanning: Scanning) -> None:
        self._asked: list[Asked] = [(detection, detection.matches) for detection in detections]
        every = [detection for detection, _ in self._asked]
        self._needles = Needles(every, scanning)
        self._kinds = Kinds(every, self._needles, scanning)

    def candidates(self, fields: Fields) -> Sequence[Asked]:
        """Every detection that may hold, each once, in the order they were given."""
        kind, needles = self._kinds.of(fields), self._needles
        text = text_of(fields, kind.reading) if kind.reading else ""
        if len(text) >= LONG:
            return self._of_long(fields, kind, text)
        found = needles.found(text, kind.allowed) if kind.reading else ()
        numbers = self._numbers(fields, kind, needles.shown(found, kind.allowed), found)
        return [self._asked[each] for each in numbers]

    def _of_long(self, fields: Fields, kind: Kind, text: str) -> Sequence[Asked]:
        """The same of an event with a long text, which costs much to look through again for each detection."""
        apart = self._needles.apart(fields, kind.reading, text, kind.allowed)
        shown = self._needles.shown_by_many(apart.found, kind.allowed)
        return [self._lighter(each, apart, fields) for each in self._numbers(fields, kind, shown, apart.found)]

    def _numbers(self, fields: Fields, kind: Kind, shown: list[int], found: Iterable[int]) -> Sequence[int]:
        for name, asked in kind.asked:
            shown += members(asked.by(fields[name]) & kind.allowed)
        if not (shown or kind.sure):
            return ()
        met, needs = kind.found.union(found), self._needles.needs
        return [each for each in sorted({*kind.sure, *shown}) if True not in map(met.isdisjoint, needs[each])]

    def _lighter(self, number: int, apart: Apart, fields: Fields) -> Asked:
        """A detection with as little to ask as what was found leaves open."""
        proof = self._needles.proofs[number]
        whole = self._asked[number]
        return whole if proof is None or not proof.holds(apart, fields) else (whole[0], proof.rest)
