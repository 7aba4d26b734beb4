# SPDX-License-Identifier: Apache-2.0
"""What the collector itself notices of an agent, written down as an event of that agent, for the rules to judge.

It lies among the agent's frames in an epoch of its own, which no agent can use, so it is judged once, in order, and
again when windows are rebuilt, like everything else.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import structlog
from sqlalchemy import Connection, func, insert, select

from giamsat_collector.errors import StoreError
from giamsat_collector.ingest.tables import frames
from giamsat_collector.store import Store
from giamsat_wire import catalogue
from giamsat_wire.clock import Clock
from giamsat_wire.codec import encode_happenings
from giamsat_wire.record import Event, FieldValue

log = structlog.get_logger()

EPOCH: Final = 0
"""Epochs of agents begin at 1."""
PROVIDER: Final = "collector"

TWO_INSTANCES: Final = "agent-identity-concurrent"
SUPERSEDED: Final = "agent-certificate-superseded"
WENT_BACK: Final = "agent-sequence-regressed"
UNBALANCED: Final = "agent-books-unbalanced"
FORGED: Final = "agent-identity-forged"


class Notices:
    """Writes remarks down. `wake` is called when there is something new to judge."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    def remark(self, connection: Connection, agent: str, kind: str, fields: Mapping[str, str]) -> None:
        """Add an event of the catalogue to what waits to be judged, in the caller's transaction."""
        now, lane = self._clock.wall_ns(), catalogue.lane_of(kind)
        said: dict[str, FieldValue] = {
            "event.provider": PROVIDER,
            "event.category": catalogue.events()[kind].category,
            **fields,
        }
        (encoded,) = encode_happenings([Event(kind, now, self._clock.mono_ns(), said)])
        own = (frames.c.agent == agent, frames.c.epoch == EPOCH, frames.c.lane == int(lane))
        last = connection.scalar(select(func.max(frames.c.seq)).where(*own)) or 0
        connection.execute(
            insert(frames).values(
                agent=agent,
                epoch=EPOCH,
                lane=int(lane),
                seq=max(last + 1, now),  # judged frames are let go of, and their numbers must not come again
                flags=int(encoded.flags),
                received_ns=now,
                offset_ns=0,
                payload=encoded.payload,
            )
        )
        self._wake()

    async def saw(self, agent: str, kind: str, fields: Mapping[str, str] = MappingProxyType({})) -> None:
        """Remark on an agent; a database that cannot be written does not keep the caller from refusing it."""
        try:
            await self._store.write(lambda connection: self.remark(connection, agent, kind, fields))
        except StoreError as error:
            log.error("remark_not_stored", agent=agent, kind=kind, reason=str(error))  # noqa: TRY400 - says it all
        self._wake()
