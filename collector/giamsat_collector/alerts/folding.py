# SPDX-License-Identifier: Apache-2.0
"""Which alert stands for another as both tell of the same: the same offender, asset and hours. Decides only.

A rule says which others tell of what it tells of, and more (`giamsat_rules.behind`). Its alert stands behind one of
theirs only as long as nothing is hidden by that: the other one stands in the queue, is no less severe and no less
urgent, and names everybody whom this one names. Whatever somebody took up stays where it is.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from giamsat_collector.alerts.alert import Alert, GroupCount, Relation, State
from giamsat_collector.alerts.causes import Placing
from giamsat_collector.alerts.priority import rank
from giamsat_rules.behind import BESIDE, Behind
from giamsat_rules.owner import Owner

TOGETHER_NS: Final = 2 * 3600 * 1_000_000_000
"""So much later than the other an offender may be told of, or so much earlier, and it is the same matter."""
TARGET: Final = "destination.ip"
"""Whom an offender aims at, where an asset tells of others than itself."""

Names: TypeAlias = tuple[str, ...]
Times: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that is not closed. `cause` stands for it by now; `free`: nobody took it up and it waits for nothing."""

    id: str
    rule: str
    asset: str
    unit: str
    severity: str
    priority: int
    cause: str | None
    free: bool
    groups: Sequence[GroupCount]

    @classmethod
    def of(cls, alert: Alert) -> "Told":
        """An alert that waits for nothing else."""
        return cls(
            id=alert.id,
            rule=alert.rule,
            asset=alert.asset,
            unit=alert.unit,
            severity=alert.severity,
            priority=alert.priority,
            cause=alert.cause,
            free=alert.state is State.NEW and alert.revision == 0,
            groups=alert.groups,
        )


@dataclass(slots=True)
class _Offenders:
    """Of whom an alert tells that is not over, and when first and last: by the names of what that is, then the values.

    Without names stands what it counts together, of which nobody knows who it is. `beside` are the accounts that they
    tried: an alert that knows nothing but an account tells of these.
    """

    by: dict[Names, dict[Names, Times]] = field(default_factory=dict)
    beside: dict[Names, Times] = field(default_factory=dict)
    _merged: dict[Names, Mapping[Names, Times]] = field(default_factory=dict)

    @classmethod
    def of(cls, groups: Iterable[GroupCount]) -> "_Offenders":
        found = cls()
        for group in groups:
            if not group.over:
                names = tuple(sorted(group.group))
                values = tuple(group.group[name] for name in names)
                found.by.setdefault(names, {})[values] = (group.first_ns, group.last_ns)
                for user in group.users:
                    _widen(found.beside, (user,), (group.first_ns, group.last_ns))
        return found

    @property
    def targets(self) -> int:
        """How many targets are named."""
        places = ((names.index(TARGET), told) for names, told in self.by.items() if TARGET in names)
        return len({values[at] for at, told in places for values in told})

    @property
    def named(self) -> set[tuple[str, str]]:
        """Each name of each, with its value."""
        by = {each for names, told in self.by.items() for values in told for each in zip(names, values, strict=True)}
        return by | {(BESIDE, user) for (user,) in self.beside}

    def cover(self, others: "_Offenders") -> bool:
        """Whether all of those are told of here in the same hours; by fewer names, or by more."""
        if not others.by or () in others.by:
            return False
        return all(self._cover(names, told) for names, told in others.by.items())

    def _cover(self, names: Names, told: Mapping[Names, Times]) -> bool:
        kinds = [kind for kind in self.by if kind and (set(kind) <= set(names) or set(names) <= set(kind))]
        asked = {min(kind, names, key=len) for kind in kinds}
        tables = [(tuple(names.index(name) for name in one), self._on(one)) for one in sorted(asked)]
        if names == (BESIDE,):
            tables.append(((0,), self.beside))
        return all(
            any(_near(table.get(tuple([values[at] for at in places])), last_ns) for places, table in tables)
            for values, (_, last_ns) in told.items()
        )

    def _on(self, asked: Names) -> Mapping[Names, Times]:
        """The same by some of the names alone."""
        if asked not in self._merged:
            merged: dict[Names, Times] = {}
            for names, told in self.by.items():
                if set(asked) <= set(names):
                    places = [names.index(name) for name in asked]
                    for values, (first_ns, last_ns) in told.items():
                        _widen(merged, tuple([values[at] for at in places]), (first_ns, last_ns))
            self._merged[asked] = merged
        return self._merged[asked]


def _widen(spans: dict[Names, Times], key: Names, times: Times) -> None:
    """Have the span under a key reach over these times too."""
    before = spans.get(key, times)
    spans[key] = (min(before[0], times[0]), max(before[1], times[1]))


