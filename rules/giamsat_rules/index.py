# SPDX-License-Identifier: Apache-2.0
"""Which detections an event has to be shown to: by its kind, by exact values, and by literals in its text.

The index only leaves out what cannot hold: showing an event to every detection gives the same hits, later.
"""

from collections.abc import Iterable, Sequence

from giamsat_rules.bits import members
from giamsat_rules.kind import Kinds
from giamsat_rules.needle import Needles, text_of
from giamsat_rules.rule import Detection, Fields
from giamsat_rules.scanner import Scanning


class Index:
    """Detections by what an event must have for them to hold."""

    def __init__(self, detections: Iterable[Detection], scanning: Scanning) -> None:
        self._detections = tuple(detections)
        self._needles = Needles(self._detections, scanning)
        self._kinds = Kinds(self._detections, self._needles, scanning)

    def candidates(self, fields: Fields) -> Sequence[Detection]:
        """Every detection that may hold, each once, in the order they were given."""
        kind, needles = self._kinds.of(fields), self._needles
        found = needles.found(text_of(fields, kind.reading), kind.allowed) if kind.reading else ()
        shown = needles.shown(found, kind.allowed) if found else []
        for name, asked in kind.asked:
            shown += members(asked.by(fields[name]) & kind.allowed)
        if not (shown or kind.sure):
            return ()
        met = kind.found.union(found)
        numbers = sorted({*kind.sure, *shown})
        return [self._detections[each] for each in numbers if True not in map(met.isdisjoint, needles.needs[each])]
