# SPDX-License-Identifier: Apache-2.0
"""When the certificate is renewed: somewhere between 35 and 55 % of its life, each agent at a time of its own.

And when it is asked whom else to trust: before each renewal, since who has stolen the authority would renew as well,
and while there is no connection, ever more rarely.
"""

import asyncio
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from giamsat_agent.errors import AgentError, IdentityError
from giamsat_agent.own_log import logger
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink import identity_check
from giamsat_agent.uplink.identity import Identity
from giamsat_wire.clock import Clock

log = logger()

EARLIEST, LATEST = 0.35, 0.55
LOOK_EVERY_S: Final = 60.0
"""The clock may be set, or the host may sleep: a long pause would count neither."""
FIRST_PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 6 * 3600.0
CHILD_S: Final = 120.0
LOST_S: Final = 15.0
"""So long there is no connection before it is asked for the first time whom else to trust."""
LONGEST_LOST_S: Final = 3600.0


def due_s(identity: Identity) -> float:
    """When this certificate is to be renewed (UNIX seconds): the same for every start of the same agent."""
    good = identity.validity
    issued_s = min(good.from_s + identities.BACKDATED_S, good.until_s)
    drawn = hashlib.sha256(f"{identity.agent_id} {identity.generation}".encode()).digest()
    part = EARLIEST + (LATEST - EARLIEST) * int.from_bytes(drawn[:8]) / (1 << 64)
    return issued_s + part * (good.until_s - issued_s)


class Renewing:
    """Renews in time, by a program of its own; `collector` says where, `present` is given the new identity.

    Before that, and while there has been no connection for a while (`lost_s`), another one asks for what the emergency
    keys (files) have signed; without keys nobody is asked.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        folder: Path,
        collector: Callable[[], str],
        clock: Clock,
        present: Callable[[Identity], None],
        emergency_keys: tuple[str, ...] = (),
        lost_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.identity = identity
        self.problem = ""
        self._folder = folder
        self._collector = collector
        self._clock = clock
        self._present = present
        self._keys = emergency_keys
        self._lost_s = lost_s
        self._one_at_a_time = asyncio.Lock()

    @property
    def keys_problem(self) -> str:
        """Why it could not be asked whom else to trust; empty when nothing is in the way."""
        try:
            identity_check.emergency_keys(self._keys)
        except IdentityError as error:
            return str(error)
        return ""

    async def run(self) -> None:
        """Renew for ever; what fails is tried again, ever more rarely, and said each time it is something new."""
        if self.keys_problem:
            log.warning("emergency_keys_unusable", reason=self.keys_problem)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._renew())
            if self._keys:
                both.create_task(self._look_for_others())

    async def _look_for_others(self) -> None:
        next_s = LOST_S
        while True:
            await asyncio.sleep(LOST_S)
            lost_s = self._lost_s()
            if not lost_s:
                next_s = LOST_S
            elif lost_s >= next_s:
                next_s = lost_s + min(lost_s, LONGEST_LOST_S)
                await self._asked()

    async def _asked(self) -> None:
        """Ask whom else to trust; that nothing was published is what there is to hear as a rule."""
        before = self.identity
        try:
            await self._child("giamsat_agent.uplink.emergency", *self._keys)
            self.identity = identities.load(self._folder)
        except AgentError as error:
            log.info("nobody_else_to_trust", reason=str(error))
        if self.identity != before:
            log.warning("others_trusted", generation=self.identity.generation)
            self._present(self.identity)

    async def _renew(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            if not self._due():
                pause_s = FIRST_PAUSE_S
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            if self._keys:
                await self._asked()
            if self._due() and await self._renewed() and self._due():
                self.problem = (
                    "chứng thư mới đã phải gia hạn ngay: chỉnh lại giờ máy này / "
                    "the new certificate is due for renewal at once: set this host's clock right"
                )
                log.warning("certificate_not_lasting", reason=self.problem)
            if self.problem:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _due(self) -> bool:
        return self._clock.wall_ns() / 1e9 >= due_s(self.identity)

    async def _renewed(self) -> bool:
        try:
            await self._child("giamsat_agent.uplink.renewal")
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

    async def _child(self, module: str, *more: str) -> None:
        async with self._one_at_a_time:
            await self._run("-m", module, str(self._folder), self._collector(), *more)

    async def _run(self, *words: str) -> None:
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable, *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
            )
        except OSError as error:  # no memory or no process to spare, or this program is being installed anew
            raise AgentError(f"{sys.executable} cannot be started: {error.strerror}; it is tried again") from error
        try:
            async with asyncio.timeout(CHILD_S):
                _, said = await child.communicate()
        except TimeoutError as error:
            raise AgentError(f"it took longer than {CHILD_S:.0f} s; it is tried again") from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode:
            lines = said.decode(errors="replace").strip().splitlines()
            raise AgentError(lines[-1] if lines else f"it ended with code {child.returncode}")
