# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.archive.folder import Archive
from giamsat_collector.archive.keeping import READER, Keeper
from giamsat_collector.ingest import frames, progress
from giamsat_collector.ingest.frames import Arrival
from giamsat_collector.ingest.session import Incoming
from giamsat_collector.store import Store
from giamsat_wire.lane import Lane
from support.clock import ManualClock
from support.console import Console
from support.stored import DAY_NS, NOON_NS

LEVELS = {"A1": 1, "A4": 4}


class Room:
    """A keeper with its store, archive and clock."""

    def __init__(self, folder):
        self.store: Store = Console().store
        self.clock, self.folder, self.risen = ManualClock(NOON_NS), folder, []
        self.archive = Archive(folder)
        self.keeper = self.anew()

    def anew(self):
        """The keeper of a collector that was started again."""
        return Keeper(
            store=self.store,
            archive=Archive(self.folder),
            level=LEVELS.get,
            clock=self.clock,
            owed=lambda: {4: 180},
            least=30,
            risen=lambda: self.risen,
        )

    def arrive(self, agent, seq, *, lane=Lane.EVENT, at_ns=NOON_NS):
        arrival = Arrival(agent, Incoming(lane, 5, seq, 0, b"p", 0), at_ns, 0)
        self.store.now(lambda connection: frames.append(connection, [arrival]))

    def kept(self):
        return [(frame.agent, frame.seq) for frame in self.archive.frames(0, NOON_NS + 400 * DAY_NS)]


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path / "archive")


async def test_events_are_kept_by_level_and_metrics_are_not(room):
    room.arrive("A1", 1)
    room.arrive("A4", 1, lane=Lane.URGENT)
    room.arrive("A4", 1, lane=Lane.METRIC)
    room.arrive("unknown", 1)

    await room.keeper.keep()

    assert room.kept() == [("A1", 1), ("A4", 1), ("unknown", 1)]
    assert [day.level for day in room.archive.days()] == [1, 4, 5]
    assert room.keeper.cursor == 4


async def test_killed_before_its_cursor_moved_it_keeps_nothing_twice(room):
    room.arrive("A1", 1)
    await room.keeper.keep()
    room.store.now(lambda connection: progress.reach(connection, READER, 0))
    room.arrive("A1", 2)

    await room.anew().keep()

    assert room.kept() == [("A1", 1), ("A1", 2)]


async def test_what_cannot_be_written_is_counted_and_kept_later(room):
    room.arrive("A1", 1)
    room.folder.write_text("in the way")

    await room.keeper.keep()
    assert (room.keeper.failures_total, room.keeper.cursor) == (1, 0)

    room.folder.unlink()
    await room.keeper.keep()
    assert (room.kept(), room.keeper.cursor) == ([("A1", 1)], 1)


async def test_days_that_no_level_owes_any_more_go(room):
    room.arrive("A1", 1)
    room.arrive("A4", 1)
    await room.keeper.keep()

    room.clock.advance(31 * DAY_NS)
    room.keeper.forget()

    assert room.kept() == [("A4", 1)]


async def test_days_of_an_asset_that_is_of_a_higher_level_by_now_are_kept_as_long_as_that_owes(room):
    room.arrive("A1", 1)
    await room.keeper.keep()
    room.risen = [(1, 4, NOON_NS + DAY_NS)]

    room.clock.advance(180 * DAY_NS)
    room.keeper.forget()
    kept = room.kept()
    room.clock.advance(2 * DAY_NS)
    room.keeper.forget()

    assert (kept, room.kept()) == ([("A1", 1)], [])


async def test_a_day_that_cannot_be_deleted_is_counted_and_holds_nothing_up(room, monkeypatch):
    room.arrive("A1", 1)
    await room.keeper.keep()
    room.clock.advance(31 * DAY_NS)

    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as read_only:
        read_only.setattr("pathlib.Path.unlink", refuse)
        room.keeper.forget()
    before = room.keeper.failures_total, room.kept()
    room.keeper.forget()

    assert before == (1, [("A1", 1)])
    assert room.kept() == []
