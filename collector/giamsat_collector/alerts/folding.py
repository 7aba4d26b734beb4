# SPDX-License-Identifier: Apache-2.0
"""Which alert stands for another as both tell of the same: the same offender, asset and hours. Decides only.

A rule says which others tell of what it tells of, and more (`giamsat_rules.behind`). Its alert stands behind one of
theirs only as long as nothing is hidden by that: the other one stands in the queue, is no less severe and no less
urgent, and names everybody whom this one names. Whatever somebody took up stays where it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from giamsat_collector.alerts.alert import Alert, GroupCount, Relation, State
from giamsat_collector.alerts.causes import Placing
from giamsat_collector.alerts.priority import rank
from giamsat_rules.behind import Behind
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

    Without names stands what it counts together, of which nobody knows who it is.
    """

    by: dict[Names, dict[Names, Times]] = field(default_factory=dict)
    _merged: dict[Names, Mapping[Names, Times]] = field(default_factory=dict)

    @classmethod
    def of(cls, groups: Iterable[GroupCount]) -> "_Offenders":
        found = cls()
        for group in groups:
            if not group.over:
                names = tuple(sorted(group.group))
                values = tuple(group.group[name] for name in names)
                found.by.setdefault(names, {})[values] = (group.first_ns, group.last_ns)
        return found

    @property
    def targets(self) -> int:
        """How many targets are named."""
        places = ((names.index(TARGET), told) for names, told in self.by.items() if TARGET in names)
        return len({values[at] for at, told in places for values in told})

    def cover(self, others: "_Offenders") -> bool:
        """Whether all of those are told of here in the same hours; by fewer names, or by more."""
        if not others.by or () in others.by:
            return False
        return all(self._cover(names, told) for names, told in others.by.items())

    def _cover(self, names: Names, told: Mapping[Names, Times]) -> bool:
        kinds = [kind for kind in self.by if kind and (set(kind) <= set(names) or set(names) <= set(kind))]
        asked = {min(kind, names, key=len) for kind in kinds}
        tables = [(tuple(names.index(name) for name in one), self._on(one)) for one in sorted(asked)]
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
                        key = tuple([values[at] for at in places])
                        before = merged.get(key, (first_ns, last_ns))
                        merged[key] = (min(before[0], first_ns), max(before[1], last_ns))
            self._merged[asked] = merged
        return self._merged[asked]


def placings(every: Iterable[Told], behind: Mapping[str, Behind]) -> Iterator[Placing]:
    """What changes where these alerts stand, the strongest first, so that each stands behind one in the queue."""
    queue: dict[str, list[tuple[Told, _Offenders]]] = {}
    for one in sorted(every, key=lambda one: (len(_of(behind, one.rule).rules), one.id)):
        its, offenders = _of(behind, one.rule), _Offenders.of(one.groups)
        may = [each for rule in its.rules for each in queue.get(rule, ()) if _may(each[0], one, its.per)]
        if its.per is Owner.ASSET and offenders.targets > 1:
            may = []  # it tells of others than its asset as well
        found = [other for other, whom in may if whom.cover(offenders)]
        if one.cause is not None and any(each.id == one.cause for each in found):
            continue
        if found and (one.free or one.cause is not None):
            yield Placing(one.id, min(found, key=_urgency).id, relation=Relation.SAME)
            continue
        if one.cause is not None:
            yield Placing(one.id, None, relation=Relation.SAME)
        queue.setdefault(one.rule, []).append((one, offenders))


def shared(one: Iterable[GroupCount], other: Iterable[GroupCount]) -> tuple[str, ...]:
    """Whom both of two alerts tell of, as far as the first has not seen the end of it: `source.ip 192.0.2.7`."""
    known = frozenset(name for group in other for name in group.group)
    those = [sorted(group.group.items()) for group in one if not group.over and group.group]
    said = (", ".join(f"{name} {value}" for name, value in each if name in known) for each in those)
    return tuple(dict.fromkeys(each for each in said if each))


def _of(behind: Mapping[str, Behind], rule: str) -> Behind:
    return behind.get(rule, Behind())


def _may(other: Told, one: Told, per: Owner) -> bool:
    """Whether nothing graver is hidden when an alert stands for another, and both are about the same."""
    together = other.asset == one.asset or (per is Owner.UNIT and one.unit == other.unit != "")
    return together and other.priority <= one.priority and rank(other.severity) >= rank(one.severity)


def _near(times: Times | None, last_ns: int) -> bool:
    return times is not None and last_ns - times[1] <= TOGETHER_NS and times[0] - last_ns <= TOGETHER_NS


def _urgency(one: Told) -> tuple[int, int, str]:
    return one.priority, -rank(one.severity), one.id
