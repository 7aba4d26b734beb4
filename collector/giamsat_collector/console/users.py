# SPDX-License-Identifier: Apache-2.0
"""The rows of people who may use the console, and how the first of them comes in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from giamsat_collector.console.passwords import Passwords
from giamsat_collector.console.role import Role
from giamsat_collector.console.tables import sessions, users

FIRST: Final = "admin"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in.

    `must_choose`: the password was given to them and opens nothing but the page for a new one. `person` is whose
    account it is. `login_ns` is when they logged in last, 0: never, or before that was written down.
    """

    name: str
    password: str
    must_choose: bool
    disabled: bool
    role: Role
    created_ns: int
    changed_ns: int
    person: str
    login_ns: int


def find(connection: Connection, name: str) -> User | None:
    """The user of this name."""
    row = connection.execute(select(users).where(users.c.name == name)).first()
    return None if row is None else _user(row)


def every(connection: Connection) -> tuple[User, ...]:
    """All there are, by name."""
    return tuple(_user(row) for row in connection.execute(select(users).order_by(users.c.name)))


def administrators(connection: Connection) -> tuple[str, ...]:
    """Everybody who administers and may come in, by name."""
    wanted = (users.c.role == Role.ADMINISTRATOR) & ~users.c.disabled
    return tuple(connection.scalars(select(users.c.name).where(wanted).order_by(users.c.name)))


def names(connection: Connection) -> tuple[str, ...]:
    """Everybody an alert can be given to, in order."""
    return tuple(connection.scalars(select(users.c.name).where(~users.c.disabled).order_by(users.c.name)))


def add(connection: Connection, name: str, role: Role, kept: str, now_ns: int, *, person: str = "") -> None:
    """Somebody new, who has a secret and must choose a password; `person` where the name does not say who it is."""
    values = {"name": name, "password": kept, "role": role.value, "created_ns": now_ns, "changed_ns": now_ns}
    connection.execute(insert(users).values(must_choose=True, disabled=False, person=person, **values))


def came_in(connection: Connection, name: str, now_ns: int) -> None:
    """Somebody logged in."""
    connection.execute(update(users).where(users.c.name == name).values(login_ns=now_ns))


def give_secret(connection: Connection, name: str, kept: str, now_ns: int) -> None:
    """A secret in place of somebody's password, and the end of all their sessions."""
    _change(connection, name, now_ns, password=kept, must_choose=True)
    connection.execute(sessions.delete().where(sessions.c.user == name))


def set_role(connection: Connection, name: str, role: Role, now_ns: int) -> None:
    """Another role; sessions go on with it."""
    _change(connection, name, now_ns, role=role.value)


def set_person(connection: Connection, name: str, person: str, now_ns: int) -> None:
    """Whose account it is; those that were said to be of the same person as it go with it."""
    connection.execute(update(users).where(users.c.person == name).values(person=person))
    _change(connection, name, now_ns, person=person)


def choose_password(connection: Connection, name: str, kept: str, now_ns: int) -> None:
    """Set the password somebody chose and end all their sessions."""
    _change(connection, name, now_ns, password=kept, must_choose=False)
    connection.execute(sessions.delete().where(sessions.c.user == name))


def disable(connection: Connection, name: str, now_ns: int) -> None:
    """Let somebody in no more, and end all their sessions."""
    _change(connection, name, now_ns, disabled=True)
    connection.execute(sessions.delete().where(sessions.c.user == name))


def enable(connection: Connection, name: str, now_ns: int) -> None:
    """Let somebody in again."""
    _change(connection, name, now_ns, disabled=False)


def first_login_secret(
    connection: Connection, *, passwords: Passwords, draw: Callable[[], str], now_ns: int
) -> str | None:
    """A new secret for the first login as `admin`, or None once somebody has chosen a password or was added.

    Only its hash is kept, so each start before the first login makes another and the one before opens nothing.
    """
    begun = ~users.c.must_choose | users.c.disabled | (users.c.name != FIRST)
    if connection.scalar(select(func.count()).select_from(users).where(begun)):
        return None
    secret = draw()
    values = {"password": passwords.kept(secret), "must_choose": True, "disabled": False, "changed_ns": now_ns}
    known = connection.execute(update(users).where(users.c.name == FIRST).values(**values)).rowcount
    if not known:
        connection.execute(insert(users).values(name=FIRST, created_ns=now_ns, **values))
    return secret


def _change(connection: Connection, name: str, now_ns: int, **values: object) -> None:
    connection.execute(update(users).where(users.c.name == name).values(changed_ns=now_ns, **values))


def _user(row: Row[Any]) -> User:
    return User(
        name=row.name,
        password=row.password,
        must_choose=row.must_choose,
        disabled=row.disabled,
        role=Role(row.role),
        created_ns=row.created_ns,
        changed_ns=row.changed_ns,
        person=row.person or row.name,
        login_ns=row.login_ns,
    )
