# SPDX-License-Identifier: Apache-2.0
"""An override ends by itself within a year, and is taken away or decided anew once it has."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem

LONGEST: Final = timedelta(days=366)
"""How far ahead an override may end."""


def find(book: Book) -> Iterator[Problem]:
    """Every override that has ended, and every one that ends too late."""
    for one in book.overrides:
        if one.last < book.today:
            what = f"the override {one.name} ended on {one.last} and changes nothing"
            yield Problem(one.origin, what, "remove it, or decide anew")
        elif one.last > book.today + LONGEST:
            what = f"the override {one.name} does not end within {LONGEST.days} days"
            yield Problem(one.origin, what, "give an earlier day, and renew it when it is due")