_Key: TypeAlias = tuple[str, Owner, str, tuple[str, str]]
_Standing: TypeAlias = tuple[int, int, str, Told, _Offenders]
"""An alert in the queue behind how urgent it is; the id is unlike any other's."""


@dataclass(slots=True)
class _Queue:
    """What stands in the queue, the most urgent first: by rule, whose it is, and each name of each offender.

    So nobody looks through a queue that an attack has filled.
    """

    wanted: AbstractSet[tuple[str, Owner]]
    by: dict[_Key, list[_Standing]] = field(default_factory=dict)
    known: dict[str, _Standing] = field(default_factory=dict)

    def add(self, one: Told, offenders: _Offenders) -> None:
        """Put an alert there."""
        owners = [owner for owner in Owner if (one.rule, owner) in self.wanted and _whose(one, owner)]
        standing = self.known[one.id] = (*_urgency(one), one, offenders)
        for each in offenders.named:
            for owner in owners:
                insort(self.by.setdefault((one.rule, owner, _whose(one, owner), each), []), standing)

    def stands_for(self, one: Told, offenders: _Offenders, its: Behind) -> str | None:
        """The alert that may stand for one: that which does, else the most urgent."""

        def may(standing: _Standing) -> bool:
            return _may(standing[3], one, its) and standing[4].cover(offenders)

        now = self.known.get(one.cause or "")
        if now is not None and may(now):
            return one.cause
        found = (next(filter(may, every), None) for every in self._rarest(one, offenders, its))
        best = min(filter(None, found), default=None)
        return None if best is None else best[2]

    def _rarest(self, one: Told, offenders: _Offenders, its: Behind) -> list[list[_Standing]]:
        """Those that tell of the offender of whom the fewest tell: who stands for an alert tells of each."""
        owners = [owner for owner in {Owner.ASSET, its.per} if _whose(one, owner)]
        places = [(rule, owner, _whose(one, owner)) for rule in its.rules for owner in owners]
        rarest: list[list[_Standing]] | None = None
        for names, told in offenders.by.items():
            for values in told:
                keys = ((*place, each) for place in places for each in zip(names, values, strict=True))
                these = [self.by[key] for key in keys if key in self.by]
                if rarest is None or sum(map(len, these)) < sum(map(len, rarest)):
                    rarest = these
                if not these:
                    return []
        return rarest or []


def placings(every: Iterable[Told], behind: Mapping[str, Behind]) -> Iterator[Placing]:
    """What changes where these alerts stand, the strongest first, so that each stands behind one in the queue."""
    queue = _Queue({(rule, owner) for its in behind.values() for rule in its.rules for owner in {Owner.ASSET, its.per}})
    for one in sorted(every, key=lambda one: (len(_of(behind, one.rule).rules), one.id)):
        its, offenders = _of(behind, one.rule), _Offenders.of(one.groups)
        alone = its.per is Owner.ASSET and offenders.targets > 1  # it tells of others than its asset as well
        found = None if alone else queue.stands_for(one, offenders, its)
        if found is not None and found == one.cause:
            continue
        if found is not None and (one.free or one.cause is not None):
            yield Placing(one.id, found, relation=Relation.SAME)
            continue
        if one.cause is not None:
            yield Placing(one.id, None, relation=Relation.SAME)
        queue.add(one, offenders)


def shared(one: Iterable[GroupCount], other: Iterable[GroupCount]) -> tuple[str, ...]:
    """Whom both of two alerts tell of, as far as the first has not seen the end of it: `source.ip 192.0.2.7`."""
    every = list(other)
    known = frozenset(name for group in every for name in group.group)
    known |= frozenset(BESIDE for group in every if group.users)
    those = [sorted(group.group.items()) for group in one if not group.over and group.group]
    said = (", ".join(f"{name} {value}" for name, value in each if name in known) for each in those)
    return tuple(dict.fromkeys(each for each in said if each))


def _of(behind: Mapping[str, Behind], rule: str) -> Behind:
    return behind.get(rule, Behind())


def _may(other: Told, one: Told, its: Behind) -> bool:
    """Whether one tells of the same as a stronger, and nothing graver is hidden when that stands for it."""
    together = other.asset == one.asset or (its.per is Owner.UNIT and one.unit == other.unit != "")
    graver = other.priority <= one.priority and rank(other.severity) >= rank(one.severity)
    return other.rule in its.rules and together and graver


def _whose(one: Told, owner: Owner) -> str:
    return one.asset if owner is Owner.ASSET else one.unit


def _near(times: Times | None, last_ns: int) -> bool:
    return times is not None and last_ns - times[1] <= TOGETHER_NS and times[0] - last_ns <= TOGETHER_NS


def _urgency(one: Told) -> tuple[int, int, str]:
    return one.priority, -rank(one.severity), one.id
