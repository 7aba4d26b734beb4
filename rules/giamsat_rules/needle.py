# SPDX-License-Identifier: Apache-2.0
"""Literals to be found in the text of events, and what each that is found means to detections.

A detection is shown an event by one literal of its anchor, and not before each of its needs is met: of each, one
literal has to be found.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from giamsat_rules.bits import Bits
from giamsat_rules.pattern import as_text
from giamsat_rules.rule import Detection, Fields
from giamsat_rules.scanner import Scanning
from giamsat_wire.record import FieldValue

_SEVERAL: Final = -1


class Needles:
    """The literals of some detections, by numbers.

    `needs` has for each detection sets of literals, of each of which one has to be found.
    """

    def __init__(self, detections: Sequence[Detection], scanning: Scanning) -> None:
        anchored: dict[str, list[int]] = defaultdict(list)
        needed: list[list[frozenset[str]]] = []
        for number, detection in enumerate(detections):
            literals = detection.anchor.literals if detection.anchor is not None else frozenset()
            for literal in literals:
                anchored[literal].append(number)
            needs = [some for some in detection.narrowings if some not in {detection.told, literals}]
            needed.append(list(dict.fromkeys(needs)))
        every = sorted({*anchored, *(literal for needs in needed for some in needs for literal in some)})
        numbers = {literal: number for number, literal in enumerate(every)}
        sets = {some: frozenset(map(numbers.__getitem__, some)) for needs in needed for some in needs}
        self.needs = [tuple(map(sets.__getitem__, needs)) for needs in needed]
        self.found: Callable[[str], Collection[int]] = scanning(every).found if every else lambda _text: ()
        """The numbers of the literals that stand in a text."""
        # Most literals show one detection only. Their numbers lie side by side: whoever writes many literals into an
        # event makes the processor wait for memory, so the less there is to be looked through, the better.
        its = [anchored.get(literal, []) for literal in every]
        self._only = array("l", [each[0] if len(each) == 1 else _SEVERAL for each in its])
        self._several = {literal: each for literal, each in enumerate(its) if len(each) != 1}

    def shown(self, found: Iterable[int], allowed: Bits) -> list[int]:
        """The detections that literals show, of those that are allowed; one may be named more than once."""
        shown: list[int] = []
        for literal in found:
            number = self._only[literal]
            if number == _SEVERAL:
                shown += [each for each in self._several[literal] if allowed >> each & 1]
            elif allowed >> number & 1:
                shown.append(number)
        return shown


def text_of(fields: Fields, names: Iterable[str]) -> str:
    """Values of an event in lower case, the long s as s. No literal holds the line break that parts them."""
    values = [value if (value := fields[name]).__class__ is str else _line(value) for name in names]
    text = "\n".join(values).lower()
    return text if text.isascii() else text.replace("\u017f", "s")


def _line(value: FieldValue) -> str:
    return "\n".join(value) if isinstance(value, tuple) else as_text(value)
