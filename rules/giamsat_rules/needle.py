# SPDX-License-Identifier: Apache-2.0
"""Literals to be found in the text of events, and what each that is found means to detections.

A detection is shown an event by one literal of its anchor, and not before each of its needs is met: of each, one
literal has to be found. A long text may hold many literals, and each that is found costs far more than a word of the
text: it is looked through for those alone that detections of the categories in question ask for.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from giamsat_rules.bits import Bits, union
from giamsat_rules.pattern import as_text
from giamsat_rules.rule import Detection, Fields
from giamsat_rules.scanner import Scanner, Scanning
from giamsat_wire.record import FieldValue

LONG: Final = 512
"""Characters from which on a text is long."""
PARTS: Final = 16
"""Literals of one category are looked for by themselves when they are at least this part of all."""
_SEVERAL: Final = -1


class _Part(NamedTuple):
    """Literals numbered from `first` on, and the detections that ask for any of them."""

    first: int
    asking: Bits
    scanner: Scanner


class Needles:
    """The literals of some detections, by numbers.

    `needs` has for each detection sets of literals, of each of which one has to be found.
    """

    def __init__(self, detections: Sequence[Detection], scanning: Scanning) -> None:
        anchored: dict[str, list[int]] = defaultdict(list)
        asking: dict[str, Bits] = defaultdict(int)
        needed: list[list[frozenset[str]]] = []
        for number, detection in enumerate(detections):
            literals = detection.anchor.literals if detection.anchor is not None else frozenset()
            needs = [some for some in detection.narrowings if some not in {detection.told, literals}]
            needed.append(list(dict.fromkeys(needs)))
            for literal in literals:
                anchored[literal].append(number)
            for literal in literals.union(*needs):
                asking[literal] |= 1 << number
        groups = _by_category(asking, detections)
        every = [literal for group in groups for literal in group]
        numbers = {literal: number for number, literal in enumerate(every)}
        sets = {some: frozenset(map(numbers.__getitem__, some)) for needs in needed for some in needs}
        self.needs = [tuple(map(sets.__getitem__, needs)) for needs in needed]
        self._all: Callable[[str], Collection[int]] = scanning(every).found if every else lambda _text: ()
        self._parts = [
            _Part(numbers[group[0]], union(map(asking.__getitem__, group)), scanning(group)) for group in groups
        ]
        # Most literals show one detection only. Their numbers lie side by side: whoever writes many literals into an
        # event makes the processor wait for memory, so the less there is to be looked through, the better.
        its = [anchored.get(literal, []) for literal in every]
        self._only = array("l", [each[0] if len(each) == 1 else _SEVERAL for each in its])
        self._several = {literal: each for literal, each in enumerate(its) if len(each) != 1}

    def found(self, text: str, allowed: Bits) -> Collection[int]:
        """The numbers of the literals in a text that detections ask for which are allowed, and maybe of others."""
        if len(text) < LONG:
            return self._all(text)
        parts = [part for part in self._parts if part.asking & allowed]
        return [part.first + number for part in parts for number in part.scanner.found(text)]

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


def _by_category(asking: Mapping[str, Bits], detections: Sequence[Detection]) -> list[list[str]]:
    """The literals of each category that has many, and all others together."""
    categories: dict[str | None, Bits] = defaultdict(int)
    for number, detection in enumerate(detections):
        categories[detection.logsource.category] |= 1 << number
    groups: dict[str | None, list[str]] = defaultdict(list)
    for literal in sorted(asking):
        its = [category for category, bits in categories.items() if bits & asking[literal]]
        groups[its[0] if len(its) == 1 else None].append(literal)
    large = {category for category, group in groups.items() if len(group) * PARTS >= len(asking)} - {None}
    others = [literal for category, group in groups.items() if category not in large for literal in group]
    return [group for group in (others, *(groups[category] for category in sorted(large, key=str))) if group]


def text_of(fields: Fields, names: Iterable[str]) -> str:
    """Values of an event in lower case, the long s as s. No literal holds the line break that parts them."""
    values = [value if (value := fields[name]).__class__ is str else _line(value) for name in names]
    text = "\n".join(values).lower()
    return text if text.isascii() else text.replace("\u017f", "s")


def _line(value: FieldValue) -> str:
    return "\n".join(value) if isinstance(value, tuple) else as_text(value)
