# SPDX-License-Identifier: Apache-2.0
"""Whom alerts in the queue tell of: noted by whatever moves an alert, found by those that tell of the same."""

import pytest
from sqlalchemy import create_engine

from giamsat_collector.alerts import ledger, offenders
from giamsat_collector.alerts.alert import Apart, GroupCount, Relation
from giamsat_collector.alerts.causes import Placing
from giamsat_collector.alerts.lifecycle import Action, Request
from giamsat_collector.alerts.offenders import NEAR, marks, near
from giamsat_collector.registry.record import Placement
from giamsat_rules.verdict import Subject
from support.tables import create_tables
from support.verdicts import recorded, verdict

ONE, OTHER = "192.0.2.7", "192.0.2.8"
SCAN, DENIED = "scan", "denied"


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def tell(connection, rule=SCAN, asset="A1", unit="u", apart=None, **words):
    place = Placement(asset, asset, unit, unit, "S1", 3)
    return recorded(connection, verdict(rule=rule, subject=Subject(asset, 3), **words), place, 5, apart)


def do(connection, alert, action):
    ledger.move(connection, alert.id, Request(action, "an", note="x"), 9)


def told(connection, source=ONE, rules=(SCAN, DENIED), unit="u"):
    return near(connection, unit, rules, marks([GroupCount({"source.ip": source}, 1, 0, 0)]))


def test_alerts_are_found_by_unit_rule_and_offender(connection):
    scan, denied = tell(connection), tell(connection, DENIED, "A2", source=OTHER)
    tell(connection, asset="A3", unit="other")
    tell(connection, asset="A4", unit="")

    assert (told(connection), told(connection, OTHER)) == ({scan.id}, {denied.id})
    assert (told(connection, rules=(DENIED,)), told(connection, rules=()), told(connection, unit="")) == (set(),) * 3
    tell(connection, source=OTHER)
    assert (told(connection), told(connection, OTHER)) == ({scan.id}, {scan.id, denied.id})
    tell(connection, source=OTHER, change="ended", at=2_000)
    assert (told(connection), told(connection, OTHER)) == ({scan.id}, {denied.id})
    tell(connection, source=OTHER, at=3_000)
    assert told(connection, OTHER) == {scan.id, denied.id}, "again"


def test_only_what_stands_in_the_queue_is_found(connection):
    cause, alert = tell(connection, "cause", "A2"), tell(connection)

    for relation in Relation:
        ledger.place(connection, Placing(alert.id, cause.id, relation=relation), 6)
        assert told(connection) == set()
        ledger.place(connection, Placing(alert.id, None, relation=relation), 7)
        assert told(connection) == {alert.id}
    for action, found in (
        *((Action.RESOLVE, set()), (Action.REOPEN, {alert.id})),
        *((Action.FALSE_POSITIVE, set()), (Action.REOPEN, {alert.id}), (Action.ACKNOWLEDGE, {alert.id})),
    ):
        do(connection, alert, action)
        assert told(connection) == found
    tell(connection, change="cleared")
    assert told(connection) == set()


def test_what_waits_for_a_maintenance_is_found_when_that_is_over(connection):
    alert = tell(connection, apart=Apart(1, 50))
    assert told(connection) == set()
    ledger.surface(connection, 60)
    assert told(connection) == {alert.id}

    other = tell(connection, DENIED, apart=Apart(2, None))
    tell(connection, DENIED)
    assert told(connection) == {alert.id, other.id}


def test_who_takes_up_or_lets_go_what_stood_behind_another_finds_it_again(connection):
    cause, one, two = tell(connection, "cause"), tell(connection), tell(connection, DENIED)
    for alert in (one, two):
        ledger.place(connection, Placing(alert.id, cause.id, relation=Relation.SAME), 6)

    do(connection, one, Action.ACKNOWLEDGE)
    assert told(connection) == {one.id}
    do(connection, cause, Action.FALSE_POSITIVE)
    assert told(connection) == {one.id, two.id}


def test_of_very_many_some_are_found(connection):
    for number in range(NEAR + 5):
        tell(connection, asset=f"A{number}")
    denied = tell(connection, DENIED)

    found = told(connection)
    assert len(found) == NEAR + 1
    assert denied.id in found


def test_many_rules_and_many_offenders_are_asked_for_in_parts(connection):
    alert = tell(connection, rule="rule 599", source="192.0.2.200")
    rules = [f"rule {number}" for number in range(600)]
    those = marks([GroupCount({"source.ip": f"192.0.2.{n}", "user.name": f"u{n}"}, 1, 0, 0) for n in range(600)])

    assert near(connection, "u", rules, those) == {alert.id}


def test_an_offender_of_several_names_is_found_by_each(connection):
    alert = tell(connection, group={"source.ip": ONE, "user.name": "an"})

    assert told(connection) == {alert.id}
    assert near(connection, "u", (SCAN,), marks([GroupCount({"user.name": "an"}, 1, 0, 0)])) == {alert.id}
    assert near(connection, "u", (SCAN,), marks([GroupCount({"user.name": ONE}, 1, 0, 0)])) == set()
    offenders.keep(connection, alert, alert)
    assert told(connection) == {alert.id}
