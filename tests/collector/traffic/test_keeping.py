# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import select

from giamsat_collector.traffic import keeping, search
from giamsat_collector.traffic.search import Wanted
from giamsat_collector.traffic.tables import flow_minutes
from support.flowing import NAMES, SECOND_NS, WEB, minute
from support.memory_store import MemoryStore


@pytest.fixture
def store():
    store = MemoryStore()
    yield store
    store.engine.dispose()


def record(store, *told):
    store.now(lambda rows: keeping.record(rows, told))


def starts(store, asset="A1"):
    wanted = Wanted(0, 1 << 62, assets=[asset])
    return sorted(start // SECOND_NS for _, _, start, _ in store.now(lambda c: search.search(c, wanted, 99)).flows)


def sizes(store, asset="A1"):
    its = flow_minutes.c
    rows = select(its.start_ns, its.size).where(its.asset == asset).order_by(its.start_ns)
    return {row.start_ns // SECOND_NS: row.size for row in store.now(lambda c: c.execute(rows).all())}


def test_a_minute_told_twice_is_there_once(store):
    record(store, minute(WEB), minute(WEB), minute(NAMES, start_ns=60 * SECOND_NS))

    assert starts(store) == [0, 60]


def test_old_minutes_are_forgotten_so_many_at_once(store):
    record(store, *(minute(WEB, start_ns=number * 60 * SECOND_NS) for number in range(5)))

    assert store.now(lambda rows: keeping.forget(rows, 180 * SECOND_NS, most=2)) == 2
    assert starts(store) == [120, 180, 240]
    assert store.now(lambda rows: keeping.forget(rows, 180 * SECOND_NS, most=2)) == 1
    assert starts(store) == [180, 240]


@pytest.mark.parametrize("rows", [(WEB,), ()], ids=["a flow each", "nothing in them"])
def test_a_sensor_that_tells_too_much_loses_its_oldest_minutes_and_no_other_sensor_any(store, monkeypatch, rows):
    """Whenever its minutes end."""
    monkeypatch.setattr(keeping, "BYTES_PER_ASSET", 4 * keeping.ROW)
    record(store, minute(WEB, asset="A2"), *(minute(*rows, start_ns=number * 61 * SECOND_NS) for number in range(9)))
    record(store, minute(*rows, start_ns=9 * 61 * SECOND_NS))

    kept = sizes(store)
    whole = sum(size + keeping.ROW for size in kept.values())
    assert list(kept) == [number * 61 for number in range(10)][-len(kept) :]
    assert keeping.BYTES_PER_ASSET - 2 * keeping.ROW < whole <= keeping.BYTES_PER_ASSET
    assert list(sizes(store, "A2")) == [0]


def test_it_is_known_when_the_last_minute_of_each_sensor_ended(store):
    record(store, minute(WEB), minute(start_ns=60 * SECOND_NS), minute(WEB, asset="A2"))

    assert store.now(keeping.newest) == {"A1": 120 * SECOND_NS, "A2": 60 * SECOND_NS}
