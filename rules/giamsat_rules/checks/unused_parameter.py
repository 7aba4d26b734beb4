# SPDX-License-Identifier: Apache-2.0
"""A parameter that no rule reads looks like protection and is none."""

from collections.abc import Iterator

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem
from giamsat_rules.rule import parameters


def find(book: Book) -> Iterator[Problem]:
    """Every declared parameter that no rule names."""
    named = {name for rule in book.rules.rules.values() for name in parameters(rule)}
    # A pack that imports from another declares what that one does: each is told once.
    for declared in {one.origin: one for pack in book.packs for one in pack.declared.values()}.values():
        if declared.name not in named:
            what = f"no rule names the parameter {declared.name}"
            yield Problem(declared.origin, what, "remove it or correct its name")
