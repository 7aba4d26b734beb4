# SPDX-License-Identifier: Apache-2.0
"""A parameter that no rule reads looks like protection and is none."""

from collections.abc import Iterator

from giamsat_rules.check import Book, Check
from giamsat_rules.errors import Problem
from giamsat_rules.rule import parameters


def find(book: Book) -> Iterator[Problem]:
    """Every declared parameter that no rule names."""
    named = {name for rule in book.rules.rules.values() for name in parameters(rule)}
    for name, declared in book.pack.declared.items():
        if name not in named:
            yield Problem(declared.origin, f"no rule names the parameter {name}", "remove it or correct its name")


CHECK = Check("a parameter that no rule reads", find)
