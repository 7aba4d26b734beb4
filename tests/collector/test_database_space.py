# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, delete, func, insert, select

from giamsat_collector.database_space import space
from giamsat_collector.stores.sqlite import SqliteStore

metadata = MetaData()
rows = Table("rows", metadata, Column("n", Integer, primary_key=True), Column("body", LargeBinary))

MANY = 100_000
AT_ONCE = 1_000


@pytest.fixture
async def store(tmp_path):
    store = SqliteStore(tmp_path / "giamsat.db")
    await store.write(metadata.create_all)
    yield store
    await store.close()


async def fill(store):
    body = bytes(100)
    values = [{"n": number, "body": body} for number in range(MANY)]
    await store.write(lambda connection: connection.execute(insert(rows), values).rowcount)


async def let_go(store):
    """As housekeeping does: so many in one transaction."""
    turn = delete(rows).where(rows.c.n.in_(select(rows.c.n).order_by(rows.c.n).limit(AT_ONCE)))
    while await store.write(lambda connection: connection.execute(turn).rowcount) == AT_ONCE:
        pass


async def test_what_rows_left_free_is_told_and_used_by_the_next_so_that_the_file_does_not_grow(store):
    empty = await store.read(space)
    await fill(store)
    full = await store.read(space)

    await let_go(store)
    freed = await store.read(space)
    await fill(store)
    again = await store.read(space)

    assert full.size > empty.size + MANY * 100
    assert full.free == 0
    assert (freed.size, freed.free) == (full.size, full.size - empty.size)
    assert (again.size, again.free) == (full.size, 0)
    assert await store.read(lambda connection: connection.scalar(select(func.count()).select_from(rows))) == MANY


async def test_the_size_is_that_of_the_file_once_nothing_waits_beside_it(store):
    await fill(store)
    told = await store.read(space)

    await store.close()

    assert store.path.stat().st_size == told.size
