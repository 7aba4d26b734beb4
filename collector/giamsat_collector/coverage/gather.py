# SPDX-License-Identifier: Apache-2.0
"""Reads what arrived: from the rows and from the parts that heard it. It decides nothing."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select, union_all

from giamsat_collector.alerts.tables import alerts
from giamsat_collector.archive.folder import Archive
from giamsat_collector.coverage.decide import LOG_SILENT, OFFSET, decide
from giamsat_collector.coverage.evidence import Attestation, Eased, HostEvidence, SystemEvidence
from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.coverage.sources import is_log
from giamsat_collector.coverage.statement import Statement
from giamsat_collector.coverage.tables import attestations
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest.tables import frames
from giamsat_collector.judge import Judge
from giamsat_collector.registry.record import System
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.registry.tables import assets, memberships
from giamsat_collector.rulebook.force import InForce
from giamsat_collector.rulebook.register import easings, system_subject
from giamsat_collector.rulebook.rulebook import Rulebook
from giamsat_collector.store import Store
from giamsat_rules.level import STRICTEST, LevelPack
from giamsat_rules.obligation import Obligation, Proof
from giamsat_wire import limits
from giamsat_wire.clock import SECOND_NS, Clock

NEW: Final = "new"
TOGETHER: Final = 64
"""Systems that are decided before others may do their work: some 20 ms of thousands of hosts. Fewer would make a scrape
wait for as many turns of all that is going on."""
CAPTURE_UP: Final = "giamsat_capture_up"
CAPTURE_FACTOR: Final = "giamsat_capture_interval_factor"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the rows say: hosts by system with since when they are known, the oldest frame, alerts that wait."""

    hosts: Mapping[str, Mapping[str, tuple[str, int]]] = field(default_factory=dict)
    oldest_ns: int | None = None
    waiting_ns: Mapping[str, int] = field(default_factory=dict)
    attested: Mapping[str, Mapping[str, Attestation]] = field(default_factory=dict)


def stored(connection: Connection, today: str) -> Stored:
    """Read the rows; what was attested counts up to its last day."""
    hosts: dict[str, dict[str, tuple[str, int]]] = {}
    query = select(memberships.c.system, assets.c.id, assets.c.name, assets.c.since_ns).join(assets)
    for system, asset, name, since_ns in connection.execute(query.where(assets.c.kind == "host")):
        hosts.setdefault(system, {})[asset] = (name, since_ns)
    attested: dict[str, dict[str, Attestation]] = {}
    for row in connection.execute(select(attestations).where(attestations.c.expires >= today)):
        one = Attestation(row.obligation, row.state, row.document, row.text, row.expires)
        attested.setdefault(row.system, {})[row.obligation] = one
    return Stored(
        hosts=hosts,
        oldest_ns=connection.scalar(select(func.min(frames.c.received_ns))),
        waiting_ns=_waiting(connection),
        attested=attested,
    )


