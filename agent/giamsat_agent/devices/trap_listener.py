# SPDX-License-Identifier: Apache-2.0
"""The socket SNMP notifications come to; an INFORM is answered, as its sender repeats it otherwise."""

import asyncio
import contextlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from giamsat_agent.address import plain, split
from giamsat_agent.devices import engine
from giamsat_agent.devices.credential import User
from giamsat_agent.devices.engine import Engine
from giamsat_agent.devices.notifications import Notifications
from giamsat_agent.devices.v3_trap import Users
from giamsat_agent.input import Deliver
from giamsat_agent.own_log import logger
from giamsat_wire.clock import Clock
from giamsat_wire.record import Sample

log = logger()

PORT: Final = 162
RETRY_S: Final = 30.0


class TrapListener(asyncio.DatagramProtocol):
    """Implements giamsat_agent.input.Input."""

    def __init__(self, at: str, *, clock: Clock, deliver: Deliver, state: Path, users: Iterable[User] = ()) -> None:
        """Listen at HOST or HOST:PORT, an IPv6 address with a port in brackets; version 3 is taken from `users`.

        The name of the engine that takes INFORMs of version 3 is kept in `state`.
        """
        self._at = at
        self._clock = clock
        self._deliver = deliver
        known = Users(users)
        name, boots = engine.opened(state, secrets.token_bytes)
        self._engine = Engine(known, name, boots, began_ns=clock.mono_ns(), draw=secrets.token_bytes)
        self._notifications = Notifications(known, self._engine)
        self._transport: asyncio.DatagramTransport | None = None
        self._problem = ""
        self.port = 0

    async def run(self) -> None:
        """Listen for ever; a port that is taken is said and tried again."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=split(self._at, PORT))
            except OSError as error:
                self._problem = f"{self._at}: {error.strerror}; a port below 1024 needs CAP_NET_BIND_SERVICE"
                log.error("snmp_notifications_not_listening", reason=self._problem)  # noqa: TRY400 - it says it all
                await asyncio.sleep(RETRY_S)
                continue
            self._problem, self._transport = "", transport
            log.info("snmp_notifications_listening", at=self._at, engine=self._engine.name.hex())
            self.port = transport.get_extra_info("sockname")[1]
            with contextlib.closing(transport):
                await asyncio.Event().wait()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One notification."""
        address = plain(addr[0]) or addr[0]
        wall_ns, mono_ns = self._clock.wall_ns(), self._clock.mono_ns()
        told = self._notifications.take(address, data, wall_ns=wall_ns, mono_ns=mono_ns)
        if told.events:
            self._deliver(told.events)
        if told.reply and self._transport is not None:
            self._transport.sendto(told.reply, addr)

    def samples(self) -> Iterator[Sample]:
        """How many came from whom, and what became of them."""
        return self._notifications.samples()

    def problems(self) -> Mapping[str, str]:
        """Why nothing is listened on, if so."""
        return {"snmptrap": self._problem} if self._problem else {}
