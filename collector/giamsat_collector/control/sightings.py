# SPDX-License-Identifier: Apache-2.0
"""What the command line asks about hosts that sensors saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from giamsat_collector.control.server import Command
from giamsat_collector.preconditions import must_be_known
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.sentence import Sentence
from giamsat_collector.sightings.hosts import Host, State, fitting, proposal, step, unwatched
from giamsat_collector.sightings.watching import SightedHosts


@dataclass(frozen=True, slots=True)
class SightingsCommands:
    """Commands of the administration socket about hosts of networks."""

    sighted: SightedHosts
    registry: Registry

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {"registry.sightings": self.show}

    async def show(self, unit: str = "", state: str = "", text: str = "") -> dict[str, Any]:
        """The hosts that are asked for, what the units among them do next, and a file that proposes them."""
        if state:
            must_be_known(
                state, set(State), Sentence("state"), Sentence("the states are {names}", names=", ".join(State))
            )
        units = self.registry.within(unit) if unit else ()
        hosts = tuple(fitting(await self.sighted.hosts(), units, state, text))
        return {
            "hosts": [host.as_json(self._unit_name(host)) for host in hosts],
            "steps": [
                {"unit": one, "unwatched": count, "step": {"vi": (said := step(one, count)).vi, "en": said.en}}
                for one, count in unwatched(hosts).items()
            ],
            "proposal": proposal(hosts),
        }

    def _unit_name(self, host: Host) -> str:
        unit = self.registry.units.get(host.unit)
        return unit.name if unit else host.unit
