# SPDX-License-Identifier: Apache-2.0
from functools import partial

import pytest

from giamsat_collector.coverage import minute_rows
from giamsat_collector.coverage.minute_rows import READER
from giamsat_collector.coverage.source_minutes import Minute
from giamsat_collector.ingest import progress
from support.clock import ManualClock
from support.judging import ASSET, SECOND, Works, until
from support.office import Office

FIRST = 60_000 * 60 + 1


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    office.console.close()


def minute(number, source="journald", asset="A1", **counts):
    return Minute(asset, number, source, **counts)


def keep(office, *minutes, through=7):
    office.store.now(lambda c: minute_rows.keep(c, through, minutes))


def test_minutes_are_kept_and_come_back_in_order_with_how_far_they_count(office):
    rows = [minute(FIRST + 1, produced=3), minute(FIRST, produced=1), minute(FIRST, "agent", received=2)]

    keep(office, *rows, minute(FIRST, asset="A2"))

    assert office.store.now(lambda c: minute_rows.of(c, "A1", FIRST)) == [rows[2], rows[1], rows[0]]
    assert office.store.now(lambda c: progress.reached(c, READER)) == 7


def test_what_comes_to_a_minute_later_is_added(office):
    keep(office, minute(FIRST, produced=3, spooled=3))
    keep(office, minute(FIRST, received=2, spooled=1, lost=1))

    (row,) = office.store.now(lambda c: minute_rows.of(c, "A1", FIRST))
    assert row == minute(FIRST, produced=3, received=2, spooled=1, lost=1)


def test_of_the_last_hour_only_what_says_more_than_its_newest_minutes_is_read(office):
    said = [
        minute(FIRST, received=9),  # an hour ago
        minute(FIRST + 1, dropped=1),
        minute(FIRST + 2, received=1),
        minute(FIRST + 3, received=2),
        minute(FIRST + 4, throttled=1),
        minute(FIRST + 5, produced=1, spooled=3),
        minute(FIRST + 6, produced=1, spooled=4),
        minute(FIRST + 60, "agent", received=1),
    ]
    keep(office, *said)

    found = office.store.now(lambda c: minute_rows.recent(c, FIRST + 60))

    assert found == [said[number] for number in (1, 3, 4, 6, 7)]


def test_over_minutes_counts_add_up_and_what_waited_last_waits():
    total = minute_rows.total([minute(1, produced=3, spooled=3), minute(2, received=2, spooled=1)])

    assert total == {"journald": minute(2, produced=3, received=2, spooled=1)}


def test_the_oldest_minutes_are_let_go_of_a_few_rows_at_a_time(office):
    keep(office, *(minute(FIRST + number, asset=asset) for number in range(3) for asset in ("A1", "A2")))
    forget = partial(minute_rows.forget, before=FIRST + 2, most=3)

    assert [office.store.now(forget) for _ in range(3)] == [3, 1, 0]
    assert [row.minute for row in office.store.now(lambda c: minute_rows.of(c, "A1", 0))] == [FIRST + 2]


@pytest.fixture
async def works(tmp_path):
    works = await Works(tmp_path / "giamsat.db", ManualClock()).begin()
    yield works
    await works.store.close()


async def counted(works):
    """Events received by minute and source, as the rows say."""
    rows = await works.store.read(lambda c: minute_rows.of(c, ASSET, 0))
    return [(row.minute, row.source, row.received) for row in rows]


@pytest.mark.parametrize("away_s", [1, 12 * 3600], ids=["a moment", "half a day"])
async def test_events_of_each_source_are_counted_once_by_the_minute_whatever_happens_between(works, away_s):
    async with works.running():
        await works.judged(await works.guesses(2))
        works.clock.advance(60 * SECOND)
        await works.judged(await works.guesses(3))
    first = works.clock.wall_ns() // (60 * SECOND) - 1
    works.clock.advance(away_s * SECOND)
    await works.again()
    async with works.running():
        works.clock.advance(60 * SECOND)
        await works.judged(await works.guesses(1))
        await until(lambda: works.pipeline._books.closed[1] == ())

    assert await counted(works) == [(first, "journald", 2), (first + 1, "journald", 3)]
