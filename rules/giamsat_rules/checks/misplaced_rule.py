# SPDX-License-Identifier: Apache-2.0
"""A rule is found by its name: the file that holds it is called so."""

from collections.abc import Iterator

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem


def find(book: Book) -> Iterator[Problem]:
    """Every rule of our own whose file has another name."""
    for rule in book.own():
        header = rule.header
        if header.origin.file.stem != header.name:
            what = f"the rule {header.name} is not in {header.name}.yml"
            yield Problem(header.origin, what, f"give it name: {header.origin.file.stem}, or rename the file")
