# SPDX-License-Identifier: Apache-2.0
"""Keeps what is known of sighted hosts up to date beside everything else the collector does."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection

from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.sightings import keeping
from giamsat_collector.sightings.hosts import Host, Known, unwatched
from giamsat_collector.sightings.sighting import borne
from giamsat_collector.sightings.vendor import Vendors
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock

AGAIN_NS: Final = 600 * 1_000_000_000
"""How often the Ethernet addresses of an agent are looked at again."""
SLICE: Final = 20
"""Agents looked at before other work of the event loop gets its turn."""
PRESENT_NS: Final = 7 * 86_400 * 1_000_000_000
"""A host unseen for longer is not counted as one that should have an agent."""


class SightedHosts:
    """The hosts sensors see, held against those that are watched. `counts` is how many of a unit have no agent."""

    def __init__(
        self,
        *,
        store: Store,
        registry: Registry,
        allow_list: AllowList,
        pages: HostPages,
        vendors: Vendors,
        clock: Clock,
    ) -> None:
        self._store = store
        self._registry = registry
        self._allow_list = allow_list
        self._pages = pages
        self._vendors = vendors
        self._clock = clock
        self._looked: dict[str, int] = {}
        self._borne: dict[str, Mapping[str, str]] = {}
        self.counts: Mapping[str, int] = {}

    async def look(self) -> None:
        """Learn the addresses of agents and their devices, and count anew."""
        fresh = await self._learn()

        def work(connection: Connection) -> None:
            for asset, macs in fresh.items():
                keeping.keep_watched(connection, asset, macs)

        await self._store.write(work)
        self._borne.update(fresh)
        self.counts = unwatched(await self.hosts(self._clock.wall_ns() - PRESENT_NS))

    async def hosts(self, since_ns: int = 0) -> tuple[Host, ...]:
        """Every host seen since a time."""

        def read(connection: Connection) -> tuple[Host, ...]:
            known = Known(self._registry, self._allow_list, self._vendors, keeping.watched(connection))
            return known.hosts(keeping.every(connection, since_ns))

        # Thousands are held against who is known: where rows are read, not on the event loop.
        return await self._store.read(read)

    async def _learn(self) -> Mapping[str, Mapping[str, str]]:
        """By agent, the addresses that are not those known of it."""
        now_ns, mono_ns, fresh = self._clock.wall_ns(), self._clock.mono_ns(), dict[str, Mapping[str, str]]()
        for number, asset in enumerate(self._due(mono_ns)):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            samples = self._pages.samples(asset, now_ns)
            if samples:
                self._looked[asset] = mono_ns
            macs = dict(borne(samples))
            if macs and macs != self._borne.get(asset):
                fresh[asset] = macs
        return fresh

    def _due(self, mono_ns: int) -> Iterable[str]:
        return [one.id for one in self._allow_list if mono_ns - self._looked.get(one.id, -AGAIN_NS) >= AGAIN_NS]
