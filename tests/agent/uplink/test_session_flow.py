# SPDX-License-Identifier: Apache-2.0
"""How much is sent at a time, of which lane, and when it is waited."""

from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.uplink.pace import LARGEST_WINDOW, LEAST_WINDOW
from giamsat_agent.uplink.session import (
    FRAMES_UNDER_WAY,
    LONGEST_HOLD_NS,
    REFUSED_WAIT_S,
    URGENT_WINDOW,
    Mark,
    Session,
    Stream,
    wait_s,
)
from giamsat_wire.lane import Lane
from support.sending import EPOCH, ROOM, SECOND, fast, lane_wanted, lanes, resumed, send, state


def test_an_unknown_link_is_tried_with_little():
    session = Session()
    states = lanes(event=state(next_=100))
    resumed(session, states)

    assert session.wanted(Stream.REST, states, 0).most_bytes == LEAST_WINDOW


def test_the_urgent_stream_has_a_window_of_its_own():
    session = Session()
    states = lanes(urgent=state(next_=100), event=state(next_=100))
    resumed(session, states)
    send(session, Lane.EVENT, 1, LEAST_WINDOW)
    assert session.wanted(Stream.REST, states, 0) is None

    assert session.wanted(Stream.URGENT, states, 0).most_bytes == URGENT_WINDOW
    send(session, Lane.URGENT, 1, URGENT_WINDOW)
    assert session.wanted(Stream.URGENT, states, 0) is None


def test_while_an_urgent_frame_is_held_up_nothing_else_is_sent():
    session = Session()
    states = lanes(urgent=state(next_=3), event=state(next_=100))
    resumed(session, states)
    send(session, Lane.URGENT, 1, now=0)

    assert session.wanted(Stream.REST, states, SECOND) is not None
    assert session.wanted(Stream.REST, states, SECOND + 1) is None
    session.acknowledged(Mark(Lane.URGENT, EPOCH, 1), ROOM, EPOCH, SECOND + 2)
    assert session.wanted(Stream.REST, states, SECOND + 3) is not None


def test_events_go_before_metrics_and_metrics_before_bulk():
    session = fast(Session())
    states = lanes(event=state(next_=2), metric=state(next_=2), bulk=state(next_=2))
    resumed(session, states)
    order = []
    for _ in range(3):
        wanted = session.wanted(Stream.REST, states, 0)
        order.append(wanted.lane)
        send(session, wanted.lane, wanted.after + 1)

    assert order == [Lane.EVENT, Lane.METRIC, Lane.BULK]


def test_of_ten_frames_one_is_a_metric_frame_however_many_events_wait():
    session = fast(Session())
    states = lanes(event=state(next_=10_000), metric=state(next_=10_000), bulk=state(next_=10_000))
    resumed(session, states)
    order = []
    while len(order) < 100:
        wanted = session.wanted(Stream.REST, states, 0)
        for _ in range(wanted.most_frames):
            send(session, wanted.lane, session._lanes[wanted.lane].sent + 1, size=1)
            order.append(wanted.lane)

    assert [order[place : place + 10].count(Lane.METRIC) for place in range(0, 100, 10)] == [1] * 10
    assert Lane.BULK not in order


def test_an_overloaded_lane_waits_and_the_others_go_on():
    session = Session()
    states = lanes(event=state(next_=10), metric=state(next_=10))
    resumed(session, states)
    send(session, Lane.EVENT, 1)

    session.overloaded(Lane.EVENT, 1, retry_after_ns=SECOND, now_ns=0)

    assert lane_wanted(session, Stream.REST, states, now=1) == (Lane.METRIC, 0)
    assert session.next_hold_ns(Stream.REST, 1) == SECOND
    assert lane_wanted(session, Stream.REST, states, now=SECOND) == (Lane.EVENT, 0)


def test_no_lane_waits_longer_than_a_minute_for_an_overload_to_pass():
    session = Session()
    states = lanes(event=state(next_=2))
    resumed(session, states)

    session.overloaded(Lane.EVENT, 1, ((1 << 32) - 1) * 1_000_000, 0)

    assert session.next_hold_ns(Stream.REST, 0) == LONGEST_HOLD_NS
    assert session.wanted(Stream.REST, states, LONGEST_HOLD_NS) is not None


def test_credit_bounds_what_is_under_way_on_a_lane_but_never_to_silence():
    session = fast(Session())
    states = lanes(event=state(next_=10))
    resumed(session, states)
    send(session, Lane.EVENT, 1, 300)
    session.credited(Lane.EVENT, 400)
    assert session.wanted(Stream.REST, states, 0).most_bytes == 100

    session.credited(Lane.EVENT, 0)
    assert session.wanted(Stream.REST, states, 0) is None
    session.acknowledged(Mark(Lane.EVENT, EPOCH, 1), 0, EPOCH, 1)
    assert session.wanted(Stream.REST, states, 2).most_bytes == 1


def test_of_frames_that_hold_nothing_only_so_many_are_under_way():
    session = fast(Session())
    states = lanes(metric=state(next_=10_000))
    resumed(session, states)
    sent = 0
    while (wanted := session.wanted(Stream.REST, states, 0)) is not None:
        for _ in range(wanted.most_frames):
            sent += 1
            send(session, Lane.METRIC, sent, 0)

    assert sent == FRAMES_UNDER_WAY
    session.acknowledged(Mark(Lane.METRIC, EPOCH, 100), 1 << 20, EPOCH, 1)
    assert session.wanted(Stream.REST, states, 2) is not None


def test_single_small_frames_do_not_make_a_link_look_thin():
    session = fast(Session())
    states = lanes(event=state(next_=1 << 30))
    resumed(session, states)
    for seq in range(1, 50):
        send(session, Lane.EVENT, seq, 300, seq * SECOND)
        session.acknowledged(Mark(Lane.EVENT, EPOCH, seq), ROOM, EPOCH, seq * SECOND + SECOND // 20)

    assert session.pace.window == LARGEST_WINDOW


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_waiting_is_full_jitter_up_to_a_minute_and_up_to_five_for_who_was_refused(attempt, draw):
    assert 0 <= wait_s(attempt, draw) <= min(60, 2.0 ** min(attempt, 9))
    assert 0 <= wait_s(attempt, draw, REFUSED_WAIT_S) <= min(300, 2.0 ** min(attempt, 9))


@given(st.floats(0, 1, exclude_max=True))
def test_the_first_attempt_is_within_a_second(draw):
    assert wait_s(0, draw) < 1
