# SPDX-License-Identifier: Apache-2.0
"""The faces a collector shows: to the administrator, to analysts and to Prometheus."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

from giamsat_collector import own, web
from giamsat_collector.console.accounts import Accounts
from giamsat_collector.console.app import create_app
from giamsat_collector.console.hosts import WatchedHosts
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Lifetime
from giamsat_collector.console.theme import Theme
from giamsat_collector.console.users import first_login_secret
from giamsat_collector.control.accounting import Accounting
from giamsat_collector.control.admitting import Admitting
from giamsat_collector.control.alerting import Alerting
from giamsat_collector.control.availing import Availing
from giamsat_collector.control.backing import Backing
from giamsat_collector.control.caller import is_login
from giamsat_collector.control.carrying import Parcels
from giamsat_collector.control.covering import Covering
from giamsat_collector.control.enrolling import Enrolling
from giamsat_collector.control.flowing import Flowing
from giamsat_collector.control.handling import Handling
from giamsat_collector.control.indicating import Indicating
from giamsat_collector.control.issuing import Issuing
from giamsat_collector.control.notifying import Notifying
from giamsat_collector.control.registering import Registering
from giamsat_collector.control.reporting import Reporting
from giamsat_collector.control.rotating import Rotating
from giamsat_collector.control.ruling import Ruling
from giamsat_collector.control.server import Command, together
from giamsat_collector.control.spotting import Spotting
from giamsat_collector.control.stating import Stating
from giamsat_collector.control.suppressing import Suppressing
from giamsat_collector.coverage.recent import Recent
from giamsat_collector.enrol.agreement import Agreements
from giamsat_collector.enrol.carried import Carried
from giamsat_collector.enrol.server_certificate import ServerCertificate
from giamsat_collector.expose.bearer import open_token
from giamsat_collector.expose.discovery import Target
from giamsat_collector.expose.own import OwnMetrics
from giamsat_collector.expose.routes import router
from giamsat_collector.itself import SELF
from giamsat_collector.parts import Parts
from giamsat_collector.registry.amending import Amending


def commands(parts: Parts, ports: dict[str, int], certificate: ServerCertificate) -> Mapping[str, Command]:
    """What the administration socket can have done; `ports` are those the servers have taken."""
    name, zone = parts.config.listen.names[0], parts.config.console.zone
    desk = f"{name}:{ports['enrol']}"

    async def status() -> dict[str, Any]:
        return {
            "version": version("giamsat-collector"),
            **{f"{kind}_port": port for kind, port in ports.items()},
            "console": f"https://{name}:{ports['console']}/",
            **own.summary(parts),
        }

    groups = together(
        Accounting(parts.ledger, parts.registry),
        Admitting(Accounts(parts.store, parts.clock, parts.passwords, _draw, is_login), lambda: first_login(parts)),
        Alerting(parts.store, parts.clock, parts.registry, parts.rules.force, parts.news.publish),
        Availing(parts.store, parts.registry, parts.clock, zone, parts.news.publish),
        Backing(parts.backups, parts.clock),
        Covering(parts.store, parts.coverage, lambda: parts.sighted.counts),
        Enrolling(
            store=parts.store,
            clock=parts.clock,
            registry=parts.registry,
            fleet=parts.fleet,
            pages=parts.pages,
            allow_list=parts.doors.allow_list,
            carried=Carried(parts.store, parts.doors.enrolment, desk),
        ),
        Flowing(parts.store, parts.registry),
        Handling(parts.incidents),
        Indicating(parts.lists),
        Issuing(
            store=parts.store,
            clock=parts.clock,
            registry=parts.registry,
            signer=parts.authority.signer,
            address=desk,
            agreements=agreements(parts),
            two_persons_from_level=parts.config.enrolment.two_persons_from_level,
        ),
        Notifying(parts.telling),
        Parcels(parts.doors.carrying, parts.authority.carrier),
        Registering(parts.store, parts.clock, parts.registry, zone, _amending(parts)),
        Reporting(parts.reports),
        Rotating(
            store=parts.store,
            clock=parts.clock,
            authority=parts.authority,
            allow_list=parts.doors.allow_list,
            fleet=parts.fleet,
            registry=parts.registry,
            follow=lambda: parts.authority.look(certificate),
        ),
        Ruling(
            parts.store,
            parts.registry,
            parts.rules.force,
            parts.rules.shelf,
            parts.rules.configured,
            parts.rules.trust,
            parts.clock,
            zone,
        ),
        Spotting(parts.sighted, parts.registry),
        Stating(parts.daily),
        Suppressing(parts.suppressions, parts.registry, parts.rules.force),
    )
    return {**groups, "status": status}


def console(parts: Parts) -> web.Application:
    """Console, API and the pages for Prometheus on one port."""
    page, one_at_a_time = OwnMetrics(), asyncio.Lock()
    recent = Recent(lambda: parts.coverage.now(parts.store), parts.clock)

    async def metrics() -> bytes:
        async with one_at_a_time:
            reading = await own.reading(parts, (await recent.now()).systems)
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
        tell=partial(parts.doors.notices.saw, SELF),
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
    return Agreements(parts.store, parts.clock, partial(parts.doors.notices.saw, SELF))


async def first_login(parts: Parts) -> str | None:
    """A secret for the first login, until somebody has chosen a password."""
    passwords, now = parts.passwords, parts.clock.wall_ns()
    return await parts.store.write(
        lambda connection: first_login_secret(connection, passwords=passwords, draw=_draw, now_ns=now)
    )


def targets(parts: Parts) -> Sequence[Target]:
    """Every host that may connect, as Prometheus is told of it."""
    found = []
    for agent in parts.doors.allow_list:
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
