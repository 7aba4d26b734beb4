# SPDX-License-Identifier: Apache-2.0
"""Every product that is shipped, by all that may tell it: built once, shared by all recognizers, never changed."""

from dataclasses import dataclass
from functools import cache

from giamsat_agent.parsers.name_index import Owners, owners
from giamsat_agent.parsers.product import Product, products
from giamsat_agent.parsers.text_index import TextIndex


@dataclass(frozen=True, slots=True)
class Known:
    """Products by program, by the beginning of a program's name, by named values, by columns, and by their words.

    Of columns `columns_most` at most say which product's they are, and what.
    """

    by_program: dict[str, Product]
    by_start: tuple[tuple[str, Product], ...]
    starts: tuple[str, ...]
    of_values: Owners
    of_columns: tuple[Product, ...]
    columns_most: int
    of_text: TextIndex

    def of_program(self, program: str) -> Product | None:
        """The product whose program has this name."""
        if (found := self.by_program.get(program)) is not None or not program.startswith(self.starts):
            return found
        return next(product for start, product in self.by_start if program.startswith(start))


@cache
def known() -> Known:
    """All products; reading them takes a core half a second, so it is done once."""
    every = products()
    by_start = tuple((name[:-1], each) for each in every for name in each.programs if name.endswith("*"))
    return Known(
        by_program={name: each for each in every for name in each.programs if not name.endswith("*")},
        by_start=by_start,
        starts=tuple(start for start, _ in by_start),
        of_values=owners(every),
        of_columns=tuple(each for each in every if each.columns),
        columns_most=max(each.columns_asked for each in every),
        of_text=TextIndex(every),
    )
