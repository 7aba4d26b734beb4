# SPDX-License-Identifier: Apache-2.0
"""What the command line asks about flows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from giamsat_collector.control.server import Command
from giamsat_collector.errors import RefusedError
from giamsat_collector.preconditions import must_be_registered
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_collector.traffic import search
from giamsat_collector.traffic.minute import as_json
from giamsat_collector.traffic.search import PORTS, Wanted

LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class FlowsCommands:
    """Commands of the administration socket about who talked with whom."""

    store: Store
    registry: Registry

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {"flows.search": self.find}

    async def find(  # noqa: PLR0917 - by name
        self,
        since_ns: int,
        until_ns: int,
        address: str = "",
        port: int = 0,
        name: str = "",
        asset: str = "",
        unit: str = "",
        limit: int = 100,
    ) -> dict[str, Any]:
        """The flows that fit, the newest minute first."""
        if not 0 <= port <= PORTS:
            raise RefusedError("{port} is no port; ports are 1 to {most}", port=port, most=PORTS)
        chosen = self._assets(asset, unit)
        wanted = Wanted(since_ns, until_ns, search.network(address), port, name, chosen)
        found = await self.store.read(lambda connection: search.search(connection, wanted, min(limit, LIMIT)))
        return {
            "flows": [as_json(*one) for one in found.flows],
            "minutes": found.minutes,
            "bytes": found.bytes,
            "others_bytes": found.others,
            "more": found.more,
        }

    def _assets(self, asset: str, unit: str) -> list[str] | None:
        if asset:
            places = {one.asset: one for one in self.registry}
            must_be_registered("asset", asset, places)
            return [asset]
        if unit:
            units = self.registry.within(unit)
            return [one.asset for one in self.registry if one.unit in units]
        return None
