# SPDX-License-Identifier: Apache-2.0
"""A real enrolment server, and the one agents stream to, on loopback with their own authority and database."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from giamsat_collector.enrol import tokens
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.emergency import Emergency, open_emergency
from giamsat_collector.enrol.renewing import RenewalService
from giamsat_collector.enrol.server_certificate import ServerCertificate
from giamsat_collector.enrol.service import EnrolService, build
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest import frames, peer
from giamsat_collector.ingest import server as ingest
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.notices import Notices
from giamsat_collector.ingest.service import IngestService
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.clock import Clock, SystemClock
from giamsat_wire.codec import Happenings, decode
from giamsat_wire.record import Event
from support.authority import LocalAuthority, open_authority
from support.tables import create_tables

HOUR_NS = 3600 * 1_000_000_000


@dataclass
class Desk:
    """Where hosts are enrolled."""

    authority: LocalAuthority
    store: SqliteStore
    service: EnrolService
    allow_list: AllowList
    clock: Clock
    certificate: ServerCertificate
    emergency: Emergency
    port: int = 0
    ingest_port: int = 0
    placed: list[object] = field(default_factory=list)

    async def follow(self):
        """Let what the servers show follow the roots."""
        await self.authority.signer.look()
        await self.certificate.look()

    @property
    def ingest(self) -> str:
        """Where agents stream to."""
        return f"127.0.0.1:{self.ingest_port}"

    async def remarks(self) -> list[str]:
        """What the collector noticed of its agents, kind by kind."""
        return [event.kind for event in await self.remarked()]

    async def remarked(self) -> list[Event]:
        """The same, in full."""
        stored = await self.store.read(lambda connection: frames.after(connection, 0, 100))
        read = (decode(one.flags, one.payload, ChainDecoder()) for one in stored)
        return [event for held in read if isinstance(held, Happenings) for event in held.events]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def token(
        self, uses: int = 1, lifetime_ns: int = HOUR_NS, unit: str = "40.412", *, two_persons: bool = False
    ) -> str:
        given = {"uses": uses, "lifetime_ns": lifetime_ns, "unit": unit, "two_persons": two_persons}
        now_ns = self.clock.wall_ns()
        return await self.store.write(
            lambda connection: issued_token(connection, self.authority, **given, now_ns=now_ns)
        )


def issued_token(connection, authority, *, uses=1, lifetime_ns=HOUR_NS, unit="40.412", now_ns=None, two_persons=False):
    """A token for hosts of a unit and of one system."""
    return tokens.issue(
        connection,
        unit=unit,
        system="S1",
        uses=uses,
        lifetime_ns=lifetime_ns,
        root_pin=authority.root_spki_sha256,
        by="an",
        now_ns=authority.clock.wall_ns() if now_ns is None else now_ns,
        two_persons=two_persons,
    )


@contextlib.asynccontextmanager
async def desk(folder: Path, clock: Clock | None = None, emergency_keys: Sequence[str] = ()):
    """A desk that is open while the context lasts."""
    clock = clock or SystemClock()
    store = SqliteStore(folder / "giamsat.db")
    await store.write(create_tables)
    authority = open_authority(folder / "ca", clock)
    allow_list = AllowList(lambda agent, why: None)
    emergency = open_emergency(folder, emergency_keys)
    placed: list[object] = []
    intake = Intake(store)
    notices = Notices(store, clock, intake.tail.news.set)
    renewing, caller = peer.admitting(
        store=store,
        signer=authority.signer,
        carrier=authority.carrier,
        allow_list=allow_list,
        clock=clock,
        notices=notices,
    )
    service = EnrolService(
        store=store,
        signer=authority.signer,
        allow_list=allow_list,
        clock=clock,
        host_enrolled=lambda connection, agent, system: placed.append((agent.id, agent.unit, system)),
        reload=lambda: asyncio.sleep(0),
        renewing=renewing,
        emergency=emergency,
    )
    streams = IngestService(
        store=store, intake=intake, fleet=Fleet(clock), clock=clock, authenticate=caller, saw=notices.saw
    )
    own = authority.certificate()
    server, port = build(service, "127.0.0.1:0", own.credentials())
    agents, ingest_port = ingest.build(
        streams,
        RenewalService(renewing, caller),
        "127.0.0.1:0",
        own.credentials(clients=True),
    )
    for one in (server, agents):
        await one.start()
    yield Desk(authority, store, service, allow_list, clock, own, emergency, port, ingest_port, placed)
    for one in (server, agents):
        await one.stop(None)
    await store.close()
