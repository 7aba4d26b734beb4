# SPDX-License-Identifier: Apache-2.0
"""When the certificate is renewed: somewhere between 35 and 55 % of its life, each agent at a time of its own."""

import asyncio
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from giamsat_agent.errors import AgentError
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink.identity import Identity
from giamsat_wire.clock import Clock

log = structlog.get_logger()

EARLIEST, LATEST = 0.35, 0.55
BACKDATED_S: Final = 24 * 3600
"""Certificates begin a day before they are issued, for hosts whose clock is behind."""
LOOK_EVERY_S: Final = 60.0
"""The clock may be set, or the host may sleep: a long pause would count neither."""
FIRST_PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 6 * 3600.0
CHILD_S: Final = 120.0


def due_s(identity: Identity) -> float:
    """When this certificate is to be renewed (UNIX seconds): the same for every start of the same agent."""
    good = identity.validity
    issued_s = min(good.from_s + BACKDATED_S, good.until_s)
    drawn = hashlib.sha256(f"{identity.agent_id} {identity.generation}".encode()).digest()
    part = EARLIEST + (LATEST - EARLIEST) * int.from_bytes(drawn[:8]) / (1 << 64)
    return issued_s + part * (good.until_s - issued_s)


class Renewing:
    """Renews in time, by a program of its own; `collector` says where, `present` is given the new identity."""

    def __init__(
        self,
        identity: Identity,
        *,
        folder: Path,
        collector: Callable[[], str],
        clock: Clock,
        present: Callable[[Identity], None],
    ) -> None:
        self.identity = identity
        self.problem = ""
        self._folder = folder
        self._collector = collector
        self._clock = clock
        self._present = present

    async def run(self) -> None:
        """Renew for ever; what fails is tried again, ever more rarely, and said each time it is something new."""
        pause_s = FIRST_PAUSE_S
        while True:
            if not self._due():
                pause_s = FIRST_PAUSE_S
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            if await self._renewed() and self._due():
                self.problem = "the new certificate is due for renewal at once: set this host's clock right"
                log.warning("certificate_not_lasting", reason=self.problem)
            if self.problem:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _due(self) -> bool:
        return self._clock.wall_ns() / 1e9 >= due_s(self.identity)

    async def _renewed(self) -> bool:
        try:
            await self._child()
            self.identity = identities.load(self._folder)
        except AgentError as error:
            if str(error) != self.problem:
                log.warning("certificate_not_renewed", reason=str(error))
            self.problem = str(error)
            return False
        self.problem = ""
        log.info("certificate_renewed", generation=self.identity.generation)
        self._present(self.identity)
        return True

    async def _child(self) -> None:
        words = ("-m", "giamsat_agent.uplink.renewal", str(self._folder), self._collector())
        child = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(CHILD_S):
                _, said = await child.communicate()
        except TimeoutError as error:
            raise AgentError(f"renewal took longer than {CHILD_S:.0f} s; it is tried again") from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode:
            lines = said.decode(errors="replace").strip().splitlines()
            raise AgentError(lines[-1] if lines else f"renewal ended with code {child.returncode}")
