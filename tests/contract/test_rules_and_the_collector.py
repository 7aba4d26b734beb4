# SPDX-License-Identifier: Apache-2.0
"""What the collector remarks on by itself makes the rules about it fire: of agents, and of who administers it."""

import pytest
from sqlalchemy import select

from giamsat_collector.control.audit_trail import AuditTrail
from giamsat_collector.control.caller import Caller
from giamsat_collector.enrol.renewing import RECOVERED
from giamsat_collector.indicators.contact import Indicators
from giamsat_collector.ingest import notices
from giamsat_collector.ingest.notices import Notices
from giamsat_collector.ingest.tables import frames
from giamsat_collector.own_host import ADMINISTERED, SELF
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import decode
from support.clock import ManualClock
from support.listing import NOW, lookup
from support.memory_store import MemoryStore

AGENT = "11111111-1111-4111-8111-111111111111"
AN = Caller("an", person=True)
DIGEST = "0f" * 32
REMARKS = {
    notices.TWO_INSTANCES: "agent_identity_misused",
    notices.SUPERSEDED: "agent_identity_misused",
    notices.WENT_BACK: "agent_identity_misused",
    notices.FORGED: "agent_identity_misused",
    notices.UNBALANCED: "agent_books_unbalanced",
    RECOVERED: "agent_certificate_recovered",
}
COMMANDS = [
    ("rules.use", {}, "monitoring_rules_exchanged"),
    ("suppress.add", {}, "alerts_hidden"),
    ("accounts.add", {"name": "binh", "role": "administrator"}, "console_administrator_made"),
    ("accounts.role", {"name": "binh", "role": "analyst"}, "console_account_changed"),
]


@pytest.fixture
def store():
    store = MemoryStore()
    yield store
    store.engine.dispose()


@pytest.fixture
def raised(store):
    """A function that gives the rules which what waits to be judged raises."""
    engine = Engine(load_rules(shipped().detections), load_pack(shipped().pack))

    def raised():
        rows = store.now(lambda connection: connection.execute(select(frames)).all())
        events = [event for row in rows for event in decode(row.flags, row.payload, ChainDecoder()).events]
        said = [(one.wall_ns, {**one.fields, "event.action": one.kind}) for one in events]
        judged = [engine.judge(Occurrence(Subject(SELF, 3), *one)) for one in said]
        return {verdict.rule for verdicts in judged for verdict in verdicts}

    return raised


@pytest.fixture
def remarks(store):
    return Notices(store, ManualClock(), lambda: None)


@pytest.mark.parametrize("kind", REMARKS)
async def test_what_is_remarked_on_an_agent(remarks, raised, kind):
    await remarks.saw(AGENT, kind)

    assert raised() == {REMARKS[kind]}


@pytest.mark.parametrize(("command", "arguments", "rule"), COMMANDS)
async def test_what_an_administrator_changed(remarks, raised, command, arguments, rule):
    async def tell(kind, fields):
        await remarks.saw(SELF, kind, fields)

    await AuditTrail(tell).saw(command, arguments, AN)

    assert rule in raised()


async def test_a_list_of_what_is_known_to_be_evil_was_exchanged(remarks, raised):
    await remarks.saw(SELF, ADMINISTERED, {"giamsat.command": "indicators.import", "user.name": "an"})

    assert "indicator_lists_exchanged" in raised()


MET = [
    (
        {"event.action": "malware-detected", "event.category": ("malware",), "file.hash.sha256": DIGEST},
        "known_bad_file",
    ),
    (
        {"event.action": "mail-received", "event.category": ("email",), "email.from.address": "an@evil.example"},
        "known_bad_mail",
    ),
    (
        {
            "event.action": "connection-allowed",
            "event.category": ("network",),
            "source.ip": "203.0.113.9",
            "destination.ip": "10.0.0.5",
            "source.port": 51_512,
            "destination.port": 443,
        },
        "known_bad_visitor",
    ),
]


@pytest.mark.parametrize(("fields", "rule"), MET, ids=[rule for _, rule in MET])
def test_what_met_a_list_of_what_is_known_to_be_evil(fields, rule):
    engine, lists = Engine(load_rules(shipped().detections), load_pack(shipped().pack)), Indicators()
    lists.lookup = lookup(DIGEST, "evil.example", "203.0.113.0/25")
    told = []
    for number in range(200):
        at_ns = (NOW + number) * 10**9
        told += engine.judge(Occurrence(Subject("host", 5), at_ns, lists.told(fields, at_ns)))

    assert rule in {verdict.rule for verdict in told}
