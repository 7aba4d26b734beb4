# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import date

import pytest

from giamsat_rules.checks.spent_override import find
from giamsat_rules.override import read_override
from support.overriding import override


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        ("2025-12-31", "the override portal ended on 2025-12-31 and changes nothing; remove it, or decide anew"),
        ("2026-01-01", None),
        ("2027-01-02", None),
        ("2027-01-03", "the override portal does not end within 366 days"),
    ],
)
def test_an_override_ends_within_a_year_and_not_before_today(book, document, expires, said):
    one = read_override(document(override(expires=expires)), book.pack.declared, [])

    found = list(find(replace(book, today=date(2026, 1, 1), overrides=(one,))))

    assert [said in str(problem) for problem in found] == ([True] if said else [])
