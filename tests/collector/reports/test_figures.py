# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime

import pytest

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.alert import State
from giamsat_collector.alerts.lifecycle import Action, Request
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.session import Missing
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, Placement, Unit, UnitKind
from giamsat_collector.reports import figures
from giamsat_collector.reports.period import month
from giamsat_rules.verdict import Subject
from giamsat_wire.lane import Lane
from support.verdicts import recorded, verdict

NOVEMBER = month("2026-11", UTC)
PLACE = Placement("A1", "máy", "u", "Xã", "S1", 3)


def at(day, hour=12):
    return int(datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC).timestamp()) * 10**9


@pytest.fixture
def raised(connection):
    def raise_(day, rule, *closed, asset="A1"):
        alert = recorded(connection, verdict(rule=rule, subject=Subject(asset, 3), at=at(day)), PLACE, at(day))
        for when, action in closed:
            ledger.move(connection, alert.id, Request(action, "an", note="x"), at(when))
        return alert.id

    rows.put_units(connection, [Unit("u", "Xã", UnitKind.COMMUNE)])
    return raise_


def test_alerts_have_the_state_they_had_when_the_period_ended_whatever_came_later(connection, raised):
    raised("2026-10-20", "before", ("2026-10-30", Action.RESOLVE))
    raised("2026-10-21", "carried", ("2026-11-02", Action.RESOLVE))
    raised("2026-10-22", "still")
    raised("2026-11-05", "later", ("2026-12-01", Action.RESOLVE))
    raised("2026-11-06", "false", ("2026-11-07", Action.FALSE_POSITIVE))
    raised("2026-12-01", "after")

    found = figures.read(connection, NOVEMBER)

    assert {one.state: one.number for one in found.opened} == {State.NEW: 1, State.FALSE_POSITIVE: 1}
    assert {one.state: one.number for one in found.carried} == {State.RESOLVED: 1, State.NEW: 1}
    assert {one.unit for one in found.opened} == {"u"}


def test_alerts_that_are_alike_are_counted_together(connection, raised):
    for number in range(7):
        raised("2026-11-05", "same", asset=f"A{number}")

    (found,) = figures.read(connection, NOVEMBER).opened

    assert (found.number, figures.total([found, found])) == (7, 14)


def test_a_list_has_first_what_was_open_at_the_end_then_the_oldest_and_only_of_these_units(connection, raised):
    raised("2026-10-21", "carried", ("2026-11-02", Action.RESOLVE))
    raised("2026-10-22", "still")
    raised("2026-11-05", "later", ("2026-12-01", Action.RESOLVE))
    raised("2026-12-01", "after")

    found = figures.listed(connection, NOVEMBER, {"u"}, 100)

    assert [one.opened_ns for one in found] == [at("2026-10-22"), at("2026-11-05"), at("2026-10-21")]
    assert [one.state for one in found] == [State.NEW, State.NEW, State.RESOLVED]
    assert figures.listed(connection, NOVEMBER, {"u"}, 2) == found[:2]
    assert figures.listed(connection, NOVEMBER, {"other"}, 100) == ()


def test_frames_lost_and_hosts_known_are_those_of_the_period(connection):
    rows.put_units(connection, [Unit("u", "Xã", UnitKind.COMMUNE)])
    rows.put_assets(connection, [Asset("A1", "x", AssetKind.HOST, "u")], at("2026-11-30"))
    rows.put_assets(connection, [Asset("A2", "x", AssetKind.HOST, "u")], at("2026-12-01"))
    for day in ("2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01"):
        frames.declare(connection, "A1", [Missing(Lane.EVENT, 1, 5, 9)], reason="full", at_ns=at(day))

    found = figures.read(connection, NOVEMBER)

    assert (dict(found.lost), list(found.known)) == ({"event": 10}, ["A1"])
