# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.spool.state import LaneState
from giamsat_agent.uplink.session import (
    Mark,
    Resumption,
    Session,
    Stream,
)
from giamsat_wire import limits
from giamsat_wire.lane import Lane
from support.sending import EPOCH, ROOM, SECOND, lane_wanted, lanes, resumed, send, state


def test_a_collector_that_holds_as_much_as_we_thought_is_sent_the_next_frame():
    session = Session()
    states = lanes(event=state(next_=10, acked=4))

    said = session.resumed({Lane.EVENT: states[Lane.EVENT]}, [Mark(Lane.EVENT, EPOCH, 6)])

    assert said == Resumption(acknowledged=(Mark(Lane.EVENT, EPOCH, 6),), behind=(), ahead=())
    assert lane_wanted(session, Stream.REST, states) == (Lane.EVENT, 6)


def test_a_collector_that_went_back_is_sent_again_what_is_still_held():
    session = Session()
    states = lanes(event=state(next_=10, acked=8))

    said = session.resumed({Lane.EVENT: states[Lane.EVENT]}, [Mark(Lane.EVENT, EPOCH, 3)])

    assert said.behind == (Mark(Lane.EVENT, EPOCH, 3),)
    assert lane_wanted(session, Stream.REST, states) == (Lane.EVENT, 3)


def test_a_collector_that_went_back_further_than_we_hold_must_be_greeted_with_what_is_left():
    session = Session()
    states = lanes(event=state(first=6, next_=10, acked=8))
    session.resumed({Lane.EVENT: states[Lane.EVENT]}, [Mark(Lane.EVENT, EPOCH, 3)])

    assert lane_wanted(session, Stream.REST, states) is None
    assert session.must_greet_anew(Stream.REST, states) is Lane.EVENT


@pytest.mark.parametrize("mark", [Mark(Lane.EVENT, EPOCH, 10), Mark(Lane.EVENT, EPOCH + 1, 2)])
def test_a_collector_that_holds_what_we_never_gave_makes_a_new_epoch(mark):
    said = Session().resumed({Lane.EVENT: state(next_=10)}, [mark])

    assert said.ahead == (mark,)
    assert said.acknowledged == ()


def test_a_collector_that_holds_another_frame_under_our_number_makes_a_new_epoch():
    mark = Mark(Lane.EVENT, EPOCH, 6, crc=1)

    said = Session().resumed({Lane.EVENT: state(next_=10, acked=4)}, [mark], {Lane.EVENT})

    assert (said.ahead, said.acknowledged) == ((mark,), ())


def test_an_epoch_that_no_host_can_have_begun_is_not_gone_on_from():
    session, beyond = Session(), limits.EPOCH + 1
    states = lanes(event=state(next_=10, acked=4))

    said = session.resumed({Lane.EVENT: states[Lane.EVENT]}, [Mark(Lane.EVENT, beyond, 6)])

    assert said == Resumption(acknowledged=(), behind=(), ahead=())
    assert lane_wanted(session, Stream.REST, states) == (Lane.EVENT, 4)


def test_a_new_spool_is_sent_from_its_first_frame():
    session = Session()
    states = lanes(event=state(next_=3))
    resumed(session, states)

    assert lane_wanted(session, Stream.REST, states) == (Lane.EVENT, 0)


def test_a_lane_the_collector_says_nothing_about_goes_on_from_what_was_acknowledged():
    session = Session()
    states = lanes(event=state(next_=9, acked=4))
    session.resumed({Lane.EVENT: states[Lane.EVENT]}, [])

    assert lane_wanted(session, Stream.REST, states) == (Lane.EVENT, 4)


def test_after_a_reconnection_the_unacknowledged_go_again():
    session = Session()
    states = lanes(event=state(next_=10))
    resumed(session, states)
    for seq in (1, 2, 3):
        send(session, Lane.EVENT, seq)
    session.acknowledged(Mark(Lane.EVENT, EPOCH, 1), ROOM, EPOCH, SECOND)

    resumed(session, states, event=1)

    assert lane_wanted(session, Stream.REST, states) == (Lane.EVENT, 1)
    assert session.at_rest(Stream.REST)


