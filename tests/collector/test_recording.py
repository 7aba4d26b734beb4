# SPDX-License-Identifier: Apache-2.0
"""Verdicts into alerts on real rows, with maintenance that people declared."""

from dataclasses import replace

import pytest
from sqlalchemy import create_engine

from giamsat_collector import recording
from giamsat_collector.alerts import ledger, search
from giamsat_collector.alerts.search import Filter, open_by
from giamsat_collector.availability import maintenance
from giamsat_collector.errors import RefusedError
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.registry.snapshot import Registry
from giamsat_rules.verdict import Subject
from support.clock import ManualClock
from support.judging import ASSET, Works, until
from support.tables import create_tables
from support.verdicts import verdict

MINUTE = 60 * 10**9
FROM, TO = 100 * MINUTE, 200 * MINUTE


class Desk:
    """A system of one level with a host, and another system; a maintenance of the first is declared."""

    def __init__(self, connection, level):
        self.connection = connection
        rows.put_units(connection, [Unit("u", "Xã", UnitKind.COMMUNE)])
        rows.put_systems(connection, [System("S1", "một", "u", level), System("S2", "hai", "u", 1)])
        rows.put_assets(connection, [Asset("A1", "máy", AssetKind.HOST, "u", ("S1", "S2"))], 0)
        rows.put_assets(connection, [Asset("A2", "máy", AssetKind.HOST, "u", ("S2",))], 0)
        self.registry = Registry()
        self.registry.load(connection)
        maintenance.declare(connection, "S1", FROM, TO, reason="nâng cấp", author="an", at_ns=0)

    def happens(self, at, *, goes_on=False, asset="A1", **changes):
        """A verdict of a minute; the alert it leads to."""
        said = replace(verdict(at=at * MINUTE), subject=Subject(asset, 3), **changes)
        (alert,) = recording.record(self.connection, [(said, goes_on)], self.registry, at * MINUTE)
        return alert

    def queue(self, state="open"):
        """The alerts somebody sees who asks for this."""
        return [one.id for one in search.search(self.connection, Filter.parse([("state", state)])).alerts]


@pytest.fixture
def desk(request):
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        yield Desk(connection, getattr(request, "param", 3))
    engine.dispose()


def test_what_happens_in_maintenance_is_kept_and_waits_apart_from_the_queue(desk):
    alert = desk.happens(150)

    assert alert.maintenance == 1
    assert (desk.queue(), desk.queue("new"), desk.queue("maintenance")) == ([], [], [alert.id])
    assert desk.queue("") == [alert.id]
    assert open_by(desk.connection, "asset") == {}
    assert ledger.get(desk.connection, alert.id).state == "new"


@pytest.mark.parametrize(
    ("at", "asset"), [(99, "A1"), (200, "A1"), (150, "A2")], ids=["before", "after", "another system"]
)
def test_what_happens_at_another_time_or_to_another_system_stands_in_the_queue(desk, at, asset):
    alert = desk.happens(at, asset=asset)

    assert (desk.queue(), desk.queue("maintenance")) == ([alert.id], [])


def test_what_is_about_a_whole_unit_waits_apart_only_when_all_its_systems_are_in_maintenance(desk):
    assert desk.happens(110, goes_on=True, asset="u", rule="unit_cut_off").maintenance is None, "of S2 nobody said any"

    maintenance.declare(desk.connection, "S2", FROM, TO - 20 * MINUTE, reason="nâng cấp", author="an", at_ns=0)
    alert = desk.happens(120, goes_on=True, asset="u", rule="other")
    assert (alert.maintenance, alert.surfaces_ns) == (2, TO - 20 * MINUTE), "until the first of them is over"


@pytest.mark.parametrize("desk", [4], indirect=True)
def test_at_the_high_levels_a_second_person_has_to_agree_first(desk):
    before = desk.happens(110)
    maintenance.agree(desk.connection, 1, person="bình", at_ns=115 * MINUTE)
    after = desk.happens(120, rule="another")

    assert (desk.queue(), desk.queue("maintenance")) == ([before.id], [after.id])


