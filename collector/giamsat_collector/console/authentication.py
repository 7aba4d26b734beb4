# SPDX-License-Identifier: Apache-2.0
"""The door: who gets a session, how often somebody may knock, and where they are led."""

from typing import Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from giamsat_collector.console import sessions, users
from giamsat_collector.console.services import Services
from giamsat_collector.console.ticket import COOKIE, held, set_cookie
from giamsat_collector.console.users import User
from giamsat_collector.errors import RefusedError
from giamsat_collector.own_host import NAME

HOME: Final = "/alerts"
LOGIN: Final = "user-login"
LEADS_TO: Final = (
    "/alerts",
    "/handover",
    "/hosts",
    "/incidents",
    "/sightings",
    "/flows",
    "/sources",
    "/coverage",
    "/availability",
    "/suppressions",
    "/tokens",
    "/overrides",
    "/reports",
    "/units",
    "/accounts",
    "/sessions",
    "/indicators",
    "/password",
)
"""Where somebody may be sent after a login; any other wish is taken for a trick."""


class WrongError(RefusedError):
    """Name and password do not fit together, or the user may not come in; nobody is told which."""


class WaitError(RefusedError):
    """Too many attempts; `seconds` to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts; wait {seconds} s")
        self.seconds = seconds


class Authentication:
    """Lets people in and out."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def recognise(self, request: Request, name: str, password: str) -> User:
        """The user who knows the password; the attempt is counted before it is looked at.

        Raises:
            WaitError: too many attempts with this name or from this address.
            WrongError: the password is wrong, or there is no such user.
        """
        services = self._services
        wait = services.attempts.take(name, _address(request), services.clock.mono_ns())
        if wait:
            raise WaitError(wait)
        user = await services.store.read(lambda rows: users.find(rows, name))
        right = await services.passwords.match(user.password if user else None, password)
        welcome = user is not None and not user.disabled and right
        await services.tell(LOGIN, _login(name, _address(request), "success" if welcome else "failure"))
        if user is None or not welcome:
            raise WrongError("wrong name or password")
        services.attempts.succeeded(name)
        return user

    async def admit(self, request: Request, user: str, page: str) -> Response:
        """A new session for a user, who is led to a page; the one this browser had is over."""
        services, address, old = self._services, _address(request), held(request)
        token, now = services.draw(), services.clock.wall_ns()

        def work(rows: Connection) -> None:
            sessions.end(rows, old)
            sessions.begin(rows, user, token, address=address, lifetime=services.lifetime, now_ns=now)
            users.came_in(rows, user, now)

        await services.store.write(work)
        response = RedirectResponse(page, 303)
        set_cookie(response, {COOKIE: token})
        return response

    async def dismiss(self, request: Request) -> Response:
        """End the session of a request."""
        token = held(request)
        await self._services.store.write(lambda rows: sessions.end(rows, token))
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")
        return response


def destination(wanted: object) -> str:
    """The page somebody asked to be led to, if it is one of ours."""
    if not isinstance(wanted, str) or "\\" in wanted or not wanted.isprintable():
        return HOME
    path = wanted.partition("?")[0]
    ours = any(path == page or path.startswith(f"{page}/") for page in LEADS_TO)
    return wanted if ours else HOME


def _login(name: str, address: str, outcome: str) -> dict[str, str]:
    """A login as an event: the name is whatever somebody typed."""
    said = {"event.outcome": outcome, "user.name": name[:64], "process.name": NAME, "source.ip": address}
    return {field: value for field, value in said.items() if value}


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
