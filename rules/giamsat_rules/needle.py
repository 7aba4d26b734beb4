# SPDX-License-Identifier: Apache-2.0
"""Literals to be found in the text of events, and what each that is found means to detections.

A detection is shown an event by one literal of its anchor, and not before each of its needs is met: of each, one
literal has to be found.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from giamsat_rules.bits import Bits
from giamsat_rules.pattern import as_text
from giamsat_rules.rule import Detection, Fields
from giamsat_rules.scanner import Scanning
from giamsat_wire.record import FieldValue


class Needles:
    """The literals of some detections.

    `anchored` has, for each literal by its number, the detections it shows, and `meeting` the needs it meets; `needs`
    has those of each detection.
    """

    def __init__(self, detections: Sequence[Detection], scanning: Scanning) -> None:
        anchored: dict[str, Bits] = defaultdict(int)
        meeting: dict[str, Bits] = defaultdict(int)
        known: dict[frozenset[str], Bits] = {}
        self.needs: list[Bits] = []
        for number, detection in enumerate(detections):
            literals = detection.anchor.literals if detection.anchor is not None else frozenset()
            for literal in literals:
                anchored[literal] |= 1 << number
            needs = [some for some in detection.narrowings if some not in {detection.told, literals}]
            self.needs.append(sum(known.setdefault(some, 1 << len(known)) for some in dict.fromkeys(needs)))
        for some, need in known.items():
            for literal in some:
                meeting[literal] |= need
        every = sorted(anchored.keys() | meeting.keys())
        self._scanner = scanning(every) if every else None
        self.anchored = [anchored.get(literal, 0) for literal in every]
        self.meeting = [meeting.get(literal, 0) for literal in every]

    def found(self, text: str) -> Collection[int]:
        """The numbers of the literals that stand in a text."""
        return self._scanner.found(text) if self._scanner is not None else ()


def text_of(fields: Fields, names: Iterable[str]) -> str:
    """Values of an event in lower case, the long s as s. No literal holds the line break that parts them."""
    values = [value if (value := fields[name]).__class__ is str else _line(value) for name in names]
    text = "\n".join(values).lower()
    return text if text.isascii() else text.replace("\u017f", "s")


def _line(value: FieldValue) -> str:
    return "\n".join(value) if isinstance(value, tuple) else as_text(value)
