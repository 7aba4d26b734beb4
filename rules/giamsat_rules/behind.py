# SPDX-License-Identifier: Apache-2.0
"""Which rules tell of the same: an alert of the weaker stands behind one of the stronger, which stands for both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from giamsat_rules.owner import Owner

BESIDE: Final = "user.name"
"""What an alert names beside what it is broken down by: whose alerts are broken down by this alone may stand behind it.

So one attack of which some logs say the address and some do not, is told of once.
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """The rules whose alerts stand for those of a rule that tell of the same; none is none.

    `per`: the two are of one asset, or of any two of a unit.
    """

    rules: tuple[str, ...] = ()
    per: Owner = Owner.ASSET


def standing(said: Mapping[str, Behind]) -> Mapping[str, Behind]:
    """Of each rule that stands behind others, also those that these stand behind in turn.

    One that would stand behind itself stands behind none: of two alerts one is always seen.
    """
    reached = ((name, its, _reached(its.rules, said)) for name, its in said.items())
    return {name: replace(its, rules=tuple(sorted(to))) for name, its, to in reached if to and name not in to}


def _reached(names: tuple[str, ...], said: Mapping[str, Behind]) -> frozenset[str]:
    found: set[str] = set()
    wanted = list(names)
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += said[name].rules if name in said else ()
    return frozenset(found)