def test_what_was_withdrawn_silences_nothing(desk):
    maintenance.withdraw(desk.connection, 1, author="an", at_ns=1)

    assert desk.happens(150).maintenance is None


def test_what_waited_apart_comes_into_the_queue_when_its_maintenance_is_withdrawn_and_nothing_else_does(desk):
    maintenance.declare(desk.connection, "S1", FROM * 3, TO * 3, reason="khác", author="an", at_ns=0)
    silence, guess = desk.happens(150, goes_on=True), desk.happens(150, rule="another")
    other = desk.happens(350, rule="third")

    assert recording.withdraw(desk.connection, 1, author="an", at_ns=160 * MINUTE) == 2
    assert (set(desk.queue()), desk.queue("maintenance")) == ({silence.id, guess.id}, [other.id])
    assert ledger.surface(desk.connection, TO) == 0
    with pytest.raises(RefusedError, match="is in force"):
        recording.withdraw(desk.connection, 1, author="an", at_ns=161 * MINUTE)


def test_an_alert_that_waits_apart_comes_into_the_queue_when_it_happens_again_afterwards(desk):
    alert = desk.happens(150)
    again = desk.happens(160)
    assert (again.id, again.count, again.maintenance) == (alert.id, 2, 1)

    assert desk.happens(230).maintenance is None
    assert desk.queue() == [alert.id]


def test_an_alert_of_before_stays_in_the_queue_when_it_happens_again_in_maintenance(desk):
    alert = desk.happens(90)

    assert desk.happens(150).maintenance is None
    assert desk.queue() == [alert.id]


def test_what_goes_on_by_itself_comes_into_the_queue_when_the_maintenance_is_over_and_nothing_else_does(desk):
    silence = desk.happens(150, goes_on=True)
    guess = desk.happens(150, rule="another")

    assert ledger.surface(desk.connection, TO - 1) == 0
    assert ledger.surface(desk.connection, TO) == 1
    assert (desk.queue(), desk.queue("maintenance")) == ([silence.id], [guess.id])


def test_a_condition_that_clears_in_maintenance_never_comes_into_the_queue(desk):
    silence = desk.happens(150, goes_on=True)
    desk.happens(160, goes_on=True, change="cleared", count=0)

    assert ledger.surface(desk.connection, TO) == 0
    assert (desk.queue(), desk.queue("maintenance")) == ([], [])
    assert ledger.get(desk.connection, silence.id).state == "resolved"


def test_nothing_said_changes_nothing(desk):
    assert recording.record(desk.connection, [], desk.registry, 1) == []


async def test_an_attack_and_a_silence_in_maintenance_are_told_apart_by_the_pipeline(tmp_path):
    works = await Works(tmp_path / "giamsat.db", ManualClock()).begin()
    now = works.clock.wall_ns()
    span = {"from_ns": now, "to_ns": now + 600 * MINUTE, "reason": "nâng cấp", "author": "an", "at_ns": now}
    await works.store.write(lambda c: maintenance.declare(c, "S1", span.pop("from_ns"), span.pop("to_ns"), **span))
    works.fleet.greeted(Greeting(ASSET, "máy", "1", 15.0, 0, "b"))
    async with works.running():
        await works.judged(await works.guesses(8))
        works.clock.advance(20 * MINUTE)
        works.tail.news.set()
        await until(lambda: works.pipeline.figures.verdicts >= 2)
        await until(lambda: works.told >= 2)

    (guess,), (silent,) = await works.alerts(), await works.alerts("agent_silent")
    assert (guess.maintenance, guess.surfaces_ns) == (1, None)
    assert (silent.maintenance, silent.surfaces_ns) == (1, now + 600 * MINUTE)
    await works.store.close()
