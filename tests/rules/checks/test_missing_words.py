# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.checks.missing_words import find
from giamsat_rules.rule import Texts


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ({"title": Texts("", "x")}, "no title in vi"),
        ({"runbook": Texts("x", "")}, "no runbook in en"),
        ({"description": Texts("x", "x")}, "same in both languages"),
        ({"false_positives": ()}, "no false positives"),
    ],
)
def test_a_missing_text_is_found(with_rule, header, what):
    (problem,) = find(with_rule("account_created", **header))

    assert what in problem.what
