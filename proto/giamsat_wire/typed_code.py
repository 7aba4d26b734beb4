# SPDX-License-Identifier: Apache-2.0
"""A token as a person types it from paper: short numbered lines, each with a check character of its own.

A line is ten characters of the token's three parts run together, and one check character (Luhn's formula modulo 32,
as in ISO/IEC 7812-1 annex B for 10): a wrong character, or two neighbours that changed places, is found where it
stands. Spaces, dashes and capitals make no difference, and digits that are not in the alphabet stand for the letters
they look like.
"""

import re
from collections.abc import Sequence
from typing import Final

ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
LINE: Final = 10
PARTS: Final = (12, 26, 32)
"""Characters of a token's id, secret and pin."""
LINES: Final = sum(PARTS) // LINE
_LOOK_ALIKE: Final = str.maketrans("0189", "olbg")
_IGNORED: Final = re.compile(r"[\s\-–.]+")
_TOKEN: Final = re.compile(r"\Ags1\." + r"\.".join(f"([a-z2-7]{{{length}}})" for length in PARTS) + r"\Z")


class TypedCodeError(ValueError):
    """A line was not typed as it is printed; `line` is its number, from 1."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}")


def lines(token: str) -> tuple[str, ...]:
    """A token as lines of eleven characters.

    Raises:
        ValueError: it is not a token.
    """
    found = _TOKEN.match(token)
    if found is None:
        raise ValueError("not a token of the form gs1.<12>.<26>.<32>")
    text = "".join(found.groups())
    cut = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    return tuple(part + _check(part, number) for number, part in enumerate(cut, 1))


def line(typed: str, number: int) -> str:
    """The ten characters of line `number` (from 1), as they were typed.

    Raises:
        TypedCodeError: it is not that line.
    """
    text = _IGNORED.sub("", typed.lower()).translate(_LOOK_ALIKE)
    part, check = text[:-1], text[-1:]
    if len(part) != LINE or any(letter not in ALPHABET for letter in text) or _check(part, number) != check:
        raise TypedCodeError(number)
    return part


def token(typed: Sequence[str]) -> str:
    """The token whose lines were typed, in their order.

    Raises:
        TypedCodeError: a line is wrong or missing.
    """
    if len(typed) != LINES:
        raise TypedCodeError(min(len(typed), LINES - 1) + 1)
    text = "".join(line(one, number) for number, one in enumerate(typed, 1))
    parts = []
    for length in PARTS:
        parts.append(text[:length])
        text = text[length:]
    return ".".join(("gs1", *parts))


def _check(part: str, number: int) -> str:
    """The check character of line `number`; the number takes part, so that lines that changed places are found."""
    total, factor = number, 2
    for letter in reversed(part):
        addend = factor * ALPHABET.index(letter)
        total += addend // len(ALPHABET) + addend % len(ALPHABET)
        factor = 3 - factor
    return ALPHABET[-total % len(ALPHABET)]
