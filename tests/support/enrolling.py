# SPDX-License-Identifier: Apache-2.0
"""A real enrolment server on loopback with its own authority and database."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from giamsat_collector.enrol import tokens
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.authority import Authority, open_authority
from giamsat_collector.enrol.renewing import Renewing
from giamsat_collector.enrol.service import EnrolService, build
from giamsat_collector.schema import metadata
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_wire.clock import Clock, SystemClock

HOUR_NS = 3600 * 1_000_000_000


@dataclass
class Desk:
    """Where hosts are enrolled."""

    authority: Authority
    store: SqliteStore
    service: EnrolService
    allow_list: AllowList
    clock: Clock
    port: int = 0
    placed: list[object] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def token(self, uses: int = 1, lifetime_ns: int = HOUR_NS, unit: str = "40.412") -> str:
        return await self.store.write(
            lambda connection: tokens.issue(
                connection,
                unit=unit,
                system="S1",
                uses=uses,
                lifetime_ns=lifetime_ns,
                root_pin=self.authority.root_spki_sha256,
                by="an",
                now_ns=self.clock.wall_ns(),
            )
        )


@contextlib.asynccontextmanager
async def desk(folder: Path, clock: Clock | None = None):
    """A desk that is open while the context lasts."""
    clock = clock or SystemClock()
    store = SqliteStore(folder / "giamsat.db")
    await store.write(metadata.create_all)
    authority = open_authority(folder / "ca", clock)
    allow_list = AllowList(lambda agent, why: None)
    placed: list[object] = []
    remarks: list[tuple[str, str]] = []
    service = EnrolService(
        store=store,
        authority=authority,
        allow_list=allow_list,
        clock=clock,
        host_enrolled=lambda connection, agent, system: placed.append((agent.id, agent.unit, system)),
        reload=lambda: asyncio.sleep(0),
        renewing=Renewing(
            store=store,
            authority=authority,
            allow_list=allow_list,
            clock=clock,
            remark=lambda connection, agent, kind, fields: remarks.append((agent, kind)),
        ),
    )
    server, port = build(service, "127.0.0.1:0", authority.server(("localhost", "127.0.0.1")))
    await server.start()
    yield Desk(authority, store, service, allow_list, clock, port, placed, remarks)
    await server.stop(None)
    await store.close()
