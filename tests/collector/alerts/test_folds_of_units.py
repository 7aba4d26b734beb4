# SPDX-License-Identifier: Apache-2.0
"""What tells of the same within a unit is found however many alerts stand in its queue, and found where it stands."""

import cProfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from giamsat_collector import recording
from giamsat_collector.alerts import folds
from giamsat_collector.alerts.alert import State
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind
from giamsat_rules.verdict import Subject
from support.desk import SECOND, Desk
from support.tables import create_tables
from support.verdicts import verdict

SCAN, DENIED, GUESS, WIRE = (
    "port_scan_on_the_wire",
    "many_denied_connections",
    "ssh_brute_force",
    "guessing_on_the_wire",
)


@pytest.fixture
def desk():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.connect() as connection:
        yield Desk(connection)
    engine.dispose()


def test_of_a_unit_what_changes_on_one_host_moves_what_stands_behind_it_on_another(desk):
    scan, denied = desk.tell(SCAN, "h1"), desk.tell(DENIED, "h2")
    assert desk.now_of(denied).cause == scan
    desk.tell(GUESS, "h2", source="192.0.2.9")
    assert len(desk.done(denied)) == 2, "what else its host tells of moves nothing"

    guess = desk.tell(GUESS, "h1")
    assert [desk.now_of(one).cause for one in (scan, denied)] == [guess, guess], "it follows what it stood behind"
    assert folds.misplaced(desk.connection, desk.rules) == []


def test_of_two_hosts_that_tell_of_one_offender_the_other_stands_for_a_third_when_the_first_has_seen_the_end(desk):
    hosts = {desk.tell(SCAN, host): host for host in ("h1", "h2")}
    denied = desk.tell(DENIED, "h3")
    first = desk.now_of(denied).cause
    (other,) = hosts.keys() - {first}
    desk.tell(SCAN, hosts[first], source="192.0.2.9")

    desk.tell(SCAN, hosts[first], change="ended", count=0)
    assert desk.now_of(denied).cause == other
    assert [action for _, action, _ in desk.done(denied)] == ["open", "same", "same"], "never in the queue"
    desk.tell(SCAN, hosts[first])
    desk.tell(SCAN, hosts[other], change="ended", count=0)
    assert (desk.now_of(other).state, desk.now_of(denied).cause) == (State.RESOLVED, first)
    desk.tell(SCAN, hosts[first], change="ended", count=0)
    assert DENIED in desk.found("open")


@pytest.mark.parametrize("source", ["192.0.2.7", "one of its own"])
def test_a_look_costs_the_same_however_many_alerts_a_storm_opened_in_the_unit(desk, source):
    def cost(verdicts=1):
        """Statements of SQLite's machine, and calls of Python's, for more verdicts that tell of what is known."""
        desk.now += SECOND
        told = recording.record(desk.connection, [(said(0), False)] * verdicts, desk.registry, desk.now)
        steps, profile = [], cProfile.Profile()
        database = desk.connection.connection.dbapi_connection
        database.set_progress_handler(lambda: steps.append(1), 10)
        profile.runcall(folds.settle, desk.connection, told, desk.rules, desk.now)
        database.set_progress_handler(None, 0)
        return len(steps), sum(one.callcount for one in profile.getstats())

    def said(number, rule=SCAN):
        group = {"source.ip": source if source != "one of its own" else f"10.0.{number // 250}.{number % 250}"}
        return verdict(rule=rule, at=desk.now, subject=Subject(f"h{number}", 3), severity="medium", group=group)

    def storm(numbers):
        rows.put_assets(desk.connection, [Asset(f"h{n}", f"h{n}", AssetKind.HOST, "u", ()) for n in numbers], 0)
        desk.registry.load(desk.connection)
        told = [(said(n, rule), False) for n in numbers for rule in (SCAN, DENIED, "port_scan_by_firewall")]
        alerts = recording.record(desk.connection, told, desk.registry, desk.now)
        folds.settle(desk.connection, alerts, desk.rules, desk.now)

    storm(range(3, 30))
    storm([0])
    cost()  # statements are read once
    before = cost()
    storm(range(60, 160))

    after = cost()
    assert after[0] < 1.5 * before[0] + 10
    assert after[1] < 1.5 * before[1]
    assert cost(verdicts=50)[1] < 1.5 * after[1], "of one alert only how it stands in the end is looked at"


RULES = (SCAN, DENIED, "port_scan_by_firewall", "host_scan_on_the_wire", GUESS, WIRE)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(RULES),
        st.sampled_from(["h1", "h2"]),
        st.sampled_from(["192.0.2.7", "192.0.2.8", "192.0.2.9"]),
        st.sampled_from(["medium", "medium", "high"]),
        st.sampled_from(["started", "started", "ended"]),
        st.sampled_from([1, 1, 3 * 3600]),
    ),
    min_size=8,
    max_size=14,
)


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_what_is_placed_as_it_is_told_stands_where_it_would_if_everything_were_looked_at(steps):
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.connect() as connection:
        desk = Desk(connection)
        for rule, asset, source, severity, change, seconds in steps:
            desk.now += seconds * SECOND
            desk.tell(rule, asset, source, severity, change=change)
            assert folds.misplaced(connection, desk.rules) == []
    engine.dispose()
