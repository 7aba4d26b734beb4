# SPDX-License-Identifier: Apache-2.0
"""Who is on an interface's networks and who talks with whom: what is looked at beside behaviour."""

from collections.abc import Iterator

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.flow_minutes import FlowMinutes
from giamsat_agent.packets.sightings import Sightings
from giamsat_agent.packets.telling.report import FlowMinute, Sighted
from giamsat_agent.packets.uploads import Uploads
from giamsat_agent.packets.watch import Observer


class Traffic:
    """Hosts and flows of one interface. `observers` are to look at its frames."""

    def __init__(self, interface: str, *, sightings: bool, flow_bytes: int) -> None:
        """`sightings`: tell of hosts; `flow_bytes` are those the flows of a minute may take."""
        self._sightings = Sightings(interface)
        self._flows = FlowMinutes(interface, flow_bytes)
        self._uploads = Uploads()
        self.observers: tuple[Observer, ...] = (self._flows, self._sightings) if sightings else (self._flows,)

    @property
    def evicted(self) -> int:
        """How much was let go of for want of room."""
        return self._sightings.evicted + self._uploads.evicted

    def due(self, now_ns: int) -> Iterator[Sighted | FlowMinute | Anomaly]:
        """What is to be told by now."""
        yield from self._sightings.due(now_ns)
        for minute in self._flows.due(now_ns):
            yield minute
            yield from self._uploads.take(self._flows.ended, now_ns)
