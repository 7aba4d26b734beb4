# SPDX-License-Identifier: Apache-2.0
"""A console of our own: real rows in memory, a few hosts and alerts, and a client that speaks ASGI to it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from http.cookies import SimpleCookie
from itertools import count
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from giamsat_collector.alerts import ledger
from giamsat_collector.console import users
from giamsat_collector.console.app import create_app
from giamsat_collector.console.broadcast import News
from giamsat_collector.console.host import HostStatus
from giamsat_collector.console.passwords import Passwords
from giamsat_collector.console.role import Role
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Lifetime
from giamsat_collector.console.theme import Theme
from giamsat_collector.coverage.completeness import Completeness, Line
from giamsat_collector.coverage.declared import declare
from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.coverage.statement import Statement
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.agreement import Agreements
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.incidents.keeping import Incidents
from giamsat_collector.indicators.contact import Indicators
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.registry import rows
from giamsat_collector.registry.amendment import Amending
from giamsat_collector.registry.record import PACK, Asset, AssetKind, Placement, System, Unit, UnitKind
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.reports.generator import Reports
from giamsat_collector.suppressing.keeping import Keeping
from giamsat_rules.load import load_standards, shipped
from giamsat_rules.rule import Header
from giamsat_rules.standards import Standards
from giamsat_rules.suppression import Suppressions
from giamsat_wire.record import Sample
from support.clock import ManualClock
from support.listing import lists
from support.memory_store import MemoryStore
from support.sighting import sighted
from support.verdicts import recorded, verdict

PASSWORD = "một câu dài dễ nhớ"
HERE = "console.test"
SECOND = 1_000_000_000
STANDARDS = load_standards(shipped())
THEME = Theme()


@dataclass
class FixedHosts:
    """Implements giamsat_collector.console.host.Hosts."""

    known: Sequence[HostStatus] = ()

    async def statuses(self):
        return self.known


@dataclass
class Console:
    """A console and what stands behind it."""

    clock: ManualClock = field(default_factory=ManualClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    hosts: FixedHosts = field(default_factory=FixedHosts)
    rules: dict[str, Header] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    archived: Sequence[StoredFrame] = ()
    samples: dict[str, Sequence[Sample]] = field(default_factory=dict)
    standards: Standards = STANDARDS
    statement: Statement = field(default_factory=lambda: Statement(0, "tcvn11930-2017 1.0.0", ()))

    def __post_init__(self):
        numbers = count(1)  # tokens are told apart, and guessing is not what is tested
        self.told, self.news, self.books = [], News(), Books(lambda _: {})
        self.registry, self.suppressions = Registry(), Suppressions()
        self.allow_list, self.pages = AllowList(lambda _agent, _why: None), HostPages()
        self.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        zone = ZoneInfo("Asia/Ho_Chi_Minh")
        self.services = Services(
            store=self.store,
            registry=self.registry,
            hosts=self.hosts,
            news=self.news,
            clock=self.clock,
            zone=zone,
            draw=lambda: f"token-{next(numbers)}",
            tell=self._told,
            coverage=self._coverage,
            reports=Reports(self.store, self.clock, self._declared, tuple, zone),
            books=self.books,
            completeness=self._completeness,
            archived=lambda since, until: (one for one in self.archived if since <= one.received_ns < until),
            samples=lambda asset: self.samples.get(asset, ()),
            rule=self.rules.get,
            standards=lambda: self.standards,
            sighted=sighted(self),
            amending=Amending(self.store, self.clock, self.registry, zone, lambda: (PACK,), self._changed),
            suppressions=Keeping(self.store, self.clock, lambda: self.suppressions),
            incidents=Incidents(self.store, self.clock, zone, self.registry, self.news.publish),
            lists=lists(self.store, self.clock, Indicators(), self._told),
            agreements=Agreements(self.store, self.clock, self._told),
            lifetime=Lifetime(idle=timedelta(minutes=15)),
            passwords=self.passwords,
        )

    @cached_property
    def app(self):
        """What answers; many tests ask nothing of it."""
        return create_app(self.services, THEME)

    async def _changed(self):
        pass

    async def _told(self, kind, fields):
        self.told.append((kind, fields))

    async def _coverage(self):
        return self.statement

    async def _completeness(self, asset):
        return Completeness(asset, self.clock.wall_ns(), self.lines)

    async def _declared(self, _):
        return declare(self.statement, self.registry.systems, {})

    def close(self):
        self.store.engine.dispose()

    def first_login_secret(self):
        return self.store.now(
            lambda rows: users.first_login_secret(
                rows, passwords=self.passwords, draw=lambda: "first-login-secret", now_ns=self.clock.wall_ns()
            )
        )

    def has_user(self, name="admin", password=PASSWORD, role=Role.ADMINISTRATOR, person=""):
        """Somebody who chose a password long ago."""
        kept, now = self.passwords.kept(password), self.clock.wall_ns()
        if name == "admin":
            self.first_login_secret()
        else:
            self.store.now(lambda connection: users.add(connection, name, role, kept, now, person=person))
        self.store.now(lambda connection: users.choose_password(connection, name, kept, now))

    def place(self, asset="A1", name="máy-chủ-1", unit="40.412", level=3):
        """A host in a unit, with a system of a level or none."""

        def work(connection):
            rows.put_units(connection, [Unit(unit, f"Đơn vị {unit}", UnitKind.COMMUNE)])
            systems: tuple[str, ...] = ()
            if level is not None:
                rows.put_systems(connection, [System(f"S-{asset}", f"Hệ thống {asset}", unit, level)])
                systems = (f"S-{asset}",)
            rows.put_assets(connection, [Asset(asset, name, AssetKind.HOST, unit, systems)], 0)
            self.registry.load(connection)

        self.store.now(work)

    def raise_alert(self, *, placement=None, **said):
        """An alert from a verdict; times are the clock's unless given."""
        now = self.clock.wall_ns()
        given = verdict(**{"at": now, **said})
        place = placement or Placement("A1", "máy-chủ-1", "40.412", "Đơn vị 40.412", "S-A1", 3)
        return self.store.now(lambda connection: recorded(connection, given, place, now))

    def raise_alerts(self, number):
        """As many alerts, a second apart, titled c0, c1, …"""
        found = []
        for index in range(number):
            found.append(self.raise_alert(rule=f"r{index}", title_vi=f"c{index}", title_en=f"a{index}"))
            self.clock.advance(SECOND)
        return found

    def alert(self, alert_id):
        return self.store.now(lambda connection: ledger.get(connection, alert_id))

    def client(self, **headers):
        return Client(self.app, headers)

    async def logged_in(self, name="admin", password=PASSWORD):
        client = self.client()
        await client.post("/login", {"name": name, "password": password})
        return client


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    def header(self, name):
        return next((value for key, value in self.headers if key == name), None)

    def hidden(self, name):
        """The value of a hidden field of the page."""
        return self.text.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


