# SPDX-License-Identifier: Apache-2.0
import asyncio
import sqlite3

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, event, func, insert, select

from giamsat_collector.errors import StoreError
from giamsat_collector.stores.sqlite import SqliteStore

metadata = MetaData()
rows = Table("rows", metadata, Column("n", Integer, primary_key=True))


@pytest.fixture
async def store(tmp_path):
    store = SqliteStore(tmp_path / "giamsat.db")
    await store.write(metadata.create_all)
    yield store
    await store.close()


def put(number):
    return lambda connection: connection.execute(insert(rows).values(n=number)).rowcount


def count(connection):
    return connection.scalar(select(func.count()).select_from(rows))


async def test_what_write_returned_is_on_the_disk(store):
    await store.write(put(1))

    with sqlite3.connect(store.path) as other:
        assert other.execute("SELECT n FROM rows").fetchall() == [(1,)]
    other.close()


async def test_writes_that_wait_share_a_commit_and_each_gets_its_own_result(store):
    results = await asyncio.gather(*(store.write(put(number)) for number in range(100)))

    assert results == [1] * 100
    assert await store.read(count) == 100


async def test_a_failing_write_undoes_only_itself(store):
    def half_then_fail(connection):
        put(7)(connection)
        raise ValueError("no")

    outcomes = await asyncio.gather(
        store.write(put(1)),
        store.write(half_then_fail),
        store.write(put(1)),
        store.write(put(2)),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [int, ValueError, StoreError, int]
    assert await store.read(count) == 2


async def test_a_full_disk_is_said_once_per_write_and_ends(store):
    await store.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1"))
    big = Table("big", MetaData(), Column("n", Integer))
    with pytest.raises(StoreError, match="free space"):
        await store.write(big.create)

    await store.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 100000"))
    await store.write(put(3))

    assert await store.read(count) == 1


async def test_a_commit_that_fails_in_whatever_way_is_nobodys_success(store):
    def fail(_connection):
        raise RuntimeError("no commit")

    event.listen(store._writer, "commit", fail)
    outcomes = await asyncio.gather(*(store.write(put(number)) for number in range(5)), return_exceptions=True)

    event.remove(store._writer, "commit", fail)
    assert [type(outcome) for outcome in outcomes] == [RuntimeError] * 5
    assert await store.read(count) == 0


async def test_close_finishes_what_was_accepted(tmp_path):
    store = SqliteStore(tmp_path / "giamsat.db")
    writes = [asyncio.ensure_future(store.write(metadata.create_all)), asyncio.ensure_future(store.write(put(5)))]
    await asyncio.sleep(0)

    await store.close()

    assert await writes[1] == 1
