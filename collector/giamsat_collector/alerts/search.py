# SPDX-License-Identifier: Apache-2.0
"""Finding alerts: a filter that can stand in a URL, pages that miss and repeat nothing, and the counts of the queue."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import chain
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, or_, select, true, tuple_

from giamsat_collector.alerts.alert import Alert, Relation, State
from giamsat_collector.alerts.grouping import folded
from giamsat_collector.alerts.ledger import alert_of
from giamsat_collector.alerts.tables import alerts
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import nanoseconds
from giamsat_collector.preconditions import must_be_known
from giamsat_collector.sentence import Sentence
from giamsat_wire import limits

PAGE: Final = 50
LARGEST_PAGE: Final = 200
TEXT_CHARACTERS: Final = 200
UNCLASSIFIED: Final = "unclassified"
OPEN: Final = "open"
MAINTENANCE: Final = "maintenance"
CONSEQUENCE: Final = Relation.CONSEQUENCE.value
SAME: Final = Relation.SAME.value
"""Beside the states of an alert: not closed and in the queue; not closed and apart from it, by the reason."""
_CLOSED: Final = frozenset(state.value for state in State if state.closed)


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look for; every field is a set of alternatives, empty means any. `text` is matched without accents.

    `since` and `until` are about when it happened, `opened_since` and `opened_until` about when the alert was opened
    (UNIX nanoseconds, both ends included).
    """

    state: frozenset[str] = frozenset()
    priority: frozenset[str] = frozenset()
    severity: frozenset[str] = frozenset()
    level: frozenset[str] = frozenset()
    unit: frozenset[str] = frozenset()
    system: frozenset[str] = frozenset()
    rule: frozenset[str] = frozenset()
    asset: frozenset[str] = frozenset()
    owner: frozenset[str] = frozenset()
    cause: frozenset[str] = frozenset()
    text: str = ""
    since: int | None = None
    until: int | None = None
    opened_since: int | None = None
    opened_until: int | None = None

    @classmethod
    def parse(cls, query: Iterable[tuple[str, str]]) -> "Filter":
        """A filter from URL query parameters; values are separated by commas.

        `state=open` means not closed. What waits apart is found by `state=maintenance`, as it fell into a declared one,
        and by `state=consequence` or `state=same`, as another alert (`cause`) stands for it.

        Raises:
            RefusedError: a parameter nobody knows, or a value that is not possible.
        """
        values: dict[str, Any] = {}
        names = {field.name for field in fields(cls)}
        for name, text in query:
            listed = Sentence("the filters are {names}", names=", ".join(sorted(names)))
            must_be_known(name, names, Sentence("filter"), listed)
            if name in {"since", "until", "opened_since", "opened_until"}:
                values[name] = _instant(name, text)
            elif name == "text":
                values[name] = text.strip()[:TEXT_CHARACTERS]
            else:
                values[name] = values.get(name, frozenset()) | _alternatives(name, text)
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Page:
    """Some alerts, and the cursor of the page after them; None when there is none."""

    alerts: tuple[Alert, ...]
    after: str | None


def search(connection: Connection, wanted: Filter, *, after: str | None = None, limit: int = PAGE) -> Page:
    """The most urgent first: by priority, then the oldest first, so that nothing waits for ever.

    Raises:
        RefusedError: `after` is not a cursor of this search.
    """
    limit = min(max(limit, 1), LARGEST_PAGE)
    order = (alerts.c.priority, alerts.c.opened_ns, alerts.c.id)
    query = select(alerts).where(*conditions(wanted)).order_by(*order).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*_cursor(after)))
    each = (connection.execute(query.where(side)).mappings() for side in _sides(wanted))
    found = sorted(map(alert_of, chain(*each)), key=lambda alert: (alert.priority, alert.opened_ns, alert.id))
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return Page(tuple(found[:limit]), f"{last.priority}.{last.opened_ns}.{last.id}" if last else None)


def anything(connection: Connection) -> bool:
    """Whether there was ever an alert."""
    return connection.execute(select(alerts.c.id).limit(1)).first() is not None


def every_open(connection: Connection) -> tuple[Alert, ...]:
    """All alerts that are not closed, in no order."""
    return tuple(alert_of(row) for row in connection.execute(select(alerts).where(~alerts.c.closed)).mappings())


def count(connection: Connection, wanted: Filter) -> int:
    """How many alerts a filter finds."""
    query = select(func.count()).select_from(alerts).where(*conditions(wanted))
    return sum(connection.scalar(query.where(side)) or 0 for side in _sides(wanted))


def total(connection: Connection, wanted: Filter, page: Page, after: str | None) -> int:
    """How many alerts a filter finds of which a page was read; where it is the only one, they are all on it."""
    return len(page.alerts) if after is None and page.after is None else count(connection, wanted)


def standing(connection: Connection, wanted: Mapping[str, Filter]) -> Mapping[str, int]:
    """How many alerts that are not closed each filter finds; they are looked through once."""
    numbers = [func.count().filter(*conditions(one)).label(name) for name, one in wanted.items()]
    found = connection.execute(select(*numbers).where(~alerts.c.closed)).mappings().one()
    return {name: found[name] for name in wanted}


