# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.coverage.gather import CAPTURE_FACTOR, CAPTURE_UP, stored
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, System
from giamsat_collector.rulebook.force import InForce
from giamsat_collector.rulebook.rulebook import read
from giamsat_rules.load import shipped
from giamsat_wire.record import Sample
from support.office import Office

SECOND_NS = 1_000_000_000


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    yield office
    office.console.close()


def evidence(office, system, archived=None):
    coverage = office.coverage
    office.store.now(office.registry.load)
    now_ns = office.clock.wall_ns()
    gathered = office.store.now(lambda c: stored(c, coverage.today(now_ns)))
    return coverage._evidence(office.registry.systems[system], gathered, archived or {}, now_ns, now_ns)


def host(office, name, system):
    office.store.now(
        lambda c: rows.put_assets(
            c, [Asset(name, f"máy {name}", AssetKind.HOST, office.registry.systems[system].unit, (system,))], 5
        )
    )


def test_a_host_that_was_never_heard_has_no_age_and_one_that_was_has(office):
    system = next(iter(office.registry.systems))
    for name in ("new", "heard"):
        host(office, name, system)
    office.fleet.greeted(Greeting("heard", "máy", "0.1.0", 15.0, 2 * SECOND_NS, "b"))
    office.clock.advance(10 * SECOND_NS)

    found = {one.asset: one for one in evidence(office, system).hosts}

    assert found["new"].quiet_s is None
    assert (found["heard"].quiet_s, found["heard"].offset_s, found["heard"].reports) == (10.0, 2.0, True)


def test_one_that_said_goodbye_does_not_report(office):
    system = next(iter(office.registry.systems))
    host(office, "left", system)
    office.fleet.greeted(Greeting("left", "máy", "0.1.0", 15.0, 0, "b"))
    office.fleet.left("left", "stopped in order")

    (found,) = [one for one in evidence(office, system).hosts if one.asset == "left"]

    assert not found.reports


def test_interfaces_that_are_watched_are_counted_and_those_that_are_watched_in_part(office):
    coverage = office.coverage
    seen = {"eth0": (1.0, 1.0), "eth1": (1.0, 4.0), "eth2": (0.0, 4.0)}
    samples = tuple(
        Sample(name, value, (("device", device),))
        for device, values in seen.items()
        for name, value in zip((CAPTURE_UP, CAPTURE_FACTOR), values, strict=True)
    )
    now_ns = office.clock.wall_ns()
    office.pages.update("A1", lambda: samples, {}, received_ns=now_ns, period_s=15.0)

    assert coverage._captures("A1", now_ns) == {"captures": 2, "thinned": 1}


def test_records_in_the_archive_count_as_kept(office):
    system = next(iter(office.registry.systems))
    now_ns = office.clock.wall_ns()

    assert evidence(office, system).kept_s == 0
    assert evidence(office, system, {3: now_ns - 90 * SECOND_NS}).kept_s == 90
    assert evidence(office, system, {2: now_ns - 90 * SECOND_NS}).kept_s == 0


@pytest.fixture
def shared(office):
    """A host of the system of level 3 that belongs to one of level 1, too."""
    office.store.now(lambda c: rows.put_systems(c, [System("S-low", "Hệ thống thấp", "40.412", 1)]))
    office.store.now(
        lambda c: rows.put_assets(c, [Asset("A1", "máy-chủ-1", AssetKind.HOST, "40.412", ("S-A1", "S-low"))], 0)
    )
    office.store.now(office.registry.load)
    return "S-low"


def test_records_of_a_host_are_kept_at_the_level_it_is_judged_by_whichever_of_its_systems_asks(office, shared):
    now_ns = office.clock.wall_ns()

    assert evidence(office, shared, {3: now_ns - 90 * SECOND_NS}).kept_s == 90
    assert evidence(office, shared, {1: now_ns - 400 * SECOND_NS}).kept_s == 0


def test_an_alert_of_a_host_waits_for_each_of_its_systems(office, shared):
    office.console.raise_alert()
    office.clock.advance(50 * SECOND_NS)

    assert [evidence(office, one).waiting_s for one in ("S-A1", shared)] == [50.0, 50.0]


def test_a_document_counts_to_the_end_of_its_last_day_where_it_was_signed(office):
    hanoi = ZoneInfo("Asia/Ho_Chi_Minh")
    here = office.coverage
    coverage = replace(here, force=InForce(read(shipped(), hanoi), here.judge))
    last = int(datetime(2026, 6, 30, 23, 59, tzinfo=hanoi).timestamp()) * SECOND_NS

    assert coverage.today(last) == "2026-06-30"
    assert coverage.today(last + 60 * SECOND_NS) == "2026-07-01"
