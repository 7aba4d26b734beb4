# SPDX-License-Identifier: Apache-2.0
"""What the engine remembers of each asset between readings: which conditions hold, and which have been told."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from giamsat_rules.metric import Holding, Layout

ASSETS: Final = 20_000
"""Assets remembered: the one unheard of longest goes first, and is counted."""

Group: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values of what a verdict is broken down by, sorted."""


def grouped(group: Mapping[str, str]) -> Group:
    """A group as a key."""
    return tuple(sorted(group.items()))


@dataclass(slots=True)
class AssetState:
    """One asset: where rules find its series, those that meet them, and the groups that stand raised or hidden."""

    layout: Layout | None = None
    holding: dict[str, Holding] = field(default_factory=dict)
    raised: dict[str, set[Group]] = field(default_factory=dict)
    hidden: dict[str, set[Group]] = field(default_factory=dict)


@dataclass(slots=True)
class Assets:
    """Every asset's state."""

    known: OrderedDict[str, AssetState] = field(default_factory=OrderedDict)
    evicted: int = 0

    def of(self, asset: str) -> AssetState:
        """The asset's state, new if it was not known."""
        state = self.known.setdefault(asset, AssetState())
        self.known.move_to_end(asset)
        if len(self.known) > ASSETS:
            self.known.popitem(last=False)
            self.evicted += 1
        return state

    def forget_layouts(self) -> None:
        """Other rules may look for other series."""
        for state in self.known.values():
            state.layout = None
