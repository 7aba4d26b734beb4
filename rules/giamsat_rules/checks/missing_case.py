# SPDX-License-Identifier: Apache-2.0
"""A rule arrives with its evidence: a case in which it fires, and one in which it nearly does."""

from collections.abc import Iterator

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem


def find(book: Book) -> Iterator[Problem]:
    """Every rule of our own without one or the other."""
    for rule in book.own():
        cases = book.cases_of(rule)
        for section, given in (("fires", cases and cases.fires), ("near_misses", cases and cases.near_misses)):
            if not given:
                remedy = f"add one to {rule.header.name}.cases.yml beside the rule"
                yield Problem(rule.header.origin, f"the rule {rule.header.name} has no case under {section}", remedy)
