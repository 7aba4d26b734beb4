# SPDX-License-Identifier: Apache-2.0
"""A device writes the same names line after line: pairs that come again and again get a pattern of their own.

It matches nothing but texts of these pairs, in this order and with these quotes, and finds in them what cutting them
pair by pair finds, at a third of the cost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

SEEN: Final = 256
"""How often in a row the same names come before they get a pattern: to make one costs as much as reading 100 lines."""
KEPT: Final = 64
"""Habits remembered; a pattern takes some 30 kB."""
NAMES_MOST: Final = 128
"""More names get no pattern."""
_UNESCAPED: Final = '[^"]*+'


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """How pairs are written: `cut` splits a text at them into what stands before one, its name, its quote, its value.

    `equals` stands behind a name, `between` behind a pair; `quoted` and `bare` are the patterns of a value.
    """

    cut: re.Pattern[str]
    equals: str
    between: str
    quoted: str
    bare: str = ""


class Habit:
    """What texts of as many pairs had last as names and quotes, and the pattern for it once it came often."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs
        self._last: tuple[str, ...] = ()
        self._names: tuple[str, ...] = ()
        self._written: tuple[str, ...] = ()
        self._seen = 0
        self._pattern: re.Pattern[str] | None = None

    def read(self, text: str) -> dict[str, str] | None:
        """The pairs of a text that is written by habit; None for any other."""
        found = None if self._pattern is None else self._pattern.fullmatch(text)
        return None if found is None else dict(zip(self._names, found.groups(), strict=True))

    def saw(self, names: Sequence[str], quotes: Sequence[str | None]) -> tuple[str, ...]:
        """A text had these names, each once, and before each value this quote: the names, line after line the same.

        The same objects, so that what is remembered of these names is found without comparing each.
        """
        pairs = self._pairs
        written = tuple(f"{name}{pairs.equals}{quote or ''}" for name, quote in zip(names, quotes, strict=True))
        if written != self._written:
            self._written, self._last, self._seen = written, tuple(names), 0
        self._seen += 1
        if self._seen == SEEN and 0 < len(names) <= NAMES_MOST:
            values = (f"({pairs.quoted}){quote}" if quote else f"({pairs.bare})" for quote in quotes)
            each = (re.escape(begun) + value for begun, value in zip(written, values, strict=True))
            self._names = self._last
            self._pattern = re.compile(f"{pairs.between.join(each)}(?:{pairs.between})?")
            re.purge()  # what the module keeps by itself is bounded by a number of patterns, whatever they take
        return self._last


@lru_cache(maxsize=KEPT)
def habit(pairs: Pairs, equals: int, quotes: int, *, escaping: bool) -> Habit:  # noqa: ARG001 - what tells one habit from another
    """The habit of texts with so many signs before values and so many quotes: found without reading them.

    A text without a backslash is not `escaping`: there a value goes on to the next quote, which is found sooner.
    """
    return Habit(pairs if escaping else replace(pairs, quoted=_UNESCAPED))
