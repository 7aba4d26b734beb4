# SPDX-License-Identifier: Apache-2.0
"""The administrator's commands on a database in memory, and what they act on."""

import inspect
import json
from dataclasses import replace
from datetime import UTC
from types import SimpleNamespace
from typing import cast

from giamsat_collector.backup.standing import Standing
from giamsat_collector.console.accounts import Accounts
from giamsat_collector.control.accounts import AccountsCommands
from giamsat_collector.control.alerts import AlertsCommands
from giamsat_collector.control.authority import AuthorityCommands
from giamsat_collector.control.availability import AvailabilityCommands
from giamsat_collector.control.backup import BackupCommands
from giamsat_collector.control.caller import Caller
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
from giamsat_collector.control.server import together
from giamsat_collector.control.sightings import SightingsCommands
from giamsat_collector.control.spool import SpoolCommands
from giamsat_collector.control.statements import StatementsCommands
from giamsat_collector.control.suppress import SuppressCommands
from giamsat_collector.control.tokens import TokensCommands
from giamsat_collector.coverage.completeness import Ledger
from giamsat_collector.coverage.daily import Daily
from giamsat_collector.coverage.seal import open_seal
from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.enrol import agents
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.authority import Authority
from giamsat_collector.enrol.carried import Carried
from giamsat_collector.enrol.emergency import open_emergency
from giamsat_collector.enrol.ending import Ending
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest.carrying import Carrying
from giamsat_collector.ingest.conservation import Waiting
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.outbox import Live
from giamsat_collector.ingest.service import IngestService
from giamsat_collector.ingest.session import Session
from giamsat_collector.notifying.delivery import Telling
from giamsat_collector.registry.amendment import Amending
from giamsat_collector.reports.generator import Reports
from giamsat_collector.rulebook.shelf import Shelf
from giamsat_collector.suppressing.keeping import Keeping
from giamsat_rules.load import shipped
from giamsat_wire.lane import Lane
from support.authority import open_authority
from support.console import Console
from support.coverage import coverage
from support.emergency_keys import made_keys
from support.enrolled import enrolled
from support.sighting import sighted

AN = Caller("an", person=True)


class Office:
    """The commands, and what they act on."""

    def __init__(self, folder):
        self.folder = folder
        self.console = Console()
        self.store, self.clock, self.registry = self.console.store, self.console.clock, self.console.registry
        self.fleet, self.pages, self.changes = Fleet(self.clock), HostPages(), 0
        self.cut: list[tuple[str, str]] = []
        self.authority = open_authority(folder / "ca", self.clock)
        self.holders = made_keys(folder)
        self.emergency = open_emergency(folder, [str(file) for file in self.holders[1]])
        self.allow_list = AllowList(lambda agent, why: self.cut.append((agent, why)))
        self.sighted = sighted(self)
        self.waiting: dict[Lane, Waiting] = {}
        self.books = Books(lambda _: self.waiting)
        self.coverage = covered = coverage(self)
        self.force = covered.force
        self.ruling = RulesCommands(
            self.store, self.registry, covered.force, Shelf(folder / "rules"), shipped(), None, self.clock, UTC
        )
        self.daily = Daily(self.store, covered, open_seal(folder / "statement.key"), UTC)
        self.reports = Reports(self.store, self.clock, self.daily.at_end_of, lambda: covered.book.obligations, UTC)
        ingest = cast("IngestService", SimpleNamespace(waiting=lambda _: self.waiting))
        self.ledger = Ledger(self.store, ingest, self.pages, self.books, self.clock)
        self.ending = Ending(
            store=self.store,
            allow_list=self.allow_list,
            clock=self.clock,
            gone=lambda: {one.id: one.valid_to for one in self.registry.gone.values()},
            unit_of=lambda agent: self.registry.unit(agent.id) or self.registry.heir(agent.unit),
            forget=self.fleet.forget,
        )
        self.telling = Telling(self.store, self.registry, [], "https://soc.example/alerts/".__add__, self.clock.wall_ns)
        self.commands = together(
            AlertsCommands(self.store, self.clock, self.registry, covered.force, self._changed),
            RegistryCommands(
                self.store,
                self.clock,
                self.registry,
                UTC,
                Amending(
                    self.store,
                    self.clock,
                    self.registry,
                    UTC,
                    lambda: tuple(covered.force.book.standards.packs),
                    self.ending.look,
                ),
            ),
            EnrolCommands(
                store=self.store,
                clock=self.clock,
                registry=self.registry,
                fleet=self.fleet,
                pages=self.pages,
                allow_list=self.allow_list,
                carried=self._carried(),
            ),
            TokensCommands(
                store=self.store,
                clock=self.clock,
                registry=self.registry,
                signer=self.authority.signer,
                address="soc.example:7444",
                agreements=self.console.services.agreements,
                two_persons_from_level=4,
            ),
            BackupCommands(Standing(self.folder, self.clock.wall_ns()), self.clock),
            CoverageCommands(self.store, covered, lambda: self.sighted.counts),
            AvailabilityCommands(self.store, self.registry, self.clock, UTC, self._changed),
            FlowsCommands(self.store, self.registry),
            IncidentsCommands(self.console.services.incidents),
            IndicatorsCommands(self.console.services.lists),
            NotifyCommands(self.telling),
            SightingsCommands(self.sighted, self.registry),
            StatementsCommands(self.daily),
            LedgerCommands(self.ledger, self.registry),
            ReportCommands(self.reports),
            self.ruling,
            SuppressCommands(
                Keeping(self.store, self.clock, lambda: covered.force.suppressions), self.registry, covered.force
            ),
            AccountsCommands(
                Accounts(
                    self.store, self.clock, self.console.passwords, self.console.services.draw, {"an"}.__contains__
                ),
                self._first_login,
            ),
            self._parcels(),
            AuthorityCommands(
                store=self.store,
                clock=self.clock,
                authority=Authority(
                    folder,
                    folder / "signer.sock",
                    self.authority.signer,
                    self.authority.carrier,
                    self.emergency,
                    None,
                ),
                allow_list=self.allow_list,
                fleet=self.fleet,
                registry=self.registry,
                follow=self._follow,
            ),
        )

    def _carried(self):
        """Enrolment by hand that nobody asks for here; tests/e2e/test_carried.py has the whole way."""
        return cast("Carried", SimpleNamespace())

    def _parcels(self):
        carrier = self.authority.carrier
        self.intake = Intake(self.store)
        self.lives = {}
        carrying = Carrying(
            store=self.store,
            intake=self.intake,
            clock=self.clock,
            carrier=carrier.key,
            find=self.allow_list.find,
            live=self._live,
            offset_ns=self.fleet.offset_ns,
            saw=self._saw,
        )
        return SpoolCommands(carrying, carrier)

    async def _live(self, agent):
        return self.lives.setdefault(agent, Live(agent, Session()))

    async def _saw(self, agent, kind):
        pass

    async def _follow(self):
        await self.authority.signer.look()

    async def _first_login(self):
        return None

    def _changed(self):
        self.changes += 1

    async def do(self, command, **arguments):
        """What the socket would be answered, as JSON carries it, when an asks; or another `caller`."""
        chosen = self.commands[command]
        who = {"caller": AN} if "caller" in inspect.signature(chosen).parameters else {}
        return json.loads(json.dumps(await chosen(**{**who, **arguments})))

    def enrolled(self):
        agent = replace(enrolled(), hostname="tên-cũ")
        self.store.now(lambda connection: agents.add(connection, agent))
        self.allow_list.keep(agent)
