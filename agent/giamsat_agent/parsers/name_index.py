# SPDX-License-Identifier: Apache-2.0
"""Which products named values may be of, told by their names alone and remembered: a source's come with every line."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from giamsat_agent.message import Meaning
from giamsat_agent.parsers.condition import Condition
from giamsat_agent.parsers.plan import NAMES_MOST, Plan
from giamsat_agent.parsers.product import Product

KEPT: Final = 256
"""Sets of names whose products are remembered."""
Owners: TypeAlias = Callable[[tuple[str, ...]], tuple["Owner", ...]]
"""The products that values with these names, in this order, may be of; the surest first."""


class Owner(NamedTuple):
    """A product that has all that it needs of some names; `renamed` are the product's own, None for the same."""

    product: Product
    where: Condition
    renamed: tuple[str, ...] | None
    plan: Plan

    def own(self, values: Mapping[str, str]) -> Mapping[str, str] | None:
        """These values under the product's own names; None when they are another's."""
        if not self.where(values):
            return None
        return values if self.renamed is None else dict(zip(self.renamed, values.values(), strict=True))

    def meaning(self, own: Mapping[str, str]) -> Meaning:
        """What the product's own values say."""
        return self.plan.meaning(own)


def owners(products: Iterable[Product]) -> Owners:
    """Those of these products."""
    # What names a carrier knows CEF and LEEF of its own better than the general reading of them.
    every = sorted((each for each in products if each.keys or each.carriers), key=lambda each: not each.carriers)

    @lru_cache(maxsize=KEPT)
    def kept(names: tuple[str, ...]) -> tuple[Owner, ...]:
        return tuple(_found(every, names))

    return lambda names: kept(names) if len(names) <= NAMES_MOST else tuple(_found(every, names))


def _found(products: Iterable[Product], names: tuple[str, ...]) -> Iterator[Owner]:
    have = frozenset(names)
    for product in products:
        for carrier in product.carriers:
            if carrier.keys <= have:
                renamed = tuple(map(carrier.own, names))
                yield Owner(product, carrier.where, renamed, Plan(product, tuple(dict.fromkeys(renamed))))
        if product.keys and product.keys <= have:
            yield Owner(product, product.where, None, Plan(product, names))
