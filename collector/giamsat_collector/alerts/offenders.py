# SPDX-License-Identifier: Apache-2.0
"""Whom alerts in the queue tell of, so that those that tell of the same are found without looking through it."""

import functools
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import CompoundSelect, Connection, bindparam, delete, insert, select, union_all

from giamsat_collector.alerts.alert import Alert, GroupCount
from giamsat_collector.alerts.tables import offenders

NEAR: Final = 50
"""So many alerts of one rule that tell of the same are found at the most; which of more, is left to the database."""
RULES_AT_ONCE: Final = 50
MARKS_AT_ONCE: Final = 200
"""In one query, of which SQLite takes 500 parts and 32,766 values."""
_INSERT: Final = insert(offenders)
_DELETE: Final = delete(offenders).where(
    *(offenders.c[name] == bindparam(name) for name in ("unit", "rule", "alert")),
    offenders.c.mark.in_(bindparam("marks", expanding=True)),
)


def keep(connection: Connection, before: Alert | None, now: Alert) -> None:
    """Note whom an alert of a unit tells of, as long as it stands in the queue and they are not over."""
    was, told = _standing(before), _standing(now)
    its = {"unit": now.unit, "rule": now.rule, "alert": now.id}
    if was - told:
        connection.execute(_DELETE, its | {"marks": sorted(was - told)})
    if told - was:
        connection.execute(_INSERT, [{**its, "mark": mark} for mark in sorted(told - was)])


def near(connection: Connection, unit: str, rules: Sequence[str], those: Collection[str]) -> frozenset[str]:
    """The alerts of some rules in the queue of a unit that tell of one of those with these marks."""
    found: set[str] = set()
    for some in _parts(rules, RULES_AT_ONCE) if unit else ():
        which = {f"rule_{number}": rule for number, rule in enumerate(some)}
        for marked in _parts(sorted(those), MARKS_AT_ONCE):
            found.update(connection.scalars(_of_each(len(some)), {"unit": unit, "marks": marked, **which}))
    return frozenset(found)


def marks(groups: Iterable[GroupCount]) -> frozenset[str]:
    """Each name of each with its value, in few characters."""
    named = {each for group in groups for each in group.group.items()}
    return frozenset(hashlib.sha256("\0".join(each).encode()).hexdigest()[:16] for each in named)


@functools.lru_cache(maxsize=RULES_AT_ONCE)
def _of_each(number: int) -> CompoundSelect[tuple[str]]:
    """A query for alerts of so many rules, of each no more than are looked at."""
    its = (offenders.c.unit == bindparam("unit")) & offenders.c.mark.in_(bindparam("marks", expanding=True))
    of_rule = (offenders.c.rule == bindparam(f"rule_{each}") for each in range(number))
    some = (select(offenders.c.alert).where(its, rule).limit(NEAR).subquery() for rule in of_rule)
    return union_all(*(select(each.c.alert) for each in some))


def _standing(alert: Alert | None) -> frozenset[str]:
    if alert is None or alert.state.closed or alert.cause or alert.maintenance is not None or not alert.unit:
        return frozenset()
    return marks(group for group in alert.groups if not group.over)


def _parts(every: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (every[start : start + size] for start in range(0, len(every), size))
