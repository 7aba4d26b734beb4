# SPDX-License-Identifier: Apache-2.0
"""The plain texts without which a regular expression cannot match: what lets an index pass most events by.

It reads what it is sure of. A construct it does not know (quoting, octal numbers, …) makes it say nothing of the whole
expression, never too much. Method: Russ Cox, "Regular Expression Matching with a Trigram Index" (2012), with whole
literals in place of trigrams.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

Texts: TypeAlias = frozenset[str]

SHORTEST: Final = 2
"""The shortest text worth looking for."""
MOST: Final = 64
"""The most alternatives that are told apart."""
REMEMBERED: Final = 256
"""So many expressions are read once: each is asked about three and more times while its rule is compiled."""
_DEPTH: Final = 50
_EMPTY: Final[Texts] = frozenset({""})
_FLAGS: Final = re.compile(r"\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?(:|(?=\))))")
_COUNT: Final = re.compile(r"\{(\d+)(,?)(\d*)\}")
_CLASS: Final = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_CODE: Final = re.compile(r"x(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{2})|[pP](?:\{\^?\w+\}|[A-Z])|[dDwWsSatnrfv]")
# Outside ASCII the lower case of a character may be another or longer; a line break parts values from one another.
_PLAIN: Final = re.compile(r"[\x20-\x7e]")


class _UnknownError(ValueError):
    """A construct that is not read here."""


@dataclass(frozen=True, slots=True)
class _Part:
    """`exact`: all texts the part matches, None when there are too many; `needed`: of each set, one is in a match."""

    exact: Texts | None
    needed: tuple[Texts, ...] = ()

    @property
    def best(self) -> Texts | None:
        """The set that rules out most."""
        sets = (*self.needed, *([self.exact] if self.exact is not None else []))
        useful = [each for each in sets if len(each) <= MOST and all(len(text) >= SHORTEST for text in each)]
        return min(useful, key=lambda each: (frequency(each), *sorted(each)), default=None)


_ANYTHING: Final = _Part(None)
_NOTHING: Final = _Part(_EMPTY)


@lru_cache(maxsize=REMEMBERED)
def required(pattern: str) -> Texts | None:
    """Texts in lower case of which one stands in every text, in lower case, that the expression (RE2) matches.

    The long s (U+017F) counts as s, as it does to RE2 where case does not. None: nothing is sure.
    """
    reader = _Reader(pattern)
    try:
        part = reader.alternatives(0)
    except (_UnknownError, IndexError):
        return None
    return part.best if reader.at == len(pattern) else None


def frequency(texts: Iterable[str]) -> float:
    """How often one of the texts is likely to stand in an event, on no scale in particular."""
    return sum(64 / len(text) ** 2 for text in texts)


class _Reader:
    """Descends through one expression."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.at = pattern, 0

    def alternatives(self, depth: int) -> _Part:
        if depth > _DEPTH:
            raise _UnknownError
        branches = [_joined(self._repeated(depth))]
        while self.pattern[self.at : self.at + 1] == "|":
            self.at += 1
            branches.append(_joined(self._repeated(depth)))
        return branches[0] if len(branches) == 1 else _any_of(branches)

    def _repeated(self, depth: int) -> Iterator[_Part]:
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            part = self._atom(depth)
            while (span := self._count()) is not None:
                part = _times(part, *span)
            yield part

    def _count(self) -> tuple[int, int | None] | None:
        """The least and the most repetitions the quantifier here asks for; None: there is none."""
        sign = self.pattern[self.at : self.at + 1]
        if sign and sign in "*+?":
            self.at += 1
            span = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        elif found := _COUNT.match(self.pattern, self.at):
            self.at = found.end()
            least = int(found[1])
            span = (least, int(found[3]) if found[3] else None if found[2] else least)
        else:
            return None
        self.at += self.pattern.startswith("?", self.at)
        return span

    def _atom(self, depth: int) -> _Part:
        sign = self.pattern[self.at]
        if sign == "[":
            return self._skipped(_CLASS, self.at)
        self.at += 1
        match sign:
            case "(":
                return self._group(depth)
            case "\\":
                return self._escape()
            case ".":
                return _ANYTHING
            case "^" | "$":
                return _NOTHING
            case "*" | "+" | "?":
                raise _UnknownError
            case _:
                return _one(sign)

    def _group(self, depth: int) -> _Part:
        if self.pattern[self.at] == "?":
            found = _FLAGS.match(self.pattern, self.at)
            if found is None:
                raise _UnknownError
            self.at = found.end()
        part = self.alternatives(depth + 1)
        if self.pattern[self.at] != ")":
            raise _UnknownError
        self.at += 1
        return part

    def _escape(self) -> _Part:
        sign = self.pattern[self.at]
        if sign in "AzbB":
            self.at += 1
            return _NOTHING
        if sign.isalnum() or not sign.isascii():
            return self._skipped(_CODE, self.at)
        self.at += 1
        return _one(sign)

    def _skipped(self, what: re.Pattern[str], at: int) -> _Part:
        found = what.match(self.pattern, at)
        if found is None:
            raise _UnknownError
        self.at = found.end()
        return _ANYTHING


def _one(sign: str) -> _Part:
    return _Part(frozenset({sign.lower()})) if _PLAIN.fullmatch(sign) else _ANYTHING


def _joined(parts: Iterable[_Part]) -> _Part:
    """One part after another: what is exact grows together, up to what is not."""
    run, whole = _EMPTY, True
    needed: list[Texts] = []
    for part in parts:
        needed += part.needed
        if part.exact is not None and len(run) * len(part.exact) <= MOST:
            run = frozenset(before + after for before in run for after in part.exact)
            continue
        needed.append(run)
        run, whole = part.exact if part.exact is not None else _EMPTY, False
    return _Part(run if whole else None, (*needed, run))


def _any_of(branches: list[_Part]) -> _Part:
    best = [branch.best for branch in branches]
    needed = frozenset[str]().union(*filter(None, best)) if None not in best else _EMPTY
    if any(branch.exact is None for branch in branches):
        return _Part(None, (needed,))
    every = frozenset[str]().union(*(branch.exact or _EMPTY for branch in branches))
    return _Part(every if len(every) <= MOST else None, (needed,))


def _times(part: _Part, least: int, most: int | None) -> _Part:
    if least == 0:
        return _Part(part.exact | _EMPTY) if most == 1 and part.exact is not None else _ANYTHING
    if (least, most) == (1, 1):
        return part
    return _Part(None, (*part.needed, *([part.exact] if part.exact is not None else [])))