def _waiting(connection: Connection) -> Mapping[str, int]:
    """Since when the oldest alert nobody has looked at waits: for its system, and for each its asset belongs to."""
    # None that is new is closed: it is said because that is what the alerts are indexed by.
    new = ~alerts.c.closed, alerts.c.state == NEW, alerts.c.maintenance.is_(None), alerts.c.cause.is_(None)
    named = select(alerts.c.system, alerts.c.opened_ns).where(*new, alerts.c.system.is_not(None))
    shared = select(memberships.c.system, alerts.c.opened_ns).join(memberships, memberships.c.asset == alerts.c.asset)
    every = union_all(named, shared.where(*new)).subquery()
    query = select(every.c.system, func.min(every.c.opened_ns).label("since_ns")).group_by(every.c.system)
    return {row.system: row.since_ns for row in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class Coverage:
    """The parts coverage is read from."""

    registry: Registry
    fleet: Fleet
    pages: HostPages
    judge: Judge
    books: Books
    allow_list: AllowList
    force: InForce
    archive: Archive
    clock: Clock

    @property
    def book(self) -> Rulebook:
        """The rules, the level packs and what systems owe by them, as they are in force."""
        return self.force.book

    def owed(self, system: System) -> tuple[Obligation, ...]:
        """What a system owes: by the pack its dossier names, or by the default one when nobody has that."""
        return self.book.duties[self.book.standards.pack(system.pack).name]

    def today(self, at_ns: int) -> str:
        """The date at a moment where the collector stands, as documents name it."""
        return f"{datetime.fromtimestamp(at_ns // SECOND_NS, self.book.standards.zone):%Y-%m-%d}"

    async def now(self, store: Store, signed_ns: int | None = None) -> Statement:
        """How every system stands now; `signed_ns` is of when documents count, if not of now."""
        at_ns = self.clock.wall_ns() if signed_ns is None else signed_ns
        return await self._statement(await store.read(lambda connection: stored(connection, self.today(at_ns))), at_ns)

    async def _statement(self, rows: Stored, signed_ns: int) -> Statement:
        """How every system stands, by these rows and what was heard; what arrives meanwhile is not kept waiting."""
        now_ns = self.clock.wall_ns()
        archived = self.archive.oldest()
        found = []
        for number, system in enumerate(self._systems()):
            if number % TOGETHER == 0:
                await asyncio.sleep(0)
            if system.id not in self.registry.systems:  # it ended meanwhile
                continue
            found.append(decide(self.owed(system), self._evidence(system, rows, archived, now_ns, signed_ns)))
        packs = sorted({one.pack for one in found}) or [_named(self.book.pack)]
        return Statement(now_ns, ", ".join(packs), tuple(found))

    def _level(self, system: System) -> int:
        """The level a system is judged by: its own, unless nobody has the pack its dossier names."""
        return system.level if system.pack in self.book.standards.packs else STRICTEST

    def _systems(self) -> Iterable[System]:
        return sorted(self.registry.systems.values(), key=lambda system: system.id)

    def _evidence(
        self, system: System, rows: Stored, archived: Mapping[int, int], now_ns: int, signed_ns: int
    ) -> SystemEvidence:
        standards = self.book.standards
        pack, known_pack = standards.pack(system.pack), system.pack in standards.packs
        level = self._level(system)
        profile = standards.profile_of(system_subject(system.id, self.registry), signed_ns)
        known = rows.hosts.get(system.id, {})
        owed = {one.proof for one in self.owed(system) if level in one.clauses}
        hosts = tuple(self._hosts(known, now_ns, captures=Proof.PACKETS_WATCHED in owed))
        since_ns = min((known[host.asset][1] for host in hosts), default=now_ns)
        waiting_ns = rows.waiting_ns.get(system.id)
        kept_ns = (rows.oldest_ns, self._archived(hosts, archived))
        oldest_ns = min((one for one in kept_ns if one is not None), default=None)
        disabled = self.force.disabled
        return SystemEvidence(
            system=system.id,
            level=level,
            hosts=hosts,
            kept_s=0.0 if oldest_ns is None else (now_ns - oldest_ns) / SECOND_NS,
            watched_s=(now_ns - since_ns) / SECOND_NS,
            offset_limit_s=profile.values[OFFSET],
            log_silent_s=profile.values[LOG_SILENT],
            disabled=tuple(sorted(name for name in disabled if profile.judges(name))),
            waiting_s=None if waiting_ns is None else (now_ns - waiting_ns) / SECOND_NS,
            attested=rows.attested.get(system.id, {}),
            pack=_named(pack),
            profile=profile.hash,
            stranger="" if known_pack else system.pack,
            eased=tuple(self._eased(system, hosts, signed_ns)),
        )

    def _archived(self, hosts: Iterable[HostEvidence], archived: Mapping[int, int]) -> int | None:
        """Since when records are archived at each level these hosts are judged by; None when at one there are none."""
        levels = {self.registry.level(host.asset) or STRICTEST for host in hosts}
        return max(archived[level] for level in levels) if levels and levels <= archived.keys() else None

    def _eased(self, system: System, hosts: Iterable[HostEvidence], at_ns: int) -> Iterator[Eased]:
        """What overrides ask less of, for the system or one of its hosts, be it by another system of that host."""
        whole = system_subject(system.id, self.registry)
        judged = [self.registry.subject(host.asset) for host in hosts]
        for one, step in easings(self.book.standards, whole, judged, at_ns):
            yield Eased(step.name, one.document, one.last.isoformat())

    def _hosts(self, known: Mapping[str, tuple[str, int]], now_ns: int, *, captures: bool) -> Iterator[HostEvidence]:
        for asset, (name, _) in sorted(known.items()):
            agent = self.allow_list.find(asset)
            if agent is not None and agent.revoked_ns is not None:
                continue
            contact = self.fleet.contact(asset)
            if contact is None:
                yield HostEvidence(asset, name, None, 0.0)
                continue
            sources, flows_ns = self.books.of(asset), self.judge.flows_seen.get(asset)
            yield HostEvidence(
                asset=asset,
                name=name,
                quiet_s=(now_ns - contact.heard_ns) / SECOND_NS,
                # One that said goodbye is not waited for.
                allowed_s=-1.0 if contact.left is not None else limits.STALE_PERIODS * contact.period_s,
                offset_s=contact.offset_ns / SECOND_NS,
                logs={
                    source: (now_ns - at_ns) / SECOND_NS for source, at_ns in self.judge.silences.sources(asset).items()
                },
                flows_s=None if flows_ns is None else (now_ns - flows_ns) / SECOND_NS,
                stopped=tuple(name for name, its in sources.items() if its.up is False and is_log(name)),
                losing=tuple(name for name, its in sources.items() if its.lacking),
                **(self._captures(asset, now_ns) if captures else {}),
            )

    def _captures(self, asset: str, now_ns: int) -> Mapping[str, int]:
        """How many network interfaces of a host are watched, and how many in part; looked for only where it is owed."""
        up, factors = set(), {}
        for sample in self.pages.samples(asset, now_ns):
            if sample.name == CAPTURE_UP and sample.value == 1:
                up.add(sample.labels)
            elif sample.name == CAPTURE_FACTOR:
                factors[sample.labels] = sample.value
        return {"captures": len(up), "thinned": sum(factors.get(labels, 1) > 1 for labels in up)}


def _named(pack: LevelPack) -> str:
    return f"{pack.name} {pack.version}"
