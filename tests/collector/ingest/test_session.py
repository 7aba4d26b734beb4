# SPDX-License-Identifier: Apache-2.0
"""Frames of one agent in any order, again, or of an old epoch: each is stored once, and none out of order."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.ingest.session import (
    FRAME_BYTES,
    RECEIVE_WINDOW,
    Accepted,
    Duplicate,
    Incoming,
    LaneOffer,
    Mark,
    Missing,
    Poison,
    Quarantined,
    Refusal,
    Refused,
    Session,
)
from giamsat_wire import limits
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane

LANE = Lane.EVENT
EPOCH = 7


def frame(seq, payload=b"x", epoch=EPOCH):
    return Incoming(LANE, epoch, seq, 0, payload, checksum(flags=0, lane=LANE, seq=seq, payload=payload))


def started(committed=0, first=1, next_=100):
    session = Session.restored([Mark(LANE, EPOCH, committed)])
    session.hello([LaneOffer(LANE, EPOCH, first, next_)])
    return session


def test_an_agent_never_seen_starts_from_its_first_frame():
    session = Session()

    session.hello([LaneOffer(LANE, EPOCH, 1, 5)])

    assert session.stands(LANE) == Mark(LANE, EPOCH, 0)
    assert isinstance(session.offer(frame(1)), Accepted)


def test_a_known_agent_goes_on_after_what_is_durable():
    session = Session.restored([Mark(LANE, EPOCH, 41)])

    session.hello([LaneOffer(LANE, EPOCH, 30, 60)])

    assert session.stands(LANE) == Mark(LANE, EPOCH, 41)
    assert session.offer(frame(41)) == Duplicate(Mark(LANE, EPOCH, 41))
    assert isinstance(session.offer(frame(42)), Accepted)


def test_frames_the_agent_gave_up_are_missing_and_the_rest_goes_on():
    session = Session.restored([Mark(LANE, EPOCH, 10)])

    resumed = session.hello([LaneOffer(LANE, EPOCH, 15, 20)])

    assert resumed.missing == (Missing(LANE, EPOCH, 11, 14),)
    assert session.offer(frame(15)) == Refused(LANE, EPOCH, 11, Refusal.OUT_OF_ORDER)
    assert session.marks_with(resumed.missing) == (Mark(LANE, EPOCH, 14),)
    session.declared(resumed.missing)
    assert session.stands(LANE) == Mark(LANE, EPOCH, 14)
    assert isinstance(session.offer(frame(15)), Accepted)


def test_the_mark_waits_before_a_gap_until_what_is_before_it_is_durable():
    """Otherwise an agent would forget what is in no row yet; and the gap is passed by once, not declared again."""
    session = started(committed=10, first=11)
    session.offer(frame(11))
    resumed = session.hello([LaneOffer(LANE, EPOCH, 15, 20)])

    assert session.marks_with(resumed.missing) == (Mark(LANE, EPOCH, 10),)
    session.declared(resumed.missing)
    assert session.stands(LANE) == Mark(LANE, EPOCH, 10)
    assert isinstance(session.offer(frame(15)), Accepted)
    assert session.durable([frame(11)]) == (Mark(LANE, EPOCH, 14),)


def test_after_a_failed_commit_before_a_gap_only_what_was_not_declared_is_missing():
    session = started(committed=10, first=11)
    session.offer(frame(11))
    session.declared(session.hello([LaneOffer(LANE, EPOCH, 15, 20)]).missing)
    session.failed()

    assert session.hello([LaneOffer(LANE, EPOCH, 17, 20)]).missing == (
        Missing(LANE, EPOCH, 11, 11),
        Missing(LANE, EPOCH, 15, 16),
    )


def test_what_was_declared_ahead_of_a_mark_is_known_after_a_restart():
    session = Session.restored([Mark(LANE, EPOCH, 10)], [Missing(LANE, EPOCH, 11, 14), Missing(LANE, EPOCH, 20, 21)])

    assert session.hello([LaneOffer(LANE, EPOCH, 15, 30)]).missing == ()
    assert session.stands(LANE) == Mark(LANE, EPOCH, 14)


def test_of_an_epoch_that_is_unknown_everything_since_its_beginning_is_missing():
    """A collector that was set back to a backup of an earlier epoch, and an agent that has let go of what it sent."""
    session = Session.restored([Mark(LANE, EPOCH, 50)])

    resumed = session.hello([LaneOffer(LANE, EPOCH + 1, 60, 70, since=51)])

    assert resumed.missing == (Missing(LANE, EPOCH + 1, 51, 59),)


def test_a_lane_that_never_held_a_frame_has_not_gone_back_whatever_its_clock_says():
    """Each start of such a lane draws an epoch from the clock, and a host without one begins in 1970 every time."""
    session = Session.restored([Mark(LANE, EPOCH, 0)])

    assert session.hello([LaneOffer(LANE, EPOCH - 1, 1, 1)]).regressed == ()


def test_a_spool_behind_us_is_reported_and_told_our_mark():
    session = Session.restored([Mark(LANE, EPOCH, 50)])

    resumed = session.hello([LaneOffer(LANE, EPOCH, 1, 20)])

    assert resumed.regressed == (LANE,)
    assert session.stands(LANE) == Mark(LANE, EPOCH, 50)


def test_a_newer_epoch_goes_on_with_its_own_first_number_and_nothing_before_it_is_missing():
    session = Session.restored([Mark(LANE, EPOCH, 50)])

    resumed = session.hello([LaneOffer(LANE, EPOCH + 1, 20, 30)])

    assert (resumed.missing, session.stands(LANE)) == ((), Mark(LANE, EPOCH + 1, 19))
    assert isinstance(session.offer(frame(20, epoch=EPOCH + 1)), Accepted)


def test_a_newer_epoch_begins_anew_and_an_older_one_is_a_replay():
    session = Session.restored([Mark(LANE, EPOCH, 50)])

    session.hello([LaneOffer(LANE, EPOCH + 1, 1, 2)])

    assert isinstance(session.offer(frame(1, epoch=EPOCH + 1)), Accepted)
    assert session.offer(frame(51)) == Refused(LANE, EPOCH + 1, 2, Refusal.POLICY)


def test_a_skipped_number_is_refused_with_the_one_expected():
    assert started().offer(frame(3)) == Refused(LANE, EPOCH, 1, Refusal.OUT_OF_ORDER)


def test_only_what_is_durable_is_marked():
    session = started()
    session.offer(frame(1))
    session.offer(frame(2))

    assert session.offer(frame(1)) == Duplicate(Mark(LANE, EPOCH, 0))
    assert session.durable([frame(1), frame(2)]) == (Mark(LANE, EPOCH, 2),)


def test_a_mark_says_the_checksum_of_its_frame_until_a_gap_has_moved_it():
    session = started()
    for seq in (1, 2):
        session.offer(frame(seq))
        session.durable([frame(seq)])
    said, again = session.stands(LANE), session.offer(frame(1)).mark
    session.hello([LaneOffer(LANE, EPOCH, 9, 100)])
    session.declared([Missing(LANE, EPOCH, 3, 8)])

    assert (said.seq, said.crc) == (again.seq, again.crc) == (2, frame(2).crc)
    assert (session.stands(LANE).seq, session.stands(LANE).crc) == (8, 0)
    assert Session.restored([said]).stands(LANE).crc == frame(2).crc


def test_a_frame_of_another_past_is_refused_while_the_first_of_its_number_waits_and_after():
    session, other = started(), frame(2, b"other")
    for seq in (1, 2):
        session.offer(frame(seq))
    assert session.offer(other) == Duplicate(Mark(LANE, EPOCH, 0))  # within one greeting it cannot come

    session.hello([LaneOffer(LANE, EPOCH, 1, 9)])
    assert session.offer(frame(2)) == Duplicate(Mark(LANE, EPOCH, 0))
    assert session.offer(other) == Refused(LANE, EPOCH, 3, Refusal.POLICY)
    session.durable([frame(1), frame(2)])
    assert session.offer(other) == Refused(LANE, EPOCH, 3, Refusal.POLICY)
    session.hello([LaneOffer(LANE, EPOCH, 1, 9)])
    assert session.offer(other) == Duplicate(Mark(LANE, EPOCH, 2))  # the greeting said by its checksum what is held


def test_what_follows_a_frame_of_another_past_is_not_taken_before_the_next_greeting():
    session = started()
    session.offer(frame(1))
    session.hello([LaneOffer(LANE, EPOCH, 1, 9)])
    session.offer(frame(1, b"other"))

    assert session.offer(frame(2)) == Refused(LANE, EPOCH, 2, Refusal.POLICY)

    session.hello([LaneOffer(LANE, EPOCH, 1, 9)])
    assert isinstance(session.offer(frame(2)), Accepted)


def test_after_a_failed_commit_the_same_frames_are_asked_for_again():
    session = started(committed=5, first=5)
    session.offer(frame(6))
    session.offer(frame(7))

    assert session.failed() == (Refused(LANE, EPOCH, 6, Refusal.OUT_OF_ORDER),)
    assert isinstance(session.offer(frame(6)), Accepted)


def test_a_damaged_frame_is_set_aside_and_the_next_one_taken():
    session = started()
    damaged = Incoming(LANE, EPOCH, 1, 0, b"y", frame(1).crc)

    assert session.offer(damaged) == Quarantined(damaged, Poison.CHECKSUM)
    assert isinstance(session.offer(frame(2)), Accepted)


def test_an_oversized_frame_is_set_aside():
    big = frame(1, bytes(limits.FRAME_BYTES + 1))

    assert started().offer(big) == Quarantined(big, Poison.TOO_BIG)


def test_a_lane_that_waits_for_a_commit_takes_only_its_window():
    session = started(next_=10_000)
    payload = bytes(64 << 10)
    taken = [session.offer(frame(seq, payload)) for seq in range(1, 20)]

    accepted = sum(isinstance(answer, Accepted) for answer in taken)
    assert taken[accepted] == Refused(LANE, EPOCH, accepted + 1, Refusal.OVERLOAD)
    assert accepted == RECEIVE_WINDOW[LANE] // frame(1, payload).weight
    session.durable([frame(seq, payload) for seq in range(1, accepted + 1)])
    assert session.room(LANE) == RECEIVE_WINDOW[LANE]


def test_frames_without_a_payload_are_not_free():
    session = started(next_=1_000_000)

    taken = [session.offer(frame(seq, b"")) for seq in range(1, 3_000)]

    accepted = sum(isinstance(answer, Accepted) for answer in taken)
    assert accepted == RECEIVE_WINDOW[LANE] // FRAME_BYTES < 3_000


def test_a_frame_before_any_hello_is_refused():
    assert Session().offer(frame(1)) == Refused(LANE, 0, 0, Refusal.POLICY)


@pytest.mark.parametrize("seq", [0, -1])
def test_there_is_no_frame_zero(seq):
    assert started().offer(Incoming(LANE, EPOCH, seq, 0, b"", 0)).reason is Refusal.POLICY


@given(st.lists(st.one_of(st.integers(1, 12), st.sampled_from(["commit", "fail"])), max_size=60))
def test_whatever_order_frames_come_in_they_are_stored_once_and_in_order(steps):
    session, waiting, stored = started(), [], []
    for step in steps:
        if step == "commit":
            session.durable(waiting)
            stored, waiting = stored + [item.seq for item in waiting], []
        elif step == "fail":
            session.failed()
            waiting = []
        elif isinstance(session.offer(frame(step)), Accepted):
            waiting.append(frame(step))

    assert stored == list(range(1, len(stored) + 1))


def test_of_however_many_orders_each_comes_to_the_same(pytestconfig):
    """What is refused is asked for again, as an agent does it, until everything is durable."""
    draw = Random(12)
    for _ in range(pytestconfig.option.orders):
        session, durable, sent = started(), [], list(range(1, 21))
        draw.shuffle(sent)
        del sent[draw.randrange(1, 21) :]  # some are skipped
        while True:
            waiting = [frame(seq) for seq in sent if isinstance(session.offer(frame(seq)), Accepted)]
            durable += [one.seq for one in waiting]
            session.durable(waiting)
            if len(durable) == 20:
                break
            asked = session.offer(frame(21))
            assert asked.reason is Refusal.OUT_OF_ORDER
            sent = list(range(asked.expected, 21))

        assert durable == list(range(1, 21))


def test_only_the_next_frame_of_a_lane_is_awaited():
    session = started(committed=4)

    assert [session.awaits(frame(seq)) for seq in (4, 5, 6)] == [False, True, False]
    assert not session.awaits(frame(5, epoch=EPOCH + 1))
    assert not Session().awaits(frame(1))
