# SPDX-License-Identifier: Apache-2.0
"""Incidents while the collector runs: what the console and the command line can do with them."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import structlog

from giamsat_collector.incidents import ledger, search, wanted
from giamsat_collector.incidents.duties import Owed, Standing
from giamsat_collector.incidents.incident import Incident, State
from giamsat_collector.incidents.lifecycle import Request
from giamsat_collector.incidents.search import Listing, Whole
from giamsat_collector.incidents.wanted import Places
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock

log = structlog.get_logger()


@dataclass(slots=True)
class Incidents:
    """Opens, moves and finds. A moment without an offset is one of `zone`; `changed` hears of every change.

    `standing` are those that are open, with the reports that are owed, as the rows say.
    """

    store: Store
    clock: Clock
    zone: tzinfo
    places: Places
    changed: Callable[[], None]
    standing: Sequence[tuple[Incident, Sequence[Owed]]] = ()
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def meant(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of an incident that somebody means.

        Raises:
            RefusedError: one is not known, or its value is not possible.
        """
        return wanted.placed(wanted.values(said, self.zone, self.clock.wall_ns()), self.places)

    def drafted(self, said: Mapping[str, Any], chosen: Collection[str], actor: str, reason: str) -> Incident:
        """The incident that somebody means to open, of alerts or of what a person told.

        Raises:
            RefusedError: it cannot be; the message says what is missing.
        """
        return wanted.new(self.meant(said), chosen, actor=actor, reason=reason, now_ns=self.clock.wall_ns())

    async def open(self, chosen: Sequence[str], said: Mapping[str, Any], actor: str, reason: str = "") -> Incident:
        """Open an incident of alerts, or of what a person told.

        Raises:
            RefusedError: something said is not possible, or an alert is not there.
        """
        incident = self.drafted(said, chosen, actor, reason)
        kept = await self.store.write(lambda rows: ledger.opened(rows, incident, chosen, reason.strip()))
        log.info("incident_opened", number=kept.number, actor=actor, alerts=len(chosen))
        await self.load()
        self.changed()
        return kept

    async def move(self, number: int, request: Request) -> Incident:
        """Do what somebody asks for.

        Raises:
            UnknownIncidentError, ConflictError, RefusedError: it is not possible; nothing was changed.
        """
        now_ns = self.clock.wall_ns()
        moved = await self.store.write(lambda rows: ledger.move(rows, number, request, now_ns))
        log.info("incident_changed", number=number, actor=request.actor, action=request.action)
        await self.load()
        self.changed()
        return moved

    async def load(self) -> None:
        """Have what stands in the rows watched; one after the other, so that what was read last counts."""
        async with self._one_at_a_time:
            self.standing = await self.store.read(search.standing)

    def unsent(self, now_ns: int) -> Iterator[tuple[int, Owed, Standing]]:
        """The reports on open incidents that are owed and not sent, by the number of the incident."""
        for incident, owed in self.standing:
            yield from ((incident.number, one, one.standing(now_ns)) for one in owed if one.sent is None)

    async def whole(self, number: int) -> Whole:
        """One of them.

        Raises:
            UnknownIncidentError: there is none of this number.
        """
        return await self.store.read(lambda rows: search.whole(rows, number))

    async def listed(self, states: Collection[State]) -> Listing:
        """The newest of those in these states."""
        return await self.store.read(lambda rows: search.listed(rows, states))
