# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.sightings import keeping
from support.memory_store import MemoryStore
from support.sighting import DESK, PRINTER, sighting


@pytest.fixture
def store():
    store = MemoryStore()
    yield store
    store.engine.dispose()


def record(store, *told):
    store.now(lambda rows: keeping.record(rows, told))


def every(store, since_ns=0):
    return {(one.asset, one.mac): one for one in store.now(lambda rows: keeping.every(rows, since_ns))}


def test_what_is_told_again_adds_to_what_is_known_and_twice_is_once(store):
    first = sighting(addresses=("10.0.0.5",), name="ketoan-03", services=("tcp/445",), first_ns=5, last_ns=9)
    later = sighting(addresses=("10.0.0.6", "10.0.0.5"), services=("tcp/22",), first_ns=20, last_ns=30)
    record(store, first, later)
    record(store, later)

    (found,) = every(store).values()
    assert (found.addresses, found.services) == (("10.0.0.6", "10.0.0.5"), ("tcp/22", "tcp/445"))
    assert (found.name, found.first_ns, found.last_ns) == ("ketoan-03", 5, 30)


def test_hosts_of_other_sensors_are_others_and_those_unseen_for_long_are_forgotten(store):
    record(store, sighting("A1", last_ns=10), sighting("A2", last_ns=20), sighting("A2", PRINTER, last_ns=30))

    assert set(every(store, 20)) == {("A2", DESK), ("A2", PRINTER)}
    assert [store.now(lambda rows: keeping.forget(rows, 20, most=1)) for _ in range(2)] == [1, 0]
    assert set(every(store)) == {("A2", DESK), ("A2", PRINTER)}


def test_a_sensor_that_makes_hosts_up_loses_those_unseen_for_longest(store, monkeypatch):
    monkeypatch.setattr(keeping, "PER_ASSET", 3)
    record(store, sighting("A2", last_ns=0), *(sighting(mac=f"02:00:00:00:00:0{n}", last_ns=n) for n in range(1, 6)))

    assert set(every(store)) == {("A2", DESK), *(("A1", f"02:00:00:00:00:0{n}") for n in (3, 4, 5))}


def test_what_an_agent_bears_replaces_what_it_bore_and_its_own_counts_more_than_a_devices(store):
    store.now(lambda rows: keeping.keep_watched(rows, "A1", {"02:00:00:00:00:01": "", DESK: ""}))
    store.now(lambda rows: keeping.keep_watched(rows, "A1", {DESK: ""}))
    store.now(lambda rows: keeping.keep_watched(rows, "A2", {DESK: "switch", PRINTER: "printer"}))

    assert store.now(keeping.watched) == {DESK: ("A1", ""), PRINTER: ("A2", "printer")}
