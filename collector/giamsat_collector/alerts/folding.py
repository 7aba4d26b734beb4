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
class _Queued:
    """One that stands in the queue, and when it told of each offender: by the names it is asked by, then the values."""

    told: Told
    _kinds: frozenset[Names] = field(init=False)
    _times: dict[Names, dict[Names, Times]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """By which names it is broken down: mostly by the same all over."""
        self._kinds = frozenset(tuple(sorted(each.group)) for each in self.told.groups if each.group and not each.over)

    def names(self, group: GroupCount) -> bool:
        """Whether it tells, in the same hours, of whom a group of another alert tells."""
        own = tuple(sorted(group.group))
        asked = {min(kind, own, key=len) for kind in self._kinds if set(kind) <= set(own) or set(own) <= set(kind)}
        return any(_near(self._by(names).get(_values(names, group)), group) for names in asked)

    def _by(self, asked: Names) -> Mapping[Names, Times]:
        found = self._times.get(asked)
        if found is None:
            found = self._times[asked] = {}
            for each in self.told.groups:
                if not each.over and set(asked) <= each.group.keys():
                    values = _values(asked, each)
                    first_ns, last_ns = found.get(values, (each.first_ns, each.last_ns))
                    found[values] = (min(first_ns, each.first_ns), max(last_ns, each.last_ns))
        return found


def placings(every: Iterable[Told], behind: Mapping[str, Behind]) -> Iterator[Placing]:
    """What changes where these alerts stand, the strongest first, so that each stands behind one in the queue."""
    queue: dict[str, list[_Queued]] = {}
    for one in sorted(every, key=lambda one: (len(_of(behind, one.rule).rules), one.id)):
        its = _of(behind, one.rule)
        found = [each.told for rule in its.rules for each in queue.get(rule, ()) if _stands_for(each, one, its.per)]
        if one.cause is not None and any(each.id == one.cause for each in found):
            continue
        if found and (one.free or one.cause is not None):
            yield Placing(one.id, min(found, key=_urgency).id, relation=Relation.SAME)
            continue
        if one.cause is not None:
            yield Placing(one.id, None, relation=Relation.SAME)
        queue.setdefault(one.rule, []).append(_Queued(one))


def shared(one: Iterable[GroupCount], other: Iterable[GroupCount]) -> tuple[str, ...]:
    """Whom both of two alerts tell of, as far as the first has not seen the end of it: `source.ip 192.0.2.7`."""
    known = frozenset(name for group in other for name in group.group)
    those = [sorted(group.group.items()) for group in one if not group.over and group.group]
    said = (", ".join(f"{name} {value}" for name, value in each if name in known) for each in those)
    return tuple(dict.fromkeys(each for each in said if each))


def _of(behind: Mapping[str, Behind], rule: str) -> Behind:
    return behind.get(rule, Behind())


def _stands_for(queued: _Queued, one: Told, per: Owner) -> bool:
    """Whether nothing is hidden when it stands for another: what it lacks of that one, nobody would see."""
    other = queued.told
    together = other.asset == one.asset or (per is Owner.UNIT and one.unit == other.unit != "")
    if not together or other.priority > one.priority or rank(other.severity) < rank(one.severity):
        return False
    groups = [group for group in one.groups if not group.over]
    aimed = {group.group[TARGET] for group in groups if TARGET in group.group}
    if per is Owner.ASSET and len(aimed) > 1:
        return False  # it tells of others than its asset as well
    return bool(groups) and all(group.group and queued.names(group) for group in groups)


def _near(times: Times | None, group: GroupCount) -> bool:
    return times is not None and group.last_ns - times[1] <= TOGETHER_NS and times[0] - group.last_ns <= TOGETHER_NS


def _values(asked: Names, group: GroupCount) -> Names:
    return tuple(group.group[name] for name in asked)


def _urgency(one: Told) -> tuple[int, int, str]:
    return one.priority, -rank(one.severity), one.id