class Client:
    """A browser without a screen: keeps cookies and speaks ASGI."""

    def __init__(self, app, headers):
        self.app = app
        self.headers = {"host": HERE, **headers}
        self.cookies = {}

    async def get(self, path, **headers):
        return await self.ask("GET", path, headers=headers)

    async def post(self, path, form=None, **headers):
        given = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", **headers}
        return await self.ask("POST", path, urlencode(form or {}).encode(), given)

    async def post_json(self, path, value, **headers):
        given = {"content-type": "application/json", "sec-fetch-site": "same-origin", **headers}
        return await self.ask("POST", path, json.dumps(value).encode(), given)

    async def act(self, path, form, page="/alerts"):
        """Send a form with the proof a page of this session carries."""
        proof = (await self.get(page)).hidden("csrf")
        return await self.post(path, {"csrf": proof, **form})

    def scope(self, method, path, body=b"", headers=None):
        known = {**self.headers, **{name.replace("_", "-"): value for name, value in (headers or {}).items()}}
        if body:
            known.setdefault("content-length", str(len(body)))
        if self.cookies:
            known["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        route, _, query = path.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": route,
            "raw_path": route.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in known.items()],
            "client": ("192.0.2.1", 50_000),
            "server": (HERE, 443),
        }

    async def ask(self, method, path, body=b"", headers=None):
        sent, asked = [], False
        gone = asyncio.Event()

        async def receive():
            nonlocal asked
            if asked:
                await gone.wait()
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        try:
            await self.app(self.scope(method, path, body, headers), receive, send)
        except Exception:
            # The server's last handler answers first and raises then, for the server to log.
            if not sent:
                raise
        start = next(message for message in sent if message["type"] == "http.response.start")
        pairs = [(name.decode().lower(), value.decode()) for name, value in start["headers"]]
        self._keep(pairs)
        return Answer(start["status"], pairs, b"".join(message.get("body", b"") for message in sent))

    def _keep(self, pairs):
        for name, value in pairs:
            if name == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    if morsel["max-age"] == "0":
                        self.cookies.pop(key, None)
                    else:
                        self.cookies[key] = morsel.value
