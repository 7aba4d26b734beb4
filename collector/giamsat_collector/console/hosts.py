# SPDX-License-Identifier: Apache-2.0
"""Hosts as the registry places them and the fleet hears them."""

import asyncio
from collections.abc import Sequence
from typing import Final

from giamsat_collector.console.host import HostStatus
from giamsat_collector.fleet import Fleet
from giamsat_collector.registry.record import Placement
from giamsat_collector.registry.snapshot import Registry
from giamsat_wire.clock import Clock

KEPT_NS: Final = 10**9
"""Every page shows how many hosts report, and open pages ask again with each alert: thousands are counted once."""


class WatchedHosts:
    """Implements `host.Hosts`."""

    def __init__(self, registry: Registry, fleet: Fleet, clock: Clock) -> None:
        self._registry = registry
        self._fleet = fleet
        self._clock = clock
        self._known: Sequence[HostStatus] = ()
        self._known_ns = -KEPT_NS

    async def statuses(self) -> Sequence[HostStatus]:
        """Every host that is registered or was ever heard, in no order, as it was at most KEPT_NS ago."""
        now_ns = self._clock.wall_ns()
        if not 0 <= now_ns - self._known_ns < KEPT_NS:
            self._known, self._known_ns = await asyncio.to_thread(self._now), now_ns
        return self._known

    def _now(self) -> Sequence[HostStatus]:
        placed = {placement.asset: placement for placement in self._registry}
        heard = {contact.agent for contact in self._fleet} - placed.keys()
        strangers = [self._registry.placement(agent) for agent in sorted(heard)]
        return [self._status(placement) for placement in (*placed.values(), *strangers)]

    def _status(self, placement: Placement) -> HostStatus:
        contact = self._fleet.contact(placement.asset)
        name = placement.name
        if contact is not None and name == placement.asset:
            name = contact.hostname or name
        return HostStatus(
            asset=placement.asset,
            name=name,
            unit=placement.unit,
            unit_name=placement.unit_name,
            system=placement.system,
            level=placement.level,
            version=contact.version if contact else "",
            heard_ns=contact.heard_ns if contact else None,
            silent=self._fleet.stale(placement.asset),
            left=contact.left if contact else None,
        )
