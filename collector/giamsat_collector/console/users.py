# SPDX-License-Identifier: Apache-2.0
"""The rows of people who may use the console, and how the first of them comes in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from giamsat_collector.console.passwords import Passwords
from giamsat_collector.console.tables import sessions, users

FIRST: Final = "admin"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in.

    `must_choose`: the password was given to them and opens nothing but the page for a new one.
    """

    name: str
    password: str
    must_choose: bool
    disabled: bool


def find(connection: Connection, name: str) -> User | None:
    """The user of this name."""
    row = connection.execute(select(users).where(users.c.name == name)).first()
    return None if row is None else User(row.name, row.password, row.must_choose, row.disabled)


def names(connection: Connection) -> tuple[str, ...]:
    """Everybody an alert can be given to, in order."""
    return tuple(connection.scalars(select(users.c.name).where(~users.c.disabled).order_by(users.c.name)))


def choose_password(connection: Connection, name: str, kept: str, now_ns: int) -> None:
    """Set the password somebody chose and end all their sessions."""
    changed = {"password": kept, "must_choose": False, "changed_ns": now_ns}
    connection.execute(update(users).where(users.c.name == name).values(**changed))
    connection.execute(sessions.delete().where(sessions.c.user == name))


def disable(connection: Connection, name: str, now_ns: int) -> None:
    """Let somebody in no more, and end all their sessions."""
    connection.execute(update(users).where(users.c.name == name).values(disabled=True, changed_ns=now_ns))
    connection.execute(sessions.delete().where(sessions.c.user == name))


def first_login_secret(
    connection: Connection, *, passwords: Passwords, draw: Callable[[], str], now_ns: int
) -> str | None:
    """A new secret for the first login as `admin`, or None once somebody has chosen a password.

    Only its hash is kept, so each start before the first login makes another and the one before opens nothing.
    """
    chosen = connection.scalar(select(func.count()).select_from(users).where(~users.c.must_choose))
    if chosen:
        return None
    secret = draw()
    values = {"password": passwords.kept(secret), "must_choose": True, "disabled": False, "changed_ns": now_ns}
    known = connection.execute(update(users).where(users.c.name == FIRST).values(**values)).rowcount
    if not known:
        connection.execute(insert(users).values(name=FIRST, created_ns=now_ns, **values))
    return secret
