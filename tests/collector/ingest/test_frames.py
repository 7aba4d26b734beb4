# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from giamsat_collector.ingest import frames
from giamsat_collector.ingest.frames import Arrival
from giamsat_collector.ingest.session import Incoming, Mark, Missing
from giamsat_collector.ingest.tables import losses, quarantine
from giamsat_wire.lane import Lane
from support.plans import ways


def arrival(seq, *, received=0, lane=Lane.EVENT, epoch=5, poison=None, agent="A1"):
    return Arrival(agent, Incoming(lane, epoch, seq, 0, b"p%d" % seq, 0), received, -3, poison)


def test_frames_come_out_in_the_order_they_were_committed(connection):
    frames.append(connection, [arrival(1, agent="A2"), arrival(1)])
    frames.append(connection, [arrival(2), arrival(3)])

    found = frames.after(connection, 0, 10)

    assert [(frame.agent, frame.seq) for frame in found] == [("A2", 1), ("A1", 1), ("A1", 2), ("A1", 3)]
    assert found[0].payload == b"p1"
    assert [frame.seq for frame in frames.after(connection, found[1].id, 1)] == [2]


def test_each_lane_of_each_agent_has_its_own_mark_at_its_last_frame(connection):
    frames.append(connection, [arrival(1), arrival(2), arrival(7, lane=Lane.METRIC), arrival(1, agent="A2")])
    frames.append(connection, [arrival(1, epoch=6)])

    assert set(frames.marks_of(connection, "A1")) == {Mark(Lane.EVENT, 6, 1), Mark(Lane.METRIC, 5, 7)}
    assert frames.marks_of(connection, "A2") == (Mark(Lane.EVENT, 5, 1),)
    assert frames.marks_of(connection, "A3") == ()


def test_a_mark_is_kept_with_the_checksum_of_its_frame(connection):
    frames.append(connection, [Arrival("A1", Incoming(Lane.EVENT, 5, 1, 0, b"p", 77), 0, 0)])

    assert [mark.crc for mark in frames.marks_of(connection, "A1")] == [77]


def test_a_poisoned_frame_is_kept_aside_and_passed_by(connection):
    frames.append(connection, [arrival(1), arrival(2, poison="checksum"), arrival(3)])

    assert [frame.seq for frame in frames.after(connection, 0, 10)] == [1, 3]
    assert frames.marks_of(connection, "A1") == (Mark(Lane.EVENT, 5, 3),)
    kept = connection.execute(select(quarantine)).one()
    assert (kept.seq, kept.reason, kept.payload) == (2, "checksum", b"p2")


def test_of_an_agent_that_sends_ever_more_that_cannot_be_read_the_newest_is_kept(connection, monkeypatch):
    monkeypatch.setattr(frames, "SET_ASIDE", 3)
    frames.append(connection, [arrival(1, poison="checksum", agent="A2")])
    frames.append(connection, [arrival(seq, poison="checksum") for seq in range(1, 9)])

    kept = connection.execute(select(quarantine.c.agent, quarantine.c.seq).order_by(quarantine.c.id)).all()
    assert kept == [("A2", 1), ("A1", 6), ("A1", 7), ("A1", 8)]


def test_what_is_asked_of_one_agent_looks_through_no_other_agents_losses(connection):
    def ask():
        frames.gaps_ahead(connection, "A1", Mark(Lane.EVENT, 5, 1), reason="not_held_by_agent")
        frames.set_aside(connection, arrival(1, poison="checksum"))

    assert [step for step in ways(connection, ask) if step.startswith("SCAN")] == []


def test_the_same_frame_is_never_stored_twice(connection):
    frames.append(connection, [arrival(1)])

    with pytest.raises(IntegrityError):
        frames.append(connection, [arrival(1)])


def test_frames_that_will_never_come_are_on_record(connection):
    frames.declare(connection, "A1", [Missing(Lane.EVENT, 5, 2, 9)], reason="not_held_by_agent", at_ns=77)

    row = connection.execute(select(losses)).one()
    assert (row.agent, row.lane, row.first, row.last, row.declared_ns) == ("A1", 2, 2, 9, 77)


def test_reading_from_a_time_begins_right_before_its_first_frame(connection):
    frames.append(connection, [arrival(seq, received=seq * 10) for seq in (1, 2, 3)])

    begin = frames.first_since(connection, 20)

    assert [frame.seq for frame in frames.after(connection, begin, 10)] == [2, 3]


def test_reading_from_a_time_after_the_last_frame_reads_none_of_the_old_ones(connection):
    frames.append(connection, [arrival(seq, received=seq) for seq in (1, 2, 3)])

    assert frames.after(connection, frames.first_since(connection, 1_000), 10) == ()


def test_of_readings_only_the_later_ones_are_read_beside_all_else(connection):
    lanes = [Lane.EVENT, Lane.METRIC, Lane.URGENT, Lane.METRIC, Lane.BULK, Lane.EVENT]
    frames.append(connection, [arrival(seq, lane=lane) for seq, lane in enumerate(lanes, 1)])

    found = frames.between(connection, 0, 5, 10, readings_after=2)

    assert [frame.seq for frame in found] == [1, 3, 4, 5]
    assert [frame.seq for frame in frames.between(connection, 0, 5, 2, readings_after=5)] == [1, 3]


def test_an_empty_table_begins_at_its_beginning(connection):
    assert frames.first_since(connection, 0) == 0


def test_only_frames_that_are_both_old_and_judged_are_forgotten_and_no_more_than_asked(connection):
    frames.append(connection, [arrival(seq, received=seq * 10) for seq in range(1, 7)])
    ids = [frame.id for frame in frames.after(connection, 0, 10)]

    first = frames.forget_before(connection, 50, after=0, up_to_id=ids[2], most=2, now_ns=60)
    second = frames.forget_before(connection, 50, after=ids[1], up_to_id=ids[2], most=2, now_ns=60)

    assert (first, second) == (ids[1], None)
    assert [frame.seq for frame in frames.after(connection, 0, 10)] == [4, 5, 6]


@pytest.mark.parametrize(("stamps", "on"), [((10, 50), False), ((10, 99), True), ((99, 99), True), ((50, 99), False)])
def test_frames_behind_one_that_stays_are_not_looked_at_but_a_clock_that_ran_ahead_keeps_none(connection, stamps, on):
    frames.append(connection, [arrival(seq, received=stamp) for seq, stamp in enumerate((*stamps, 10), 1)])
    ids = [frame.id for frame in frames.after(connection, 0, 10)]

    after = frames.forget_before(connection, 50, after=0, up_to_id=ids[2], most=2, now_ns=60)

    assert after == (ids[1] if on else None)
    assert [frame.received_ns for frame in frames.after(connection, 0, 10)] == [one for one in stamps if one > 10] + [
        10
    ]


def test_a_number_is_never_given_to_a_second_frame(connection):
    frames.append(connection, [arrival(1)])
    (gone,) = frames.after(connection, 0, 1)
    frames.forget_before(connection, 1, after=0, up_to_id=gone.id, most=1, now_ns=1)

    frames.append(connection, [arrival(2)])

    assert frames.after(connection, 0, 1)[0].id > gone.id
