# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.language.complexity import CONDITION_CHARACTERS, too_heavy

MANY = {f"s{n}": {"a": 1} for n in range(1_000)}


@pytest.mark.parametrize(
    ("detection", "what"),
    [
        ({"s": {"a": 1}, "condition": "(" * CONDITION_CHARACTERS + "s"}, "longer than"),
        ({**MANY, "condition": " or ".join(["1 of s*"] * 100)}, "unfolds"),
        ({**MANY, "condition": " or ".join(["all of them"] * 100)}, "unfolds"),
        ({"s": {"a|windash": [" -x -y -z"] * 500}, "condition": "s"}, "unfolds"),
        ({"s": {"a": list(range(1_000))}, "condition": [" or ".join(["s"] * 100)]}, "unfolds"),
    ],
)
def test_what_would_unfold_into_millions_is_not_parsed(detection, what):
    assert what in too_heavy({"detection": detection})


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"detection": "nonsense"},
        {"detection": {**MANY, "condition": "1 of s* and not all of them"}},
        {"detection": {"s": {"a": list(range(10_000))}, "condition": "s"}},
    ],
)
def test_what_a_person_writes_is_light(document):
    assert too_heavy(document) is None
