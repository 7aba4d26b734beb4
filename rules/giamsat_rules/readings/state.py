# SPDX-License-Identifier: Apache-2.0
"""What the engine remembers of each asset between readings: which conditions hold, and which have been told."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, TypeAlias

from giamsat_rules.readings.metric import GAP_NS, Earlier, Holding, Series
from giamsat_rules.readings.watch import Watch
from giamsat_rules.rule import MetricRule
from giamsat_rules.verdict import Standing

ASSETS: Final = 20_000
"""Assets remembered: the one unheard of longest goes first, and is counted."""

Group: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values of what a verdict is broken down by, sorted."""


def grouped(group: Mapping[str, str]) -> Group:
    """A group as a key."""
    return tuple(sorted(group.items()))


def keep(of: dict[str, set[Group]], name: str, groups: Iterable[Group]) -> None:
    """Remember a rule's groups, or nothing of it where there are none."""
    kept = set(groups)
    if kept:
        of[name] = kept
    else:
        of.pop(name, None)


@dataclass(slots=True)
class Last:
    """The last reading of an asset: when it was, of which series, and what they were watched by.

    `met` are the conditions it met, None where they were not reckoned: others that meet the same change nothing before
    `until_ns`.
    """

    at_ns: int
    series: Series
    watch: Watch
    met: bytes | None = None
    until_ns: int = 0

    def earlier(self, at_ns: int) -> Earlier | None:
        """What it says to a reading at `at_ns`; None when that is too far away, or before it."""
        passed_ns = at_ns - self.at_ns
        return Earlier(self.series, passed_ns / 10**9) if 0 <= passed_ns <= GAP_NS else None


@dataclass(slots=True)
class AssetState:
    """One asset: its last reading, the rules that series of it meet, and the groups that stand raised or hidden.

    Rules of which there is nothing to tell have no entry.
    """

    last: Last | None = None
    holding: dict[str, Holding] = field(default_factory=dict)
    raised: dict[str, set[Group]] = field(default_factory=dict)
    hidden: dict[str, set[Group]] = field(default_factory=dict)

    @property
    def standing(self) -> Iterable[str]:
        """The rules of which there is anything to remember, some of them twice."""
        return chain(self.holding, self.raised, self.hidden)

    def hold(self, name: str, holding: Holding) -> None:
        """Remember which series meet a rule, or nothing where there is nothing to remember."""
        if not holding.is_empty:
            self.holding[name] = holding
        else:
            self.holding.pop(name, None)

    def stands(self, name: str, groups: AbstractSet[Group]) -> bool:
        """Whether these groups of a rule stand raised, no others, and none is hidden: there is nothing to tell."""
        return name not in self.hidden and groups == self.raised.get(name, frozenset())

    def resume(self, name: str, standing: Iterable[Standing], rules: Iterable[MetricRule]) -> None:
        """After a restart: the groups stand raised, and what met a rule on readings goes on to."""
        groups = {grouped(each.group): (each.first_ns, each.last_ns) for each in standing}
        self.raised[name] = set(groups)
        if self.last is not None:
            self.last.met = None
        for rule in rules:
            if rule.header.name == name:
                self.holding.setdefault(name, Holding()).resume(rule, groups)


@dataclass(slots=True)
class Assets:
    """Every asset's state."""

    known: OrderedDict[str, AssetState] = field(default_factory=OrderedDict)
    evicted: int = 0

    def of(self, asset: str) -> AssetState:
        """The asset's state, new if it was not known."""
        state = self.known.get(asset)
        if state is not None:
            self.known.move_to_end(asset)
            return state
        state = self.known[asset] = AssetState()
        if len(self.known) > ASSETS:
            self.known.popitem(last=False)
            self.evicted += 1
        return state
