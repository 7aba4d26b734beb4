# SPDX-License-Identifier: Apache-2.0
"""What many silent hosts have in common: the way of their unit to the centre, or the centre itself. Decides only.

Hosts that fell silent together are those that were last heard at about the same time. When they are all of a unit that
could still be heard, it is the unit that was cut off; when they are those of most units, it is the centre.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, NamedTuple

from giamsat_collector.own_host import SELF
from giamsat_wire import limits

HOSTS: Final = 2
"""Of one host nobody can tell whether it fell or the way to it."""
UNITS: Final = 3
"""So many units must fall together before it is the centre that is looked at, and half of those that were heard."""
SLACK_NS: Final = 30_000_000_000
"""How far apart, beyond what their frames take, hosts that fell together may have been heard last."""


class Host(NamedTuple):
    """A host as it is heard, in UNIX nanoseconds of the collector.

    `unit` is empty for one that stands alone. `heard_ns` is when it was last heard, `quiet_ns` from when on its silence
    counts: later than that only while the collector has not listened for long.
    """

    asset: str
    unit: str
    heard_ns: int
    quiet_ns: int
    period_ns: int

    @property
    def patience_ns(self) -> int:
        """How long it may be unheard."""
        return int(limits.STALE_PERIODS * self.period_ns)

    @property
    def until_ns(self) -> int:
        """Until when one that was heard then may have fallen together with this one."""
        return self.heard_ns + self.patience_ns + SLACK_NS

    def alive(self, now_ns: int) -> bool:
        """Whether it is heard."""
        return now_ns - self.heard_ns <= limits.STALE_PERIODS * self.period_ns

    def unsure(self, now_ns: int) -> bool:
        """Whether nobody has listened for long enough to call it silent."""
        return now_ns - self.quiet_ns <= self.patience_ns


@dataclass(frozen=True, slots=True)
class Outage:
    """A place that was cut off: the id of a unit, or the collector's own; since when, with which hosts and units."""

    place: str
    since_ns: int
    hosts: frozenset[str]
    units: frozenset[str]


@dataclass(frozen=True, slots=True)
class Away:
    """What is away now: `places` that are cut off; and what is explained by what an agent told of devices it asks.

    `hosts` are silent hosts, each with the agent that told of a device before it. `devices` are by agent silent devices
    before a place that is cut off, each with that place.
    """

    places: Mapping[str, Outage]
    hosts: Mapping[str, str]
    devices: Mapping[str, Mapping[str, str]]


def outages(hosts: Iterable[Host], standing: Mapping[str, int], now_ns: int) -> Mapping[str, Outage]:
    """Every place that is cut off now. `standing` are those that were, and since when.

    Of them nobody is sure again after a restart, and what nobody listened to in between makes them no younger.
    """
    heard, away = set(), defaultdict(list)
    for host in hosts:
        place = host.unit or host.asset
        if host.alive(now_ns):
            heard.add(place)
        else:
            away[place].append(host)
    silent = {place: those for place, those in away.items() if place not in heard}
    sure = {place for place, those in silent.items() if not any(host.unsure(now_ns) for host in those)}
    found = [
        _together(place, those, max(host.heard_ns for host in those), HOSTS, standing.get(place, now_ns))
        for place, those in silent.items()
        if those[0].unit and (place in sure or place in standing)
    ]
    fallen = [those for place, those in silent.items() if place in sure or SELF in standing]
    found.append(_of_centre(fallen, len(heard | away.keys()) - len(fallen), standing.get(SELF, now_ns)))
    return {outage.place: outage for outage in found if outage is not None}


def behind(found: Mapping[str, Outage], told: AbstractSet[str]) -> Mapping[str, str]:
    """For each silent host or unit the place whose alert stands for it, of those of which there is an alert.

    The centre stands for a unit when it does so for all of the unit's hosts, so no alert stands behind another that
    stands behind a third.
    """
    standing: dict[str, str] = {}
    centre = found.get(SELF) if SELF in told else None
    for place, outage in found.items():
        if place in told and place != SELF:
            standing |= dict.fromkeys(outage.hosts, place)
    if centre is not None:
        standing |= dict.fromkeys(centre.hosts, SELF)
        standing |= {unit: SELF for unit in centre.units if unit in found and found[unit].hosts <= centre.hosts}
    return standing


def _of_centre(fallen: Sequence[Sequence[Host]], others: int, before_ns: int) -> Outage | None:
    """The moment at which most units fell, when those are at least half of what was heard until then.

    Each unit may have fallen from when its last host was heard until that one was missed, by its own period alone. Of
    so many `others` somebody is heard, or nobody can tell.
    """
    last = [max(hosts, key=attrgetter("heard_ns")) for hosts in fallen]
    begins, ends = sorted(host.heard_ns for host in last), sorted(host.until_ns for host in last)
    moments = ((bisect_right(begins, at_ns) - bisect_left(ends, at_ns), at_ns) for at_ns in begins)
    most, newest_ns = max(moments, default=(0, 0))
    if most < max(UNITS, others + len(begins) - bisect_right(begins, newest_ns)):
        return None
    fell = [hosts for end, hosts in zip(last, fallen, strict=True) if end.heard_ns <= newest_ns <= end.until_ns]
    those = [host for hosts in fell for host in hosts]
    return _together(SELF, those, newest_ns, UNITS, before_ns)


def _together(place: str, hosts: Sequence[Host], newest_ns: int, least: int, before_ns: int) -> Outage | None:
    """The hosts that were last heard at about the same time; the place was known to be cut off from `before_ns` on."""
    those = [host for host in hosts if newest_ns <= host.until_ns]
    if len(those) < least:
        return None
    since_ns = max(max(host.heard_ns, min(host.quiet_ns, before_ns)) for host in those)
    fell = frozenset(host.asset for host in those)
    return Outage(place, since_ns, fell, frozenset(host.unit for host in those if host.unit))
