# SPDX-License-Identifier: Apache-2.0
"""How much it would cost to understand a rule, reckoned before a parser is let near it.

A condition copies what it names: a short text that names everything many times unfolds into millions of tests, and a
dash that may be written in five ways multiplies by five.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

CONDITION_CHARACTERS: Final = 4_096
TESTS: Final = 50_000
"""The most tests a rule's conditions may unfold into."""
WAYS: Final = 5
"""In how many ways the modifier windash writes one dash; it unfolds up to three in a value."""
DASHES: Final = 3

_WORD: Final = re.compile(r"[\w*?-]+")
_DASH: Final = re.compile(r"\B[-/]\b")


def too_heavy(said: Mapping[str, object]) -> str | None:
    """Why a document is not to be parsed; None when it may be. `said` is its top-level map."""
    for key in ("detection", "filter", "correlation"):
        part = said.get(key)
        if not isinstance(part, dict):
            continue
        conditions = list(_conditions(part.get("condition")))
        if sum(map(len, conditions)) > CONDITION_CHARACTERS:
            return f"a condition longer than {CONDITION_CHARACTERS} characters"
        weights = {str(name): _weight(value, "") for name, value in part.items() if name != "condition"}
        if sum(weights.values()) + sum(_unfolded(each, weights) for each in conditions) > TESTS:
            return f"a condition that unfolds into more than {TESTS} tests"
    return None


def _conditions(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, list):
        yield from (each for each in said if isinstance(each, str))


def _unfolded(condition: str, weights: Mapping[str, int]) -> int:
    total = 0
    for word in _naming(_WORD.findall(condition)):
        if word == "them":
            total += sum(weights.values())
        elif "*" in word:
            total += sum(weight for name, weight in weights.items() if fnmatchcase(name, word))
        else:
            total += weights.get(word, 0)
        if total > TESTS:
            break
    return total


def _naming(words: list[str]) -> Iterator[str]:
    """The words of a condition that name something."""
    return (word for word in words if word not in {"and", "or", "not", "of", "all", "any", "1"})


def _weight(value: object, key: str) -> int:
    """How many tests a selection is."""
    if isinstance(value, dict):
        return sum(_weight(inner, str(name)) for name, inner in value.items())
    if isinstance(value, list):
        return sum(_weight(inner, key) for inner in value)
    if "windash" in key:
        return int(WAYS ** min(len(_DASH.findall(str(value))), DASHES))
    return DASHES if "base64offset" in key else 1
