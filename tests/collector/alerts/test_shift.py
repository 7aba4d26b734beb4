# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import create_engine

from giamsat_collector.alerts import ledger, shift
from giamsat_collector.alerts.lifecycle import Action, Request
from support.plans import ways
from support.tables import create_tables
from support.verdicts import PLACEMENT, recorded, verdict


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def opened(connection, rule, at, severity="high"):
    return recorded(connection, verdict(rule=rule, severity=severity), PLACEMENT, at).id


def moved(connection, alert, action, at, actor="an", **said):
    ledger.move(connection, alert, Request(action, actor, **said), at)


def test_a_shift_knows_what_came_what_was_done_what_is_open_and_whose(connection):
    old, urgent = opened(connection, "a", 10), opened(connection, "b", 110, "critical")
    low = opened(connection, "c", 120, "low")
    moved(connection, old, Action.ACKNOWLEDGE, 20)
    moved(connection, old, Action.NOTE, 30, note="trước ca")
    moved(connection, old, Action.WAIT, 130, note="đã gửi công văn")
    moved(connection, low, Action.RESOLVE, 140, actor="bình", note="xong")
    found = shift.read(connection, 100)

    assert (sum(found.opened.values()), found.done) == (2, {"wait": 1, "resolve": 1})
    assert found.open == {("an", "waiting"): 1, (None, "new"): 1}
    assert [alert.id for alert in found.urgent] == [urgent, old]
    assert ([alert.id for alert in found.waiting], found.waiting_number) == ([old], 1)
    assert {alert: note.note for alert, note in found.last.items()} == {old: "đã gửi công văn"}
    assert [(note.actor, note.note) for note in found.notes] == [("bình", "xong"), ("an", "đã gửi công văn")]


def test_what_the_system_did_by_itself_is_nobodys_work(connection):
    recorded(connection, verdict(), PLACEMENT, 110)
    recorded(connection, verdict(change="cleared"), PLACEMENT, 120)
    found = shift.read(connection, 100)

    assert (found.done, found.notes, found.urgent) == ({}, (), ())


def test_a_shift_is_read_without_looking_through_what_came_before(connection):
    steps = ways(connection, lambda: shift.read(connection, 100))

    assert [step for step in steps if step.startswith(("SCAN alert", "SCAN alert_changes"))] == []
