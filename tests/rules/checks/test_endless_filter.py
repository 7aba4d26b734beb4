# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_rules.checks.endless_filter import find

FILTER = """
title: f
name: f
logsource: {{product: linux}}
filter: {{rules: any, s: {{a: 1}}, condition: not s}}
giamsat: {{filter: {said}}}
"""


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("{reason: r, author: an, until: 2026-01-01}", []),
        ("{reason: r, author: an, until: 2026-04-01}", []),
        ("{reason: r, author: an, until: 2026-04-02}", ["does not end"]),
        ("{reason: r, author: an}", ["does not end"]),
        ("{reason: r, author: an, until: 2025-12-31}", ["has ended"]),
        ("{author: an, until: 2026-01-01}", ["does not say why"]),
        ("{}", ["does not say why", "does not end"]),
    ],
)
def test_a_filter_says_why_who_and_until_when(book, rules_of, detection, said, found):
    ruleset = rules_of(detection("r", "{b: 1}"), FILTER.format(said=said))

    problems = list(find(replace(book, rules=ruleset)))

    assert len(problems) == len(found)
    assert all(what in problem.what for what, problem in zip(found, problems, strict=True))