def test_nothing_is_wanted_that_is_not_committed():
    session = Session()
    states = lanes(event=LaneState(EPOCH, 1, 3, 0, 0, 0))
    resumed(session, states)

    assert session.wanted(Stream.REST, states, 0) is None


def test_an_acknowledgement_of_an_older_epoch_is_none():
    session = Session()
    resumed(session, lanes(event=state(next_=5)))

    assert session.acknowledged(Mark(Lane.EVENT, EPOCH - 1, 4), ROOM, EPOCH, 0) is None


def test_frames_acknowledged_beyond_what_this_connection_sent_are_not_sent_again():
    session = Session()
    states = lanes(event=state(next_=10))
    resumed(session, states, event=5)
    send(session, Lane.EVENT, 6)

    session.acknowledged(Mark(Lane.EVENT, EPOCH, 8), ROOM, EPOCH, 1)

    assert lane_wanted(session, Stream.REST, states) == (Lane.EVENT, 8)


def test_out_of_order_goes_back_to_what_is_expected_and_keeps_what_is_before():
    session = Session()
    states = lanes(event=state(next_=10))
    resumed(session, states)
    for seq in (1, 2, 3, 4):
        send(session, Lane.EVENT, seq)

    session.out_of_order(Lane.EVENT, 3)

    assert lane_wanted(session, Stream.REST, states) == (Lane.EVENT, 2)
    assert [flight.seq for flight in session._lanes[Lane.EVENT].in_flight] == [1, 2]


def test_what_the_collector_did_not_take_is_counted_by_its_reason():
    session = Session()
    for reason in ("overload", "quarantined", "overload"):
        session.refused(reason)

    assert session.refused_total == {"overload": 2, "quarantined": 1}


def test_a_damaged_frame_stops_its_lane_until_everything_before_it_is_acknowledged():
    session = Session()
    states = lanes(event=state(next_=10, holes=((3, 4),)), metric=state(next_=2))
    resumed(session, states)
    send(session, Lane.EVENT, 1)
    send(session, Lane.EVENT, 2)

    assert lane_wanted(session, Stream.REST, states) == (Lane.METRIC, 0)
    assert session.must_greet_anew(Stream.REST, states) is None
    session.acknowledged(Mark(Lane.EVENT, EPOCH, 2), ROOM, EPOCH, 1)
    assert session.must_greet_anew(Stream.REST, states) is Lane.EVENT


def test_frames_evicted_before_they_were_sent_need_a_new_greeting():
    session = Session()
    resumed(session, lanes(metric=state(next_=10)))

    assert session.must_greet_anew(Stream.REST, lanes(metric=state(first=5, next_=10))) is Lane.METRIC


class Wire:
    """A collector that takes in and commits in order, loses connections and answers late."""

    def __init__(self):
        self.held = 0
        self.stored = []

    def take(self, seq):
        if seq == self.held + 1:
            self.held = seq
            self.stored.append(seq)
            return None
        return None if seq <= self.held else self.held + 1


@given(st.lists(st.sampled_from(["send", "send", "ack", "reconnect", "lose", "nack"]), max_size=200), st.data())
def test_whatever_the_connection_does_every_frame_is_stored_once_and_in_order(steps, data):
    session, wire, acked = Session(), Wire(), 0
    states = lanes(event=state(next_=30))
    resumed(session, states)
    for step in [*steps, "reconnect", *["send", "ack"] * 40]:
        states = lanes(event=state(next_=30, acked=acked))
        if step == "reconnect":
            resumed(session, states, event=wire.held)
        elif step == "ack":
            mark = session.acknowledged(Mark(Lane.EVENT, EPOCH, wire.held), ROOM, EPOCH, 1)
            acked = max(acked, mark.seq)
        elif step == "nack":
            session.out_of_order(Lane.EVENT, wire.held + 1)
        elif (wanted := session.wanted(Stream.REST, states, 0)) is not None:
            send(session, wanted.lane, wanted.after + 1, 1_000)
            expected = None if step == "lose" else wire.take(wanted.after + 1)
            if expected is not None:
                session.out_of_order(Lane.EVENT, expected)

    assert wire.stored == list(range(1, len(wire.stored) + 1))
    assert acked == 29
