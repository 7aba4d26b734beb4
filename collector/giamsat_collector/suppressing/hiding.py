# SPDX-License-Identifier: Apache-2.0
"""What a suppression would have hidden of the alerts there were.

Readings and silence are not archived, so of rules on them this is the only preview there is; of every rule it is the
one that costs a page no more than a moment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from giamsat_collector.alerts import search
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.search import Filter
from giamsat_collector.suppressing.record import Record, compiled
from giamsat_rules.rule import Fields
from giamsat_rules.suppression import ASSET, SYSTEM, UNIT

DAYS: Final = 7
MOST: Final = 5_000
"""So many alerts are looked at, the most urgent first."""
_EVER_NS: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Would:
    """An alert that would have been hidden: wholly, or `hidden` of the `sources` it counts one by one."""

    alert: Alert
    hidden: int
    sources: int

    @property
    def whole(self) -> bool:
        """Whether there would have been no alert."""
        return self.hidden == self.sources


@dataclass(frozen=True, slots=True)
class Preview:
    """What would have been hidden, and of how many alerts."""

    found: tuple[Would, ...]
    looked_at: int

    @property
    def whole(self) -> int:
        """How many alerts there would not have been."""
        return sum(would.whole for would in self.found)


def preview(connection: Connection, record: Record, since_ns: int) -> Preview:
    """The alerts since a time that a suppression would have hidden, had everybody agreed."""
    asked = compiled(replace(record, since_ns=0, until_ns=_EVER_NS, agreed_ns=0))
    found, looked_at = [], 0
    for alert in _alerts(connection, Filter(since=since_ns, rule=frozenset(record.rules))):
        looked_at += 1
        sources = list(_sources(alert))
        hidden = sum(not asked.matches(fields) for fields in sources)
        if hidden:
            found.append(Would(alert, hidden, len(sources)))
    return Preview(tuple(found), looked_at)


def _alerts(connection: Connection, wanted: Filter) -> Iterator[Alert]:
    after, left = None, MOST
    while left > 0:
        page = search.search(connection, wanted, after=after, limit=min(left, search.LARGEST_PAGE))
        yield from page.alerts
        after, left = page.after, left - len(page.alerts)
        if after is None:
            return


def _sources(alert: Alert) -> Iterator[Fields]:
    """What is known of each source of an alert: the first event of it that was kept, and where the asset stands."""
    places = {ASSET: alert.asset, UNIT: alert.unit, SYSTEM: alert.system or ""}
    for group in alert.groups or ():
        first: Mapping[str, object] = next((one for one in alert.evidence if _of(one, group.group)), {})
        yield {**_readable(first), **group.group, **places}


def _of(event: Mapping[str, object], group: Mapping[str, str]) -> bool:
    return all(str(event.get(name, "")) == value for name, value in group.items())


def _readable(event: Mapping[str, object]) -> Fields:
    """The fields as a rule saw them: JSON made lists of what were several texts."""
    return {
        name: tuple(map(str, value)) if isinstance(value, list) else value
        for name, value in event.items()
        if isinstance(value, str | int | float | bool | list)
    }
