# SPDX-License-Identifier: Apache-2.0
"""The rows of suppressions: proposed, agreed to by a second person, ended, counted. Nothing is ever taken away."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from giamsat_collector.errors import RefusedError
from giamsat_collector.preconditions import must_be_a_second
from giamsat_collector.sentence import Sentence
from giamsat_collector.suppressing.record import Record, compiled
from giamsat_collector.suppressing.tables import suppressions
from giamsat_rules.suppression import Suppression

MOST: Final = 500
"""So many may stand at once: each is asked about every hit."""
REMEMBERED_NS: Final = 8 * 86_400 * 1_000_000_000
"""What ended is asked for so long: frames that come late, or are judged again after a restart, fall into its time."""
_FIELDS: Final = tuple(field.name for field in fields(Record))


def propose(connection: Connection, record: Record, now_ns: int) -> Record:
    """Keep a new one, which is in force at once where one person may decide.

    Raises:
        RefusedError: too many stand already.
    """
    standing = select(func.count()).select_from(suppressions).where(suppressions.c.until_ns > now_ns)
    if (connection.scalar(standing.where(suppressions.c.ended_ns.is_(None))) or 0) >= MOST:
        raise RefusedError(
            "{most} suppressions stand already; end some with 'giamsat-collector suppress end'", most=MOST
        )
    row = {name: value for name, value in asdict(record).items() if name != "number"}
    number = connection.execute(insert(suppressions).values(**row | {"rules": list(record.rules)})).inserted_primary_key
    assert number is not None  # noqa: S101 - the row was just made
    return get(connection, int(number[0]))


def agree(connection: Connection, number: int, person: str, now_ns: int) -> Record:
    """A second person says yes.

    Raises:
        RefusedError: it is over, somebody agreed already, the person is the one who proposed it, or nobody
            knows who that was.
    """
    record = _standing(connection, number, now_ns)
    if record.second is not None:
        raise RefusedError("{second} has agreed to suppression {number} already", second=record.second, number=number)
    must_be_a_second(
        person,
        record.proposer,
        Sentence("proposed suppression {number}", number=number),
        Sentence("propose it again in the console, or logged in with an account of your own"),
    )
    return _changed(connection, number, second=person, agreed_ns=now_ns)


def end(connection: Connection, number: int, person: str, now_ns: int) -> Record:
    """It hides nothing from now on.

    Raises:
        RefusedError: there is none, or it is over.
    """
    _standing(connection, number, now_ns)
    return _changed(connection, number, ended_by=person, ended_ns=now_ns)


def count(connection: Connection, hidden: Mapping[int, int], now_ns: int) -> None:
    """Add what each has hidden."""
    for number, more in hidden.items():
        wanted = suppressions.c.number == number
        connection.execute(
            update(suppressions).where(wanted).values(hidden=suppressions.c.hidden + more, last_ns=now_ns)
        )


def every(connection: Connection) -> tuple[Record, ...]:
    """All there ever were, newest first."""
    rows = connection.execute(select(suppressions).order_by(suppressions.c.number.desc())).mappings()
    return tuple(Record(**{name: row[name] for name in _FIELDS} | {"rules": tuple(row["rules"])}) for row in rows)


def get(connection: Connection, number: int) -> Record:
    """One of them.

    Raises:
        RefusedError: there is none of this number.
    """
    found = next((record for record in every(connection) if record.number == number), None)
    if found is None:
        raise RefusedError("no such suppression: {number}; 'giamsat-collector suppress list' shows them", number=number)
    return found


def asked(connection: Connection, now_ns: int) -> tuple[Suppression, ...]:
    """What the engine has to ask."""
    return tuple(compiled(record) for record in every(connection) if record.over_ns > now_ns - REMEMBERED_NS)


def _standing(connection: Connection, number: int, now_ns: int) -> Record:
    record = get(connection, number)
    if not record.stands(now_ns):
        raise RefusedError("suppression {number} is over and hides nothing", number=number)
    return record


def _changed(connection: Connection, number: int, **values: object) -> Record:
    connection.execute(update(suppressions).where(suppressions.c.number == number).values(**values))
    return get(connection, number)
