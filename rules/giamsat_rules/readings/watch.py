# SPDX-License-Identifier: Apache-2.0
"""Which metric rules a reading can change anything for: most readings of most hosts change nothing.

All conditions of a profile on the series of a layout are held as numbers, and a set of readings is run over them once.
It only leaves out what cannot hold: judging every rule gives the same verdicts, a hundred times more slowly.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from giamsat_rules.guard import Guard
from giamsat_rules.level import Profile
from giamsat_rules.readings.metric import MISSING, Earlier, Layout, Place, Series
from giamsat_rules.rule import Comparison, MetricRule, MetricView
from giamsat_wire.bounded_cache import BoundedCache
from giamsat_wire.record import Series as Key

_SIGNS: Final = {Comparison.GT: 1.0, Comparison.GTE: 1.0, Comparison.LT: -1.0, Comparison.LTE: -1.0}
"""A reading that is below a limit is above it once both have changed their sign."""
SERIES: Final = 1 << 15
"""How many series all sets of them that are remembered name together; those longest unused go first."""


class Watch:
    """The metric rules that a profile judges, on the series of one layout. It has no state: assets share it.

    Each condition is the number of its rule, the place of a series, and what is held against its reading: that of
    `over` and `equal` itself, of `shares` divided by another, of `ending` how far the time it tells is ahead, of
    `growing` how fast it grows. The rules of `always` ask for more than that, those of `rates` for growth.
    """

    def __init__(self, layout: Layout, profile: Profile, rules: Sequence[MetricRule], guard: Guard) -> None:
        self.layout = layout
        self.profile = profile
        self.given = rules
        self.rules = tuple(rule for rule in rules if profile.judges(rule.header.name))
        self.numbers = {rule.header.name: number for number, rule in enumerate(self.rules)}
        self.over: list[tuple[int, int, float, float]] = []
        self.shares: list[tuple[int, int, int, float, float]] = []
        self.growing: list[tuple[int, int, float, float]] = []
        self.ending: list[tuple[int, int, float, float]] = []
        self.equal: list[tuple[int, int, float]] = []
        self.always: set[int] = set()
        self.rates: set[int] = set()
        for number, rule in enumerate(self.rules):
            for place in guard.run(rule.header.name, layout.places, rule) or ():
                self._add(number, rule, place)

    def due(self, series: Series, at_ns: int, earlier: Earlier | None, standing: Iterable[str]) -> list[MetricRule]:
        """The rules to be judged by, in order: those of `standing`, and those that some series may meet now."""
        values, numbers = series.numbers, self.numbers
        found = [number for number, at, sign, least in self.over if sign * values[at] >= least]
        if self.equal:
            found += [number for number, at, limit in self.equal if values[at] == limit]
        if self.shares:
            found += [
                number
                for number, at, per, sign, least in self.shares
                if values[per] and sign * (values[at] / values[per]) >= least
            ]
        if self.ending:
            now_s = at_ns / 10**9
            found += [number for number, at, sign, least in self.ending if sign * (values[at] - now_s) >= least]
        if self.rates and earlier is not None:
            found += self._grown(values, earlier)
        found += [numbers[name] for name in standing if name in numbers]
        return [self.rules[number] for number in sorted({*self.always, *found})]

    def _grown(self, values: Sequence[float], earlier: Earlier) -> Iterable[int]:
        """The rules on growth that some series may meet; all of them where series came or went."""
        if earlier.series.layout is not self.layout:
            return self.rates
        if not earlier.seconds:
            return ()
        before, seconds = earlier.series.numbers, earlier.seconds
        # No growth meets none of these.
        return [
            number
            for number, at, sign, least in self.growing
            if values[at] != before[at]
            and (grown := values[at] - before[at]) >= 0
            and sign * (grown / seconds) >= least
        ]

    def _add(self, number: int, rule: MetricRule, place: Place) -> None:
        at, per = place
        limit, sign = self.profile.value(rule.limit), _SIGNS.get(rule.comparison)
        signs = [] if sign is None else [sign] if not rule.magnitude else [1.0, -1.0] if sign > 0 else []
        plain = per is None
        if rule.view is MetricView.RATE:
            self.rates.add(number)
        match rule.view:
            case MetricView.VALUE if plain and rule.comparison is Comparison.EQ and not rule.magnitude:
                self.equal.append((number, at, limit))
            case MetricView.VALUE if plain and signs:
                self.over += [(number, at, each, _least(limit, each, rule)) for each in signs]
            case MetricView.VALUE if per is not None and signs:
                divided = per != MISSING
                self.shares += [(number, at, per, each, _least(limit, each, rule)) for each in signs if divided]
            case MetricView.RATE if plain and signs and all(_least(limit, each, rule) > 0 for each in signs):
                self.growing += [(number, at, each, _least(limit, each, rule)) for each in signs]
            case MetricView.LEFT if plain and signs:
                self.ending += [(number, at, each, _least(limit, each, rule)) for each in signs]
            case _:
                self.always.add(number)


class Watches:
    """The watches of one engine: hosts that have the same series and are judged alike share one."""

    def __init__(self, rules: Sequence[MetricRule], guard: Guard) -> None:
        self._rules = rules
        self._guard = guard
        self._layouts: BoundedCache[tuple[Key, ...], tuple[Layout, dict[str, Watch]]] = BoundedCache(SERIES)

    def of(self, series: tuple[Key, ...], profile: Profile, last: Watch | None = None) -> Watch:
        """The watch for some series by a profile; `last` is the one for the same asset's last reading."""
        if last is not None and last.profile is profile and last.layout.series is series and last.given is self._rules:
            return last
        known = self._layouts.get(series)
        if known is None:
            known = self._layouts.keep(series, (Layout(series), {}), 1 + len(series))
        layout, watches = known
        watch = watches.get(profile.hash)
        if watch is None:
            watch = watches[profile.hash] = Watch(layout, profile, self._rules, self._guard)
        return watch


def _least(limit: float, sign: float, rule: MetricRule) -> float:
    """The least number that meets the rule when it is a reading times its sign; of a magnitude both sides are alike."""
    least = limit if rule.magnitude else sign * limit
    strict = rule.comparison in {Comparison.GT, Comparison.LT}
    return math.nextafter(least, math.inf) if strict else least
