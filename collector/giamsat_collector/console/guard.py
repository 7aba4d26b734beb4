# SPDX-License-Identifier: Apache-2.0
"""Who is asking, and whether they may: the dependencies every page but the login stands behind.

A route that changes something asks for an `Act` and thereby can forget neither the proof that the form is ours nor the
role it takes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from giamsat_collector.console import sessions, users
from giamsat_collector.console.authentication import Authentication, WaitError, WrongError
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import LIVE, SEEN_EVERY_NS, Session
from giamsat_collector.console.step_up import is_recent, is_weighty
from giamsat_collector.console.ticket import hand_over, held
from giamsat_collector.errors import CollectorError, RefusedError

CSRF: Final = "x-gs-csrf"
CSRF_FIELD: Final = "csrf"
PROOF_FIELD: Final = "password"
FIELDS: Final = 220
"""Fields of a form at most: every alert of a page, and what is to be done with them."""
NAMED: Final = 5
"""Administrators who are named to somebody who needs one."""


class LoginNeededError(CollectorError):
    """Nobody is logged in, or no longer."""


class PasswordNeededError(CollectorError):
    """Somebody must choose a password before anything else."""


class RoleNeededError(RefusedError):
    """An analyst wants what only administrators change; `administrators` names some of them."""

    def __init__(self, administrators: Sequence[str]) -> None:
        super().__init__(f"only an administrator may do this, such as {', '.join(administrators)}")
        self.administrators = tuple(administrators)


class ForgedError(RefusedError):
    """The request does not carry the proof that a page of this session made it."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something a visitor wants changed: who, and the fields of the form or of the JSON body."""

    visitor: Session
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field as text; empty when it is not there."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def without(self, name: str) -> "Act":
        """The same without a field."""
        return Act(self.visitor, {one: value for one, value in self.fields.items() if one != name})


class ProofNeededError(RefusedError):
    """What somebody wants done takes their password again: none was given lately, it is wrong, or they must wait.

    `act` is what they want, without the password; `wait_s` how long they must wait, `wrong` that what they gave is.
    """

    def __init__(self, act: Act, *, wrong: bool = False, wait_s: int = 0) -> None:
        super().__init__("this takes your password again, in the field 'password' of the same request")
        self.act = act
        self.wrong = wrong
        self.wait_s = wait_s


class Guard:
    """Dependencies of routes; each raises where the answer is no."""

    def __init__(self, services: Services, authentication: Authentication) -> None:
        self._services = services
        self._authentication = authentication

    async def newcomer(self, request: Request) -> Session:
        """Whoever is logged in, even if they have a password to choose first.

        Raises:
            LoginNeededError: nobody is.
        """
        session = await self.session(request)
        if session is None:
            raise LoginNeededError("log in first")
        return session

    async def visitor(self, request: Request) -> Session:
        """Whoever is logged in and may look around.

        Raises:
            LoginNeededError, PasswordNeededError: nobody may yet.
        """
        session = await self.newcomer(request)
        if session.must_choose:
            raise PasswordNeededError("choose a password first")
        return session

    async def administrator(self, request: Request) -> Session:
        """A visitor who administers.

        Raises:
            LoginNeededError, PasswordNeededError: nobody may look around yet.
            RoleNeededError: the visitor does not.
        """
        session = await self.visitor(request)
        await self._must_be_allowed(session, request)
        return session

    async def newcomer_act(self, request: Request) -> Act:
        """A change wanted by whoever is logged in.

        Raises:
            LoginNeededError: nobody is.
            ForgedError: the request is not proved to come from a page of ours.
        """
        return await _act(request, await self.newcomer(request))

    async def act(self, request: Request) -> Act:
        """A change wanted by a visitor whose role may make it.

        Raises:
            LoginNeededError, PasswordNeededError: nobody may yet.
            ForgedError: the request is not proved to come from a page of ours.
            RoleNeededError: it takes an administrator.
            ProofNeededError: it takes the password again.
        """
        act, route = await _act(request, await self.visitor(request)), request.scope["route"].path
        await self._must_be_allowed(act.visitor, request)
        if is_weighty(route, act.text("action")):
            return await self._proved(request, act)
        return act

    async def _must_be_allowed(self, session: Session, request: Request) -> None:
        if not session.role.may(request.scope["route"].path):
            raise RoleNeededError((await self._services.store.read(users.administrators))[:NAMED])

    async def _proved(self, request: Request, given: Act) -> Act:
        """An act of somebody who gave the password lately, or with it; each that is given is counted as a login is.

        Who gave it goes on with a new token: whoever knew the one before has gained nothing, and lost the session.
        """
        act, now = given.without(PROOF_FIELD), self._services.clock.wall_ns()
        if is_recent(act.visitor.proved_ns, now):
            return act
        if not given.text(PROOF_FIELD):
            raise ProofNeededError(act)
        try:
            await self._authentication.recognise(request, act.visitor.user, given.text(PROOF_FIELD))
        except WaitError as error:
            raise ProofNeededError(act, wait_s=error.seconds) from error
        except WrongError as error:
            raise ProofNeededError(act, wrong=True) from error
        token, fresh = held(request), self._services.draw()
        if not await self._services.store.write(lambda rows: sessions.prove(rows, token, fresh, now)):
            raise LoginNeededError("log in first")
        hand_over(request, fresh)
        return act

    async def session(self, request: Request) -> Session | None:
        """The session of a request, kept awake by everything but a page's own refreshing."""
        token = held(request)
        if not token:
            return None
        store, lifetime = self._services.store, self._services.lifetime
        now = self._services.clock.wall_ns()
        session = await store.read(lambda rows: sessions.resume(rows, token, lifetime=lifetime, now_ns=now))
        if session and LIVE not in request.headers and now - session.seen_ns > SEEN_EVERY_NS:
            await store.write(lambda rows: sessions.used(rows, token, now))
        request.state.visitor = session
        return session


def known(request: Request) -> Session | None:
    """Whoever asked, once somebody looked: an answer that tells of an error need not ask the database again."""
    session = getattr(request.state, "visitor", None)
    return session if isinstance(session, Session) else None


async def _act(request: Request, session: Session) -> Act:
    fields = await fields_of(request)
    proof = request.headers.get(CSRF) or fields.get(CSRF_FIELD)
    if not isinstance(proof, str) or not session.proves(proof):
        raise ForgedError("this form is not of your session any more; open the page again")
    return Act(session, fields)


async def fields_of(request: Request) -> Mapping[str, Any]:
    """The fields of a form, or the members of a JSON object.

    Raises:
        RefusedError: the body is neither.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() == "application/json":
        try:
            body = await request.json()
            json.dumps(body, ensure_ascii=False).encode()  # half a character is text to JSON, and to nothing else
        except (ValueError, RecursionError) as error:
            raise RefusedError("the body is not JSON") from error
        if not isinstance(body, dict):
            raise RefusedError("the body is not a JSON object")
        return body
    async with request.form(max_files=0, max_fields=FIELDS) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}
