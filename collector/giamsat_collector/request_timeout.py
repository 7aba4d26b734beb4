# SPDX-License-Identifier: Apache-2.0
"""How long the console waits for a request: who connects and does not get on with one makes room for others."""

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

PATIENCE_S: Final = 20.0
"""Within twice this time a request is here as a whole; one of the largest size takes eight seconds on 64 kbit/s."""


class PatientProtocol(H11Protocol):
    """uvicorn's own, which waits for a request without an end. An answer takes as long as it takes."""

    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there."""
        super().connection_made(transport)
        self._wait(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody is gone."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _wait(self, since: RequestResponseCycle | None) -> None:
        self._look = self.loop.call_later(PATIENCE_S, self._end_unless_asked, since)

    def _end_unless_asked(self, since: RequestResponseCycle | None) -> None:
        """End it, if at the last look it was already the request after `since` that is waited for."""
        now: RequestResponseCycle | None = self.cycle
        waiting = now is None or now.response_complete or now.more_body
        if waiting and now is since:
            self.transport.abort()
        else:
            self._wait(now if waiting else since)
