# SPDX-License-Identifier: Apache-2.0
"""Who is logged in: an opaque token in the browser, its hash in a row, and two clocks that end it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from giamsat_collector.console.role import Role
from giamsat_collector.console.tables import sessions, users

LIVE: Final = "x-gs-live"
"""A page that refreshes by itself says so: that is no use of the session."""
SEEN_EVERY_NS: Final = 30 * 1_000_000_000
"""Use is written down this often at most: the idle time is exact to it."""
_MICROSECOND_NS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts without use, and at most."""

    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=10)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is good now. `csrf` proves that a form came from a page of it, whichever its token was.

    `proved_ns` is when its user gave the password last, `person` whose account it is: of two accounts of one person
    none is a second person to the other.
    """

    user: str
    must_choose: bool
    role: Role
    csrf: str
    seen_ns: int
    proved_ns: int
    person: str

    def proves(self, csrf: str) -> bool:
        """Whether a form carries this session's proof."""
        return hmac.compare_digest(self.csrf.encode(), csrf.encode("utf-8", "replace"))


def begin(connection: Connection, user: str, token: str, *, address: str, lifetime: Lifetime, now_ns: int) -> None:
    """Write down a session, and forget those of everybody that are over."""
    connection.execute(delete(sessions).where(~_good(lifetime, now_ns)))
    values = {"user": user, "created_ns": now_ns, "seen_ns": now_ns, "proved_ns": now_ns, "address": address[:64]}
    connection.execute(insert(sessions).values(token=_hash(token), begun=_hash(token), **values))


def resume(connection: Connection, token: str, *, lifetime: Lifetime, now_ns: int) -> Session | None:
    """The session of a token, or None: unknown, over, or its user may no longer come in."""
    query = (
        select(sessions, users.c.must_choose, users.c.role, users.c.person)
        .join(users, users.c.name == sessions.c.user)
        .where(sessions.c.token == _hash(token), _good(lifetime, now_ns), ~users.c.disabled)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return Session(
        user=row.user,
        must_choose=row.must_choose,
        role=Role(row.role),
        csrf=_csrf(row.begun),
        seen_ns=row.seen_ns,
        proved_ns=row.proved_ns,
        person=row.person or row.user,
    )


@dataclass(frozen=True, slots=True)
class Open:
    """A session that is good now, to be looked at. `own`: it is the one that asks."""

    address: str
    created_ns: int
    seen_ns: int
    own: bool


def of_user(connection: Connection, user: str, token: str, *, lifetime: Lifetime, now_ns: int) -> tuple[Open, ...]:
    """Somebody's sessions that are good now, the one that was used last first; `token` is that of who asks."""
    wanted = (sessions.c.user == user) & _good(lifetime, now_ns)
    rows = connection.execute(select(sessions).where(wanted).order_by(sessions.c.seen_ns.desc(), sessions.c.token))
    return tuple(Open(row.address, row.created_ns, row.seen_ns, row.token == _hash(token)) for row in rows)


def end_others(connection: Connection, user: str, token: str) -> None:
    """End all sessions of somebody but the one of a token."""
    connection.execute(delete(sessions).where((sessions.c.user == user) & (sessions.c.token != _hash(token))))


def count(connection: Connection, *, lifetime: Lifetime, now_ns: int) -> Mapping[str, int]:
    """How many sessions that are good now each user has; who has none is left out."""
    query = select(sessions.c.user, func.count()).where(_good(lifetime, now_ns)).group_by(sessions.c.user)
    return {row[0]: row[1] for row in connection.execute(query)}


def used(connection: Connection, token: str, now_ns: int) -> None:
    """Write down that somebody used a session just now."""
    connection.execute(update(sessions).where(sessions.c.token == _hash(token)).values(seen_ns=now_ns))


def prove(connection: Connection, token: str, fresh: str, now_ns: int) -> bool:
    """Write down that the user of a session gave the password just now, and give it another token.

    False: the token is of no session, or no longer; nothing changed.
    """
    mine = update(sessions).where(sessions.c.token == _hash(token))
    return connection.execute(mine.values(token=_hash(fresh), proved_ns=now_ns)).rowcount > 0


def end(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.token == _hash(token)))


def _good(lifetime: Lifetime, now_ns: int) -> ColumnElement[bool]:
    # What a clock that ran ahead wrote would last until then, and longer.
    idle_ns = _ns(lifetime.idle)
    used_lately = sessions.c.seen_ns.between(now_ns - idle_ns + 1, now_ns + idle_ns)
    return used_lately & (sessions.c.created_ns > now_ns - _ns(lifetime.absolute))


def _ns(span: timedelta) -> int:
    return span // timedelta(microseconds=1) * _MICROSECOND_NS


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _csrf(begun: str) -> str:
    """The same for all pages of a session, other tabs too when its token changes; worth nothing without a token."""
    return hmac.new(begun.encode(), b"giamsat csrf", hashlib.sha256).hexdigest()
