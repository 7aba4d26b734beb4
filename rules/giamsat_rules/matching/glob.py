# SPDX-License-Identifier: Apache-2.0
"""Sigma's wildcard patterns, matched by ordered `str.find`.

`*a*b*` as the regular expression `.*a.*b.*` costs a hostile event a thousand times more than looking for `a` and then
for `b` behind it, which finds the same texts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

TextTest: TypeAlias = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Piece:
    """Text between two `*`: literals with a fixed number of any characters (`?`) before each, and after the last.

    `gaps` has one entry more than `literals`.
    """

    literals: tuple[str, ...]
    gaps: tuple[int, ...]

    @property
    def length(self) -> int:
        """How many characters the piece covers."""
        return sum(self.gaps) + sum(map(len, self.literals))

    def at(self, text: str, start: int) -> bool:
        """Whether the piece stands at `start`."""
        if start < 0 or start + self.length > len(text):
            return False
        for gap, literal in zip(self.gaps, self.literals, strict=False):
            start += gap
            if not text.startswith(literal, start):
                return False
            start += len(literal)
        return True

    def find(self, text: str, start: int) -> int:
        """The first place at or after `start` where the piece stands, or -1."""
        if not self.literals:
            return start if start + self.length <= len(text) else -1
        first, lead = self.literals[0], self.gaps[0]
        found = text.find(first, start + lead)
        while found >= 0:
            if self.at(text, found - lead):
                return found - lead
            found = text.find(first, found + 1)
        return -1


def whole(pieces: tuple[Piece, ...]) -> TextTest:
    """A test that the pieces, with anything between them, are the whole text. One piece alone: nothing but it."""
    first, last, middle = pieces[0], pieces[-1], pieces[1:-1]
    if len(pieces) == 1:
        return lambda text: len(text) == first.length and first.at(text, 0)
    if not middle and not first.length:
        return lambda text: last.at(text, len(text) - last.length)
    if not middle and not last.length:
        return lambda text: first.at(text, 0)

    def test(text: str) -> bool:
        if not first.at(text, 0):
            return False
        end = _through(middle, text, first.length)
        return end >= 0 and len(text) - last.length >= end and last.at(text, len(text) - last.length)

    return test


def within(pieces: tuple[Piece, ...]) -> TextTest:
    """A test that the pieces stand somewhere in the text, in this order."""
    return lambda text: _through(pieces, text, 0) >= 0


def whole_any(patterns: Iterable[tuple[Piece, ...]]) -> TextTest:
    """A test that one of the patterns is the whole text.

    Plain prefixes, suffixes and contents are held together: a list of a hundred costs little more than one of them.
    """
    exact: set[str] = set()
    starts: list[str] = []
    ends: list[str] = []
    contents: list[str] = []
    tests: list[TextTest] = []
    for pieces in patterns:
        match [_literal(piece) for piece in pieces]:
            case [str(literal)]:
                exact.add(literal)
            case [str(literal), ""]:
                starts.append(literal)
            case ["", str(literal)]:
                ends.append(literal)
            case ["", str(literal), ""]:
                contents.append(literal)
            case _:
                tests.append(whole(pieces))
    if contents:
        tests.insert(0, _contains(tuple(contents)))
    if starts:
        tests.insert(0, _starts(tuple(starts)))
    if ends:
        tests.insert(0, _ends(tuple(ends)))
    if exact:
        tests.insert(0, frozenset(exact).__contains__)
    return _either(tuple(tests))


def _literal(piece: Piece) -> str | None:
    """The piece's text; None when it holds a `?`."""
    return None if any(piece.gaps) else "".join(piece.literals)


def _starts(literals: tuple[str, ...]) -> TextTest:
    return lambda text: text.startswith(literals)


def _ends(literals: tuple[str, ...]) -> TextTest:
    return lambda text: text.endswith(literals)


def _contains(literals: tuple[str, ...]) -> TextTest:
    if len(literals) == 1:
        (literal,) = literals
        return lambda text: literal in text

    def test(text: str) -> bool:
        for literal in literals:  # noqa: SIM110 - a generator for any() costs more than the tests themselves
            if literal in text:
                return True
        return False

    return test


def _either(tests: tuple[TextTest, ...]) -> TextTest:
    if len(tests) == 1:
        return tests[0]

    def test(text: str) -> bool:
        for each in tests:  # noqa: SIM110 - a generator for any() costs more than the tests themselves
            if each(text):
                return True
        return False

    return test


def _through(pieces: tuple[Piece, ...], text: str, start: int) -> int:
    """Where the text goes on after the earliest places of all pieces in order, or -1."""
    for piece in pieces:
        found = piece.find(text, start)
        if found < 0:
            return -1
        start = found + piece.length
    return start
