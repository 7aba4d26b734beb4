# SPDX-License-Identifier: Apache-2.0
"""What listens for others: syslog of devices, when the configuration asks for it. By default nothing does."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from giamsat_agent.config import Syslog
from giamsat_agent.devices.intake import Intake
from giamsat_agent.devices.syslog import ListenError, Listeners, SyslogListener, server_context
from giamsat_agent.input import Deliver
from giamsat_agent.own_log import logger
from giamsat_agent.parsers.x_forwarded_for import Proxies
from giamsat_wire.clock import Clock
from giamsat_wire.record import Sample

log = logger()

RETRY_S: Final = 30.0


@dataclass(slots=True)
class SyslogService:
    """The sockets, and what decides over the messages."""

    listener: SyslogListener
    intake: Intake
    problem: str = ""

    async def run(self) -> None:
        """Listen for ever; a port that is taken is said and tried again, and nothing else of the agent stops."""
        while True:
            try:
                self.problem = ""
                await self.listener.run()
            except ListenError as error:
                self.problem = str(error)
                log.error("syslog_not_listening", reason=str(error))  # noqa: TRY400 - the reason says it all
                await asyncio.sleep(RETRY_S)

    def samples(self) -> Iterator[Sample]:
        """How many messages came from whom, and what became of them; how many connections were refused."""
        yield from self.intake.counted()
        yield Sample("giamsat_agent_syslog_connections_refused_total", float(self.listener.refused_total))

    def problems(self) -> dict[str, str]:
        """Why nothing is listened on, if so."""
        return {"syslog": self.problem} if self.problem else {}


def syslog(settings: Syslog, clock: Clock, deliver: Deliver) -> SyslogService:
    """The listener the configuration asks for.

    Raises:
        ListenError: the TLS files cannot be used.
    """
    context = None
    if settings.tls:
        context = server_context(settings.certificate, settings.key, client_ca=settings.client_ca)
    zones = {address: ZoneInfo(name) for address, name in settings.zones.items()}
    usual = ZoneInfo(settings.zone)
    intake = Intake(lambda address: zones.get(address, usual), proxies=Proxies(settings.trusted_proxies))
    at = Listeners(settings.udp, settings.tcp, settings.tls, context)
    return SyslogService(SyslogListener(at, intake, clock=clock, deliver=deliver), intake)
