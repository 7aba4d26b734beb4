# SPDX-License-Identifier: Apache-2.0
"""Literals to be found in the text of events, and what each that is found means to detections.

A detection is shown an event by one literal of its anchor, and not before each of its needs is met: of each, one
literal has to be found. A long text may hold many literals, and each that is found costs far more than a word of the
text: it is looked through for those alone that detections of the categories in question ask for.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from giamsat_rules.index.bits import Bits, members, union
from giamsat_rules.matching.pattern import as_text
from giamsat_rules.proof import Proof, counts
from giamsat_rules.rule import Detection, Fields, Predicate
from giamsat_rules.scanner import Scanner, Scanning
from giamsat_wire.record import FieldValue

LONG: Final = 512
"""Characters from which on a text is long."""
PARTS: Final = 16
"""Literals of one category are looked for by themselves when they are at least this part of all."""
KINDS: Final = 64
"""Kinds of events with long texts whose detections are remembered one by one."""
WORTH: Final = 64
"""Literals that detections told by one word ask for, from which on they are looked for by themselves, too."""
_SEVERAL: Final = -1


class _Part(NamedTuple):
    """Literals by their numbers, and the detections that ask for any of them."""

    numbers: Sequence[int]
    asking: Bits
    scanner: Scanner

    def found(self, text: str) -> list[int]:
        """The numbers of those in a text."""
        return [self.numbers[each] for each in self.scanner.found(text)]


class Needles:
    """The literals of some detections, by numbers.

    `needs` has for each detection sets of literals, of each of which one has to be found; `proofs` what that spares.
    """

    def __init__(self, detections: Sequence[Detection], scanning: Scanning) -> None:
        anchored: dict[str, list[int]] = defaultdict(list)
        asking: dict[str, Bits] = defaultdict(int)
        needed: list[list[frozenset[str]]] = []
        told: dict[str, Bits] = defaultdict(int)
        for number, detection in enumerate(detections):
            literals = detection.anchor.literals if detection.anchor is not None else frozenset()
            needs = [some for some in detection.narrowings if some not in {detection.told, literals}]
            needed.append(list(dict.fromkeys(needs)))
            for literal in literals:
                anchored[literal].append(number)
            for literal in literals.union(*needs):
                asking[literal] |= 1 << number
            for word in detection.told:
                told[word] |= 1 << number
        plain, telling = _by_category(asking, detections)
        every = [literal for group in (*plain, *telling) for literal in group]
        numbers = {literal: number for number, literal in enumerate(every)}

        def part(some: Sequence[str]) -> _Part:
            return _Part([numbers[each] for each in some], union(map(asking.__getitem__, some)), scanning(some))

        sets = {some: frozenset(map(numbers.__getitem__, some)) for needs in needed for some in needs}
        self.needs = [tuple(map(sets.__getitem__, needs)) for needs in needed]
        self.proofs = [_numbered(detection.proof, numbers) for detection in detections]
        self._all: Callable[[str], Collection[int]] = scanning(every).found if every else lambda _text: ()
        self._plain, self._telling = [part(group) for group in plain], [part(group) for group in telling]
        words = ((bits, [each for group in telling for each in group if asking[each] & bits]) for bits in told.values())
        self._by_word = {bits: part(some) for bits, some in words if len(some) >= WORTH}
        # Most literals show one detection only. Their numbers lie side by side: whoever writes many literals into an
        # event makes the processor wait for memory, so the less there is to be looked through, the better.
        its = [anchored.get(literal, []) for literal in every]
        self._only = array("l", [each[0] if len(each) == 1 else _SEVERAL for each in its])
        self._several = {literal: each for literal, each in enumerate(its) if len(each) != 1}
        self._members = lru_cache(maxsize=KINDS)(lambda allowed: frozenset(members(allowed)))
        self._asked = lru_cache(maxsize=KINDS)(self._parts_of)

    def found(self, text: str, allowed: Bits) -> Collection[int]:
        """The numbers of the literals in a text that detections ask for which are allowed, and maybe of others."""
        if len(text) < LONG:
            return self._all(text)
        return [number for part in self._asked(allowed) for number in part.found(text)]

    def _parts_of(self, allowed: Bits) -> Sequence[_Part]:
        """The parts with the literals of those that are allowed; those told by one word have one of their own."""
        plain, telling = ([part for part in some if part.asking & allowed] for some in (self._plain, self._telling))
        left = allowed & union(part.asking for part in telling)
        fitting = [part for bits, part in self._by_word.items() if not left & ~bits] if left else []
        return [*plain, *(telling if not fitting else [min(fitting, key=lambda part: len(part.numbers))])]

    def apart(self, fields: Fields, names: Sequence[str], text: str, allowed: Bits) -> "Apart":
        """The literals in a text of the values under these names; a value that is long is looked through by itself."""
        long = next((name for name in names if isinstance(each := fields[name], str) and len(each) >= LONG), "")
        others = [name for name in names if name != long]
        if not long or not others:
            found = frozenset(self.found(text, allowed))
            return Apart(found, long if text.isascii() else "", found)
        there = frozenset(self.found(text_of(fields, (long,)), allowed))
        found = there.union(self.found(text_of(fields, others), allowed))
        return Apart(found, long if text.isascii() else "", there)

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

    def shown_by_many(self, found: Collection[int], allowed: Bits) -> list[int]:
        """The same where many literals were found."""
        may = self._members(allowed)
        several = self._several.keys() & found
        return [
            *may.intersection(map(self._only.__getitem__, found)),
            *(each for literal in several for each in self._several[literal] if each in may),
        ]


class Apart(NamedTuple):
    """The literals `found` in an event: those that stand `there`, in the value of one field, and those elsewhere.

    `field` is empty where what was found there proves nothing: no value is long, or the lower case of a letter that is
    not ASCII may be what was found.
    """

    found: frozenset[int]
    field: str
    there: frozenset[int]


class Numbered(NamedTuple):
    """A proof by the numbers of its literals."""

    names: tuple[str, ...]
    literals: tuple[frozenset[int], ...]
    rest: Predicate

    def holds(self, apart: Apart, fields: Fields) -> bool:
        """Whether what was found in an event is the proof."""
        if True in map(apart.there.isdisjoint, self.literals):
            return False
        return counts(self.names, apart.field, fields)


def _numbered(proof: Proof | None, numbers: Mapping[str, int]) -> Numbered | None:
    """The same by numbers; None where a literal is not looked for."""
    if proof is None or not numbers.keys() >= frozenset[str]().union(*proof.literals):
        return None
    return Numbered(
        proof.names, tuple([frozenset(map(numbers.__getitem__, some)) for some in proof.literals]), proof.rest
    )


def _by_category(
    asking: Mapping[str, Bits], detections: Sequence[Detection]
) -> tuple[list[list[str]], list[list[str]]]:
    """The literals of each category that has many, and all others; apart those that only told detections ask for."""
    categories: dict[str | None, Bits] = defaultdict(int)
    told = 0
    for number, detection in enumerate(detections):
        categories[detection.logsource.category] |= 1 << number
        told |= bool(detection.told) << number
    groups: dict[tuple[str | None, bool], list[str]] = defaultdict(list)
    for literal in sorted(asking):
        its = [category for category, bits in categories.items() if bits & asking[literal]]
        groups[its[0] if len(its) == 1 else None, not asking[literal] & ~told].append(literal)
    large = {key for key, group in groups.items() if key[0] is not None and len(group) * PARTS >= len(asking)}
    others = [literal for key, group in groups.items() if key not in large for literal in group]
    plain, telling = ([groups[key] for key in sorted(large, key=str) if key[1] is only] for only in (False, True))
    return [group for group in (others, *plain) if group], telling


def text_of(fields: Fields, names: Iterable[str]) -> str:
    """Values of an event in lower case, the long s as s. No literal holds the line break that parts them."""
    values = [value if (value := fields[name]).__class__ is str else _line(value) for name in names]
    text = "\n".join(values).lower()
    return text if text.isascii() else text.replace("\u017f", "s")


def _line(value: FieldValue) -> str:
    return "\n".join(value) if isinstance(value, tuple) else as_text(value)
