# SPDX-License-Identifier: Apache-2.0
"""What is done every few seconds beside watching and sending: receipts taken, metrics thinned, the status written."""

import asyncio
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

import psutil

from giamsat_agent import receipts, status
from giamsat_agent.errors import SpoolError
from giamsat_agent.own_log import logger
from giamsat_agent.renewal_schedule import Renewing
from giamsat_agent.safe_start import Start
from giamsat_agent.spool.spool import Spool
from giamsat_agent.uplink.client import Client
from giamsat_agent.uplink.identity import Identity
from giamsat_agent.uplink.session import Session
from giamsat_wire.clock import Clock
from giamsat_wire.lane import Lane
from giamsat_wire.source import Counts

log = logger()

EVERY_S: Final = 5.0
LATE_EVERY_S: Final = 60.0
"""How often it is looked whether the link keeps up; what is thinned at once takes half a second."""
LATEST_S: Final = 4 * 3_600.0
"""Metrics that would take longer than this to be sent are thinned."""


class Upkeep:
    """Looks after what a running agent leaves for others to see."""

    def __init__(
        self,
        start: Start,
        identity: Identity,
        *,
        spool: Spool,
        session: Session,
        client: Client,
        renewing: Renewing,
        clock: Clock,
        sensors: int,
        failing: Callable[[], Mapping[str, str]],
        counted: Callable[[], Mapping[str, Counts]],
    ) -> None:
        """`failing` says what cannot be read now and why, `counted` what each source yielded."""
        self._start = start
        self._state = Path(start.config.state)
        self._identity = identity
        self._spool = spool
        self._session = session
        self._client = client
        self._renewing = renewing
        self._clock = clock
        self._sensors = sensors
        self._failing = failing
        self._counted = counted
        self._started_ns = clock.wall_ns()
        self._process = psutil.Process()
        self._late = 0

    async def run(self) -> None:
        """For ever; who asks afterwards is told at once that no agent is running."""
        late_ns = self._clock.mono_ns()
        try:
            while True:
                self._take_receipts()
                if self._clock.mono_ns() >= late_ns:
                    late_ns = self._clock.mono_ns() + int(LATE_EVERY_S * 1e9)
                    self.keep_up()
                status.write(self._state, self._status())
                await asyncio.sleep(EVERY_S)
        finally:
            status.forget(self._state)

    def keep_up(self) -> None:
        """Thin metrics that the link would take too long for, once that has been so for two looks."""
        takes_s = self._session.pace.takes_s(self._spool.state(Lane.METRIC).waiting_bytes)
        self._late = self._late + 1 if self._client.link.connected and takes_s > LATEST_S else 0
        if self._late > 1:
            try:
                thinned = self._spool.thin_metrics()
            except SpoolError as error:
                log.warning("metrics_not_thinned", reason=str(error))
            else:
                log.info("link_does_not_keep_up", metrics_take_s=round(takes_s), thinned=thinned)

    def _take_receipts(self) -> None:
        """Forget what the collector was given by hand and says it holds."""
        for told in receipts.taken(self._state):
            before = self._spool.state(told.lane)
            self._spool.acknowledge(told.lane, told.epoch, told.seq)
            forgotten = self._spool.state(told.lane).acked - before.acked
            log.info("receipt_taken", lane=told.lane.name, epoch_known=told.epoch == before.epoch, frames=forgotten)

    def _status(self) -> status.Status:
        link = self._client.link
        return status.Status(
            version=version("giamsat-agent"),
            pid=self._process.pid,
            agent_id=self._identity.agent_id,
            unit=self._identity.unit,
            collector=link.collector,
            connected=link.connected,
            problem=link.problem,
            mode=self._start.mode,
            mode_reason=self._start.why,
            started_ns=self._started_ns,
            written_ns=self._clock.wall_ns(),
            acknowledged_ago_s=self._client.acknowledged_ago_s,
            offset_ns=link.reference.behind_ns(self._clock) if link.reference else 0,
            certificate_until_s=self._renewing.identity.validity.until_s,
            certificate_problem=self._renewing.problem,
            lanes=[self._lane(lane) for lane in Lane],
            sources=status.sources(self._counted()),
            failing=dict(self._failing()),
            refused=dict(self._client.refused),
            sensors=self._sensors,
            memory_bytes=self._process.memory_info().rss,
        )

    def _lane(self, lane: Lane) -> status.LaneStatus:
        state = self._spool.state(lane)
        thinned = self._spool.thinned_total if lane is Lane.METRIC else 0
        waiting = state.next - 1 - state.acked
        return status.LaneStatus(lane=lane.name.lower(), waiting=waiting, bytes=state.size, thinned=thinned)
