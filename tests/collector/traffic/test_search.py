# SPDX-License-Identifier: Apache-2.0
import zlib

import pytest
from sqlalchemy import update

from giamsat_collector.errors import RefusedError
from giamsat_collector.traffic import keeping, search
from giamsat_collector.traffic.search import Wanted
from giamsat_collector.traffic.tables import flow_minutes
from support.flowing import NAMES, SECOND_NS, SIX, WEB, minute
from support.memory_store import MemoryStore

HOUR_NS = 3_600 * SECOND_NS


@pytest.fixture
def store():
    store = MemoryStore()
    told = [
        minute(WEB, NAMES, start_ns=HOUR_NS, rest_bytes=50),
        minute(WEB, SIX, start_ns=2 * HOUR_NS, rest_bytes=5),
        minute(NAMES, asset="A2", start_ns=2 * HOUR_NS),
    ]
    store.now(lambda rows: keeping.record(rows, told))
    yield store
    store.engine.dispose()


def found(store, limit=99, since=0, until=9, **wanted):
    asked = Wanted(int(since * HOUR_NS), int(until * HOUR_NS), **wanted)
    return store.now(lambda rows: search.search(rows, asked, limit))


def ends(result):
    return [(asset, start // HOUR_NS, row.source) for asset, _, start, row in result.flows]


def test_the_newest_minute_comes_first(store):
    assert [hour for _, hour, _ in ends(found(store))] == [2, 2, 2, 1, 1]


@pytest.mark.parametrize(
    ("wanted", "sources"),
    [
        ({"network": search.network("203.0.113.7")}, {"10.0.0.5"}),
        ({"network": search.network("203.0.113.0/24")}, {"10.0.0.5"}),
        ({"network": search.network("10.0.0.0/30")}, {"10.0.0.6"}),
        ({"network": search.network("2001:db8::/64")}, {"2001:db8::5"}),
        ({"network": search.network("2001:0db8:0:0::5")}, {"2001:db8::5"}),
        ({"network": search.network("0.1.1.3")}, set()),
        ({"port": 53}, {"10.0.0.6"}),
        ({"port": 50_000}, {"10.0.0.5"}),
        ({"port": 5}, set()),
        ({"name": "EXAMPLE"}, {"10.0.0.5"}),
        ({"assets": ["A2"]}, {"10.0.0.6"}),
        ({"assets": []}, set()),
        ({"port": 53, "network": search.network("203.0.113.7")}, set()),
    ],
)
def test_flows_are_found_by_either_end_port_name_and_sensor(store, wanted, sources):
    assert {source for _, _, source in ends(found(store, **wanted))} == sources


@pytest.mark.parametrize(
    ("since", "until", "hours"), [(0, 1.5, {1}), (1.5, 9, {2}), (1.01, 1.02, {1}), (1.1, 1.9, set()), (3, 9, set())]
)
def test_a_minute_counts_when_it_touches_the_time(store, since, until, hours):
    assert {hour for _, hour, _ in ends(found(store, since=since, until=until))} == hours


def test_sums_go_beyond_what_is_listed_and_it_is_said(store):
    result = found(store, limit=1, network=search.network("10.0.0.5"))

    assert (len(result.flows), result.more, result.bytes) == (1, True, 2 * 93_400)
    assert (result.minutes, result.others) == (3, 55)


def test_of_too_many_minutes_the_newest_are_looked_through_and_it_is_said(store, monkeypatch):
    monkeypatch.setattr(search, "MINUTES", 2)
    result = found(store)

    assert (result.minutes, result.more, {hour for _, hour, _ in ends(result)}) == (2, True, {2})


def test_a_minute_that_cannot_be_read_hides_no_other(store):
    wrong = update(flow_minutes).where(flow_minutes.c.asset == "A2").values(lines=zlib.compress(b"\xff,what,is,this"))
    store.now(lambda rows: rows.execute(wrong))

    assert len(found(store).flows) == 4


def test_what_is_no_address_is_refused_with_what_to_write():
    assert search.network("") is None
    with pytest.raises(RefusedError, match=r"192\.0\.2\.0/24"):
        search.network("máy chủ")
