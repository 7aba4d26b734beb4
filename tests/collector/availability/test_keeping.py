# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import create_engine, select

from giamsat_collector.availability.keeping import DAY, assets, record
from giamsat_collector.availability.minutes import CHECKS, Seen
from giamsat_collector.availability.tables import checks, days
from support.tables import create_tables

MIDNIGHT = 20_000 * DAY


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def told(minute, *, up=(), down=(), also=(), minutes=1):
    names = frozenset((*up, *down, *also))
    return Seen("host", minute - minutes + 1, minute, names, frozenset(up), frozenset(down))


def rows(connection):
    return {
        (row.check_name, row.day): (int.from_bytes(row.up, "little"), int.from_bytes(row.down, "little"))
        for row in connection.execute(select(days))
    }


def lives(connection):
    return {row.check_name: (row.first, row.last, row.ended) for row in connection.execute(select(checks))}


def test_minutes_gather_whatever_their_order_and_however_often_they_are_told(connection):
    readings = [told(MIDNIGHT + 2, up=["a"]), told(MIDNIGHT, down=["a"]), told(MIDNIGHT + 1, up=["a"], minutes=3)]
    for some in (readings, readings[::-1], readings[:1]):
        record(connection, some)

    assert rows(connection) == {("a", 20_000): (0b111, 0b1), ("a", 19_999): (1 << DAY - 1, 0)}


def test_a_check_ends_when_its_agent_no_longer_has_it_and_may_come_back(connection):
    record(connection, [told(MIDNIGHT, up=["a", "b"]), told(MIDNIGHT + 5, up=["a"])])
    ended = lives(connection)
    record(connection, [told(MIDNIGHT + 9, up=["a"], also=["b"])])

    assert ended == {"a": (MIDNIGHT, MIDNIGHT + 5, None), "b": (MIDNIGHT, MIDNIGHT, MIDNIGHT + 5)}
    assert lives(connection)["b"] == (MIDNIGHT, MIDNIGHT + 9, None)
    assert assets(connection) == {"host"}


def test_a_late_reading_without_a_check_does_not_end_it(connection):
    record(connection, [told(MIDNIGHT + 5, up=["a"]), told(MIDNIGHT, also=[])])

    assert lives(connection) == {"a": (MIDNIGHT + 5, MIDNIGHT + 5, None)}


def test_an_asset_that_names_ever_new_checks_fills_no_disk(connection):
    for turn in range(3):
        record(connection, [told(MIDNIGHT + turn, up=[f"{turn}-{number}" for number in range(CHECKS)])])

    assert len(lives(connection)) == len(rows(connection)) == CHECKS
