# SPDX-License-Identifier: Apache-2.0
"""Accounts of the console as the command line keeps them: who there is, what each is for, who is out."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from giamsat_collector.console import users
from giamsat_collector.console.passwords import Passwords
from giamsat_collector.console.role import Role
from giamsat_collector.console.users import User
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import instant
from giamsat_collector.preconditions import SHOWN, must_be_known
from giamsat_collector.sentence import Sentence
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock

MOST: Final = 1_000
"""Accounts there can be. None is ever deleted: what somebody did keeps their name."""
NAME: Final = re.compile(r"[a-z][a-z0-9._-]{0,31}", re.ASCII)
_NOBODY: Final = Sentence(
    "give the name of their first account ('giamsat-collector accounts list' shows all), or their login on this host "
    "('getent passwd' shows those)"
)
NAMES: Final = Sentence("at most 32 of a-z, 0-9, '.', '-', '_', and a letter first, such as nguyen.an")


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts, added and changed.

    `draw` makes a secret of 256 bits. `is_login` says whether a name is a login of this host: it may ask a directory.
    """

    store: Store
    clock: Clock
    passwords: Passwords
    draw: Callable[[], str]
    is_login: Callable[[str], bool]

    async def every(self) -> list[dict[str, Any]]:
        """All there are, by name."""
        return [_shown(user) for user in await self.store.read(users.every)]

    async def add(self, name: str, role: str, person: str = "") -> dict[str, Any]:
        """A new account, with the secret of its first login: only the hash of that is kept.

        `person` is whose it is, where the name does not say so: what they are called here or on the collector's host.
        Two accounts of one person are never two persons.

        Raises:
            RefusedError: the name cannot be one or is taken, there is no such role or person, or there are too many
                accounts.
        """
        if not NAME.fullmatch(name):
            raise RefusedError("{name!r} cannot be a name: {names}", name=name[:SHOWN], names=NAMES)
        given, now_ns = _role(role), self.clock.wall_ns()
        logins = await self._logins(person)
        secret = self.draw()
        kept = await self.passwords.keep(secret)

        def work(rows: Connection) -> User:
            known = {user.name for user in users.every(rows)}
            if name in known:
                raise RefusedError(
                    "there is an account {name} already; 'giamsat-collector accounts reset {name}' gives a new secret",
                    name=name,
                )
            if len(known) >= MOST:
                raise RefusedError(
                    "there are {most} accounts, which is the most; reset and enable one of them", most=MOST
                )
            whose = _whose(rows, person, logins) if person and person != name else ""
            users.add(rows, name, given, kept, now_ns, person=whose)
            return _known(rows, name)

        return {**_shown(await self.store.write(work)), "secret": secret}

    async def reset(self, name: str) -> dict[str, Any]:
        """A new secret in place of a password, which opens nothing any more; all sessions end."""
        secret = self.draw()
        kept, now_ns = await self.passwords.keep(secret), self.clock.wall_ns()
        changed = await self._change(name, lambda rows, _: users.give_secret(rows, name, kept, now_ns))
        return {**changed, "secret": secret}

    async def disable(self, name: str, *, dry_run: bool = False) -> dict[str, Any]:
        """Let somebody in no more and end their sessions; `dry_run`: say only what that would make of it.

        Raises:
            RefusedError: nobody would be left who administers.
        """
        now_ns = self.clock.wall_ns()

        def work(rows: Connection, user: User) -> None:
            _must_not_be_last(rows, user, Sentence("disabled"))
            users.disable(rows, name, now_ns)

        return await self._change(name, work, dry_run=dry_run)

    async def enable(self, name: str) -> dict[str, Any]:
        """Let somebody in again, with the password they had."""
        now_ns = self.clock.wall_ns()
        return await self._change(name, lambda rows, _: users.enable(rows, name, now_ns))

    async def role(self, name: str, role: str, *, dry_run: bool = False) -> dict[str, Any]:
        """Another role, from the next request on; `dry_run`: say only what that would make of it.

        Raises:
            RefusedError: nobody would be left who administers.
        """
        given, now_ns = _role(role), self.clock.wall_ns()

        def work(rows: Connection, user: User) -> None:
            if given is not Role.ADMINISTRATOR:
                _must_not_be_last(rows, user, Sentence("made {role}", role=given))
            users.set_role(rows, name, given, now_ns)

        return await self._change(name, work, dry_run=dry_run)

    async def person(self, name: str, person: str, *, dry_run: bool = False) -> dict[str, Any]:
        """Say whose an account is, as with `add`; its own name: of nobody who has another.

        Accounts that were said to be the same person's go with it. `dry_run`: say only what that would make of it.

        Raises:
            RefusedError: nobody is called so here or on this host.
        """
        logins, now_ns = await self._logins(person), self.clock.wall_ns()

        def work(rows: Connection, _: User) -> None:
            users.set_person(rows, name, name if person == name else _whose(rows, person, logins), now_ns)

        return await self._change(name, work, dry_run=dry_run)

    async def _logins(self, person: str) -> set[str]:
        """The name, if it is a login of this host."""
        if person and not NAME.fullmatch(person):
            raise RefusedError(
                "{name!r} names nobody: {remedy}; {names}", name=person[:SHOWN], remedy=_NOBODY, names=NAMES
            )
        known = await asyncio.to_thread(self.is_login, person)
        return {person} if known else set()

    async def _change(
        self, name: str, work: Callable[[Connection, User], None], *, dry_run: bool = False
    ) -> dict[str, Any]:
        def changed(rows: Connection) -> User:
            with rows.begin_nested() as trial:
                work(rows, _known(rows, name))
                found = _known(rows, name)
                if dry_run:
                    trial.rollback()
            return found

        return _shown(await self.store.write(changed))


def _whose(rows: Connection, person: str, logins: set[str]) -> str:
    """Whose an account is that is said to be of `person`: of two accounts of one person, the first one's name."""
    persons = {user.name: user.person for user in users.every(rows)}
    must_be_known(person, {*persons, *persons.values(), *logins}, Sentence("account or login of this host"), _NOBODY)
    return persons.get(person, person)


def _role(role: str) -> Role:
    must_be_known(role, tuple(Role), Sentence("role"), Sentence("the roles are {names}", names=", ".join(Role)))
    return Role(role)


def _known(rows: Connection, name: str) -> User:
    found = {user.name: user for user in users.every(rows)}
    must_be_known(name, found, Sentence("account"), Sentence("'giamsat-collector accounts list' shows those there are"))
    return found[name]


def _must_not_be_last(rows: Connection, user: User, what: str) -> None:
    if users.administrators(rows) == (user.name,):
        raise RefusedError(
            "{name} is the last administrator who may log in and cannot be {what}; first give somebody else the role: "
            "'giamsat-collector accounts role NAME --role administrator'",
            name=user.name,
            what=what,
        )


def _shown(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "role": user.role.value,
        "disabled": user.disabled,
        "must_choose": user.must_choose,
        "person": user.person,
        "last_login": instant(user.login_ns) if user.login_ns else None,
        "created": instant(user.created_ns),
        "changed": instant(user.changed_ns),
    }
