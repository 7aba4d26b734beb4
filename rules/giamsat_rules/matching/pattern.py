# SPDX-License-Identifier: Apache-2.0
"""Sigma's texts as patterns: what stands between wildcards, and the tests they make. Expressions by RE2 only."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

import re2  # type: ignore[import-untyped]  # google-re2 ships no types
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import RegexEngine, RegexPattern
from sigma.types import SigmaCasedString, SigmaRegularExpression, SigmaString, SpecialChars

from giamsat_rules.errors import UnsupportedError
from giamsat_rules.matching.glob import Piece, TextTest
from giamsat_rules.rule import Fields
from giamsat_rules.verdict import TIME
from giamsat_wire.record import FieldValue

PATTERN_CHARACTERS: Final = 4_096
"""The longest wildcard pattern or regular expression."""
LONG: Final = 512
"""Characters from which lowering a text costs more than remembering it."""
PROGRAM_BYTES: Final = 1 << 20
"""The most memory one regular expression may take, compiled."""


def compiled(pattern: str) -> RegexPattern:
    """The expression by RE2, which takes no longer than the text is long, whatever the expression.

    Raises:
        re2.error: it is none, or takes too much memory.
    """
    options = re2.Options()
    options.max_mem = PROGRAM_BYTES
    options.log_errors = False
    options.never_capture = True
    expression: RegexPattern = re2.compile(pattern, options)
    return expression


class _Quiet(RegexEngine):
    """How pySigma compiles expressions: by RE2, without a word on standard error."""

    def compile(self, pattern: str, flags: int = 0) -> RegexPattern:
        letters = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}
        said = "".join(letter for flag, letter in letters.items() if flags & flag)
        return compiled(f"(?{said}){pattern}" if said else pattern)

    @property
    def error(self) -> type[Exception]:
        refused: type[Exception] = re2.error
        return refused


POLICY: Final = SigmaPolicy(regex_engine=_Quiet())
"""How pySigma reads: expressions by RE2, and nothing is fetched from elsewhere."""


def folded(text: str) -> str:
    """The text in lower case. A long one is asked for by many rules in a row, so the last few are kept."""
    return text.lower() if len(text) < LONG else _long(text)


@lru_cache(maxsize=8)
def _long(text: str) -> str:
    return text.lower()


def as_text(value: FieldValue) -> str:
    """A value as rules read it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def texts(fields: Fields) -> Iterator[str]:
    """Every value of an event as text, but for its time."""
    for name, value in fields.items():
        if name == TIME:
            continue
        if isinstance(value, tuple):
            yield from value
        elif value is not None:
            yield as_text(value)


def is_cased(value: SigmaString) -> bool:
    """Whether upper and lower case count."""
    return isinstance(value, SigmaCasedString)


def pieces(value: SigmaString) -> tuple[Piece, ...]:
    """The pattern cut at each `*`, in lower case unless case counts.

    Raises:
        UnsupportedError: it is too long, or holds a placeholder nobody filled.
    """
    if len(value.original or "") > PATTERN_CHARACTERS or len(value) > PATTERN_CHARACTERS:
        raise UnsupportedError(f"a pattern longer than {PATTERN_CHARACTERS} characters")
    return tuple(_pieces(value))


def _pieces(value: SigmaString) -> Iterator[Piece]:
    cased = is_cased(value)
    literals: list[str] = []
    gaps = [0]
    for part in value.s:
        if part is SpecialChars.WILDCARD_MULTI:
            yield Piece(tuple(literals), tuple(gaps))
            literals, gaps = [], [0]
        elif part is SpecialChars.WILDCARD_SINGLE:
            gaps[-1] += 1
        elif isinstance(part, str):
            literals.append(part if cased else part.lower())
            gaps.append(0)
        else:
            raise UnsupportedError("a placeholder without a list: name it in lists.yml")
    yield Piece(tuple(literals), tuple(gaps))


def text_test(value: SigmaString, anchoring: Callable[[tuple[Piece, ...]], TextTest]) -> TextTest:
    """A test by a Sigma text; `anchoring` says whether it is the whole text or stands somewhere in it."""
    test = anchoring(pieces(value))
    return test if is_cased(value) else lambda text: test(folded(text))


def regex_test(value: SigmaRegularExpression) -> TextTest:
    """A test that a regular expression is found somewhere in the text.

    Raises:
        UnsupportedError: RE2 cannot evaluate it (look-around, references back), or only at too high a price.
    """
    pattern = value.escape(escape_escape_char=False)
    if len(pattern) > PATTERN_CHARACTERS:
        raise UnsupportedError(f"a regular expression longer than {PATTERN_CHARACTERS} characters")
    try:
        search = compiled(pattern).search
    except re2.error as error:
        reason = error.args[0] if error.args else error
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        raise UnsupportedError(f"the regular expression {pattern[:60]!r}: RE2 says {reason}") from error
    # Of bytes it is not reckoned at which characters the match begins and ends, which nobody asks.
    return lambda text: search(text.encode()) is not None  # type: ignore[arg-type]  # pySigma asks for less than RE2 can
