# SPDX-License-Identifier: Apache-2.0
"""Conditions over named values, as product files write them: `{type = "traffic*", action = ["deny", "blocked"]}`.

Each name holds a text or a list of texts, compared without case; `*` stands for anything, alone for any value, and ""
for none.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

Condition: TypeAlias = Callable[[Mapping[str, str]], bool]
Test: TypeAlias = Callable[[str], bool]


def condition(where: Mapping[str, str | list[str]]) -> Condition:
    """Whether all that is wanted holds."""
    tests = tuple((name, *_tests(listed(wanted))) for name, wanted in where.items())

    def holds(values: Mapping[str, str]) -> bool:
        for name, plain, globs in tests:
            value = values.get(name, "").lower()
            if value in plain:
                continue
            for glob in globs:
                if glob(value):
                    break
            else:
                return False
        return True

    return holds


def test(wanted: str | list[str]) -> Test:
    """Whether one value is what is wanted."""
    plain, globs = _tests(listed(wanted))
    if not globs:
        return lambda value: value.lower() in plain
    return lambda value: (small := value.lower()) in plain or any(glob(small) for glob in globs)


def listed(said: str | list[str]) -> list[str]:
    """One text or several as several."""
    return said if isinstance(said, list) else [said]


def _tests(wanted: list[str]) -> tuple[frozenset[str], tuple[Test, ...]]:
    """The texts that a value may be, and the tests of those with `*`."""
    texts = [text.lower() for text in wanted]
    return frozenset(text for text in texts if "*" not in text), tuple(_glob(text) for text in texts if "*" in text)


def _glob(wanted: str) -> Test:
    if wanted == "*":
        return bool
    first, *inner, last = wanted.split("*")
    if not inner and not last:
        return lambda value: value.startswith(first)
    if not any((first, last, *inner[1:])):
        return lambda value: inner[0] in value

    def holds(value: str) -> bool:
        at = len(first)
        if not value.startswith(first):
            return False
        for piece in inner:
            at = value.find(piece, at) + len(piece)
            if at < len(piece):
                return False
        return len(value) - at >= len(last) and value.endswith(last)

    return holds