def behind(connection: Connection, ids: Collection[str]) -> Mapping[str, int]:
    """For how many others that are not closed each of these alerts stands; those that stand for none are left out."""
    wanted = alerts.c.cause.in_(ids) & ~alerts.c.closed
    rows = connection.execute(select(alerts.c.cause, func.count()).where(wanted).group_by(alerts.c.cause))
    return {row[0]: row[1] for row in rows}


def nearest(connection: Connection, alert: Alert, limit: int) -> tuple[Alert, ...]:
    """Other alerts of the same asset: those that began nearest in time first."""
    apart = func.abs(alerts.c.first_ns - alert.first_ns)
    query = select(alerts).where(alerts.c.asset == alert.asset, alerts.c.id != alert.id).order_by(apart, alerts.c.id)
    return tuple(alert_of(row) for row in connection.execute(query.limit(limit)).mappings())


def open_by(connection: Connection, *columns: str) -> Mapping[tuple[Any, ...], int]:
    """How many alerts stand in the queue, by the values of the named columns."""
    wanted = [alerts.c[name] for name in columns]
    rows = connection.execute(select(*wanted, func.count()).where(_in_state(OPEN)).group_by(*wanted))
    return {tuple(row[:-1]): row[-1] for row in rows}


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """What a row of `alerts` must meet."""
    found: list[ColumnElement[bool]] = []
    if wanted.state:
        found.append(or_(*map(_in_state, sorted(wanted.state))))
    names = ("severity", "unit", "system", "rule", "asset", "owner", "cause")
    found += [alerts.c[name].in_(values) for name in names if (values := getattr(wanted, name))]
    if wanted.priority:
        found.append(alerts.c.priority.in_([int(value) for value in wanted.priority]))
    if wanted.level:
        numbers = [int(value) for value in wanted.level if value != UNCLASSIFIED]
        none = alerts.c.level.is_(None) if UNCLASSIFIED in wanted.level else alerts.c.level.in_([])
        found.append(alerts.c.level.in_(numbers) | none)
    found += [alerts.c.searchable.contains(word, autoescape=True) for word in folded(wanted.text).split()]
    if wanted.since is not None:
        found.append(alerts.c.last_ns >= wanted.since)
    if wanted.until is not None:
        found.append(alerts.c.first_ns <= wanted.until)
    if wanted.opened_since is not None:
        found.append(alerts.c.opened_ns >= wanted.opened_since)
    if wanted.opened_until is not None:
        found.append(alerts.c.opened_ns <= wanted.opened_until)
    return found


def _sides(wanted: Filter) -> tuple[ColumnElement[bool], ...]:
    """Among what is not closed, what is closed, or both: in the index of the queue they stand apart, each in order.

    What an index of its own finds is looked for in one.
    """
    if wanted.unit or wanted.rule or wanted.asset or wanted.cause:
        return (true(),)
    closed = {state in _CLOSED for state in wanted.state} or {False, True}
    return tuple(alerts.c.closed if side else ~alerts.c.closed for side in sorted(closed))


def _in_state(state: str) -> ColumnElement[bool]:
    """Of what is not closed, alerts that wait apart are found under a word of their own only."""
    if state in _CLOSED:
        return alerts.c.closed & (alerts.c.state == state)
    if state == MAINTENANCE:
        return ~alerts.c.closed & alerts.c.maintenance.is_not(None)
    if state in set(Relation):
        return ~alerts.c.closed & (alerts.c.relation == state)
    queued = ~alerts.c.closed & alerts.c.maintenance.is_(None) & alerts.c.cause.is_(None)
    return queued if state == OPEN else queued & (alerts.c.state == state)


_POSSIBLE: Final[Mapping[str, frozenset[str]]] = {
    "state": frozenset({OPEN, MAINTENANCE, CONSEQUENCE, SAME, *(state.value for state in State)}),
    "priority": frozenset("12345"),
    "level": frozenset({*"12345", UNCLASSIFIED}),
    "severity": frozenset({"informational", "low", "medium", "high", "critical"}),
}


def _alternatives(name: str, text: str) -> frozenset[str]:
    values = frozenset(value.strip() for value in text.split(",") if value.strip())
    possible = _POSSIBLE.get(name)
    for value in values:
        if possible is not None and value not in possible:
            raise RefusedError(
                "{name}={value!r} is not possible; possible: {possible}",
                name=name,
                value=value[:40],
                possible=", ".join(sorted(possible)),
            )
    return values


def _instant(name: str, text: str) -> int:
    try:
        return nanoseconds(datetime.fromisoformat(text))
    except ValueError as error:
        raise RefusedError(
            "{name}={text!r} is not a time; write it like 2026-01-31T08:00:00+07:00", name=name, text=text[:40]
        ) from error


def _cursor(text: str) -> tuple[int, int, str]:
    priority, _, rest = text.partition(".")
    opened, _, identity = rest.partition(".")
    numbers = priority.isdecimal() and opened.isdecimal() and len(text) < TEXT_CHARACTERS
    if not numbers or max(int(priority), int(opened)) > limits.NUMBER:
        raise RefusedError("this page's address is damaged; start again from the first page")
    return int(priority), int(opened), identity
