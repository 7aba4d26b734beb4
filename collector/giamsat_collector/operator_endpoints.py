# SPDX-License-Identifier: Apache-2.0
"""What the collector offers to those who use it: the administrator, analysts and Prometheus."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

from giamsat_collector import https_server, telemetry
from giamsat_collector.console.accounts import Accounts
from giamsat_collector.console.app import create_app
from giamsat_collector.console.hosts import WatchedHosts
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Lifetime
from giamsat_collector.console.theme import Theme
from giamsat_collector.console.users import first_login_secret
from giamsat_collector.control.accounts import AccountsCommands
from giamsat_collector.control.alerts import AlertsCommands
from giamsat_collector.control.authority import AuthorityCommands
from giamsat_collector.control.availability import AvailabilityCommands
from giamsat_collector.control.backup import BackupCommands
from giamsat_collector.control.caller import is_login
from giamsat_collector.control.coverage import CoverageCommands
from giamsat_collector.control.enrol import EnrolCommands
from giamsat_collector.control.flows import FlowsCommands
from giamsat_collector.control.incidents import IncidentsCommands
from giamsat_collector.control.indicators import IndicatorsCommands
from giamsat_collector.control.ledger import LedgerCommands
from giamsat_collector.control.notify import NotifyCommands
from giamsat_collector.control.registry import RegistryCommands
from giamsat_collector.control.report import ReportCommands
from giamsat_collector.control.rules import RulesCommands
from giamsat_collector.control.server import Command, together
from giamsat_collector.control.sightings import SightingsCommands
from giamsat_collector.control.spool import SpoolCommands
from giamsat_collector.control.statements import StatementsCommands
from giamsat_collector.control.suppress import SuppressCommands
from giamsat_collector.control.tokens import TokensCommands
from giamsat_collector.coverage.recent import Recent
from giamsat_collector.enrol.agreement import Agreements
from giamsat_collector.enrol.carried import Carried
from giamsat_collector.enrol.server_certificate import ServerCertificate
from giamsat_collector.expose.bearer import open_token
from giamsat_collector.expose.collector import OwnMetrics
from giamsat_collector.expose.discovery import Target
from giamsat_collector.expose.routes import router
from giamsat_collector.own_host import SELF
from giamsat_collector.parts import Parts
from giamsat_collector.registry.amendment import Amending


def commands(parts: Parts, ports: dict[str, int], certificate: ServerCertificate) -> Mapping[str, Command]:
    """What the administration socket can have done; `ports` are those the servers have taken."""
    name, zone = parts.config.listen.names[0], parts.config.console.zone
    desk = f"{name}:{ports['enrol']}"

    async def status() -> dict[str, Any]:
        return {
            "version": version("giamsat-collector"),
            **{f"{kind}_port": port for kind, port in ports.items()},
            "console": f"https://{name}:{ports['console']}/",
            **telemetry.summary(parts),
            **await telemetry.database(parts),
        }

    groups = together(
        LedgerCommands(parts.ledger, parts.registry),
        AccountsCommands(
            Accounts(parts.store, parts.clock, parts.passwords, _draw, is_login), lambda: first_login(parts)
        ),
        AlertsCommands(parts.store, parts.clock, parts.registry, parts.rules.force, parts.news.publish),
        AvailabilityCommands(parts.store, parts.registry, parts.clock, zone, parts.news.publish),
        BackupCommands(parts.backups, parts.clock),
        CoverageCommands(parts.store, parts.coverage, lambda: parts.sighted.counts),
        EnrolCommands(
            store=parts.store,
            clock=parts.clock,
            registry=parts.registry,
            fleet=parts.fleet,
            pages=parts.pages,
            allow_list=parts.endpoints.allow_list,
            carried=Carried(parts.store, parts.endpoints.enrolment, desk),
        ),
        FlowsCommands(parts.store, parts.registry),
        IncidentsCommands(parts.incidents),
        IndicatorsCommands(parts.lists),
        TokensCommands(
            store=parts.store,
            clock=parts.clock,
            registry=parts.registry,
            signer=parts.authority.signer,
            address=desk,
            agreements=agreements(parts),
            two_persons_from_level=parts.config.enrolment.two_persons_from_level,
        ),
        NotifyCommands(parts.telling),
        SpoolCommands(parts.endpoints.carrying, parts.authority.carrier),
        RegistryCommands(parts.store, parts.clock, parts.registry, zone, _amending(parts)),
        ReportCommands(parts.reports),
        AuthorityCommands(
            store=parts.store,
            clock=parts.clock,
            authority=parts.authority,
            allow_list=parts.endpoints.allow_list,
            fleet=parts.fleet,
            registry=parts.registry,
            follow=lambda: parts.authority.look(certificate),
        ),
        RulesCommands(
            parts.store,
            parts.registry,
            parts.rules.force,
            parts.rules.shelf,
            parts.rules.configured,
            parts.rules.trust,
            parts.clock,
            zone,
        ),
        SightingsCommands(parts.sighted, parts.registry),
        StatementsCommands(parts.daily),
        SuppressCommands(parts.suppressions, parts.registry, parts.rules.force),
    )
    return {**groups, "status": status}


def console(parts: Parts) -> https_server.Application:
    """Console, API and the pages for Prometheus on one port."""
    page, one_at_a_time = OwnMetrics(), asyncio.Lock()
    recent = Recent(lambda: parts.coverage.now(parts.store), parts.clock)

    async def metrics() -> bytes:
        async with one_at_a_time:
            reading = await telemetry.reading(parts, (await recent.now()).systems)
            return await asyncio.to_thread(page.page, reading)

    prometheus = router(
        token=open_token(parts.folder / "metrics.token", _draw),
        own=metrics,
        pages=parts.pages,
        targets=lambda: targets(parts),
        clock=parts.clock,
    )
    settings = parts.config.console
    services = Services(
        store=parts.store,
        registry=parts.registry,
        hosts=WatchedHosts(parts.registry, parts.fleet, parts.clock),
        news=parts.news,
        clock=parts.clock,
        zone=settings.zone,
        draw=_draw,
        tell=partial(parts.endpoints.notices.saw, SELF),
        coverage=recent.now,
        reports=parts.reports,
        books=parts.ledger.books,
        completeness=parts.ledger.of,
        archived=parts.archive.frames,
        samples=lambda asset: parts.pages.samples(asset, parts.clock.wall_ns()),
        rule=parts.rules.force.header,
        standards=lambda: parts.rules.force.book.standards,
        suppressions=parts.suppressions,
        incidents=parts.incidents,
        lists=parts.lists,
        agreements=agreements(parts),
        sighted=parts.sighted,
        amending=_amending(parts),
        passwords=parts.passwords,
        lifetime=Lifetime(idle=timedelta(minutes=settings.idle_minutes)),
    )
    return create_app(services, Theme(), [prometheus])


def agreements(parts: Parts) -> Agreements:
    """Tokens that wait for a second person."""
    return Agreements(parts.store, parts.clock, partial(parts.endpoints.notices.saw, SELF))


async def first_login(parts: Parts) -> str | None:
    """A secret for the first login, until somebody has chosen a password."""
    passwords, now = parts.passwords, parts.clock.wall_ns()
    return await parts.store.write(
        lambda connection: first_login_secret(connection, passwords=passwords, draw=_draw, now_ns=now)
    )


def targets(parts: Parts) -> Sequence[Target]:
    """Every host that may connect, as Prometheus is told of it."""
    found = []
    for agent in parts.endpoints.allow_list:
        if agent.refused is None:
            place, contact = parts.registry.placement(agent.id), parts.fleet.contact(agent.id)
            hostname = contact.hostname if contact else agent.hostname
            found.append(Target(agent.id, hostname, place.unit or agent.unit, place.system, place.level))
    return found


def _amending(parts: Parts) -> Amending:
    return Amending(
        parts.store,
        parts.clock,
        parts.registry,
        parts.config.console.zone,
        lambda: tuple(parts.rules.force.book.standards.packs),
        parts.ending.look,
    )


def _draw() -> str:
    """A secret of 256 bits."""
    return secrets.token_urlsafe(32)
