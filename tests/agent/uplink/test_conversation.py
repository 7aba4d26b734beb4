# SPDX-License-Identifier: Apache-2.0
"""What is said and what follows, without a connection; whole connections are in test_client and the histories."""

import contextlib

import pytest

from giamsat.v1 import ingest_pb2
from giamsat_agent.errors import TransportError
from giamsat_agent.uplink.conversation import Conversation
from giamsat_agent.uplink.session import Session, Stream
from giamsat_wire.lane import Lane
from support.clock import ManualClock
from support.files import Disk
from support.uplinks import INTRODUCTION, opened, put

EVENT = ingest_pb2.LANE_EVENT
S = 1_000_000_000


@pytest.fixture
def spool():
    return opened(Disk())


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def talk(spool, clock):
    return Conversation(Stream.REST, spool=spool, session=Session(), introduction=INTRODUCTION, clock=clock)


def greet(talk, spool, seq=0, epoch=None, **words):
    mark = ingest_pb2.Committed(lane=EVENT, epoch=epoch or spool.state(Lane.EVENT).epoch, seq=seq)
    talk.greeted(ingest_pb2.HelloAck(committed=[mark], **words))


def said(talk):
    return [up.frame.seq for up in talk.says() if up.HasField("frame")]


def test_a_greeting_names_every_lane_of_the_stream_and_where_its_epoch_began(talk, spool):
    put(spool, Lane.EVENT, b"a", b"b")

    lanes = {lane.lane: lane for lane in talk.hello().hello.lanes}

    assert set(lanes) == {2, 3, 4}
    assert (lanes[2].first, lanes[2].next, lanes[2].since) == (1, 3, 1)


def test_after_the_greeting_it_says_what_the_collector_lacks_and_that_it_is_there(talk, spool):
    put(spool, Lane.EVENT, b"a", b"b", b"c")
    greet(talk, spool, seq=1)

    first, *rest = talk.says()

    assert first.HasField("heartbeat")
    assert [up.frame.seq for up in rest] == [2, 3]
    assert spool.state(Lane.EVENT).acked == 1


def messages(talk):
    """The numbers of the frames in each message."""
    ups = [up for up in talk.says() if not up.HasField("heartbeat")]
    return [[one.seq for one in up.frames.frames] or [up.frame.seq] for up in ups]


@pytest.mark.parametrize(
    ("takes", "sent"),
    [(0, [[1], [2], [3]]), (1, [[1], [2], [3]]), (2, [[1, 2], [3]]), (10**9, [[1, 2, 3]])],
    ids=["an older collector", "one", "two", "any"],
)
def test_a_backlog_goes_in_as_few_messages_as_the_collector_takes(talk, spool, takes, sent):
    put(spool, Lane.EVENT, b"a", b"b", b"c")
    greet(talk, spool, frames_at_once=takes)

    assert messages(talk) == sent


def test_a_message_takes_no_longer_on_the_link_than_a_frame_may(talk, spool):
    """Nothing overtakes what has left: on a thin link an urgent event waits for one message."""
    half = b"x" * (talk._session.pace.frame_bytes // 2)
    put(spool, Lane.EVENT, half, half, b"y", half + half + half)
    greet(talk, spool, frames_at_once=64)

    assert messages(talk) == [[1, 2], [3]]


@pytest.mark.parametrize(("asked_ms", "seconds"), [(0, 20), (5_000, 5), (1, 1), (10**9, 60)])
def test_it_says_that_it_is_there_as_often_as_asked_within_reason(talk, spool, clock, asked_ms, seconds):
    greet(talk, spool, heartbeat_ms=asked_ms)
    list(talk.says())

    assert talk.due_ns() - clock.mono_ns() == 3 * seconds * S


def test_an_acknowledgement_is_handed_to_the_spool(talk, spool):
    put(spool, Lane.EVENT, b"a", b"b")
    greet(talk, spool)
    said(talk)

    mark = ingest_pb2.Committed(lane=EVENT, epoch=spool.state(Lane.EVENT).epoch, seq=2)
    talk.hears(ingest_pb2.Down(ack=ingest_pb2.Ack(committed=mark, credit_bytes=1_000)))

    assert spool.state(Lane.EVENT).acked == 2


def test_what_is_refused_is_said_again_and_an_overload_waits(talk, spool, clock):
    put(spool, Lane.EVENT, b"a", b"b")
    greet(talk, spool)
    said(talk)

    talk.hears(ingest_pb2.Down(nack=ingest_pb2.Nack(lane=EVENT, seq=1, code=ingest_pb2.Nack.OUT_OF_ORDER)))
    assert said(talk) == [1, 2]
    refusal = ingest_pb2.Nack(lane=EVENT, seq=2, code=ingest_pb2.Nack.OVERLOAD, retry_after_ms=1_000)
    talk.hears(ingest_pb2.Down(nack=refusal))
    assert said(talk) == []
    clock.advance(S)
    assert said(talk) == [2]


def test_each_refusal_is_counted_by_a_reason_that_is_known_and_a_quarantined_frame_holds_nothing_up(talk, spool):
    put(spool, Lane.EVENT, b"a", b"b")
    greet(talk, spool)
    said(talk)

    talk.hears(ingest_pb2.Down(nack=ingest_pb2.Nack(lane=EVENT, seq=1, code=ingest_pb2.Nack.QUARANTINED)))
    put(spool, Lane.EVENT, b"c")
    assert said(talk) == [3]
    for code in (77, 78):  # of a later version
        with pytest.raises(TransportError):
            talk.hears(ingest_pb2.Down(nack=ingest_pb2.Nack(lane=EVENT, seq=1, code=code)))

    assert talk._session.refused_total == {"quarantined": 1, "unknown": 2}


def test_a_lane_that_cannot_go_on_ends_the_stream(talk, spool):
    greet(talk, spool)

    with pytest.raises(TransportError, match="agreed upon anew"):
        talk.hears(ingest_pb2.Down(nack=ingest_pb2.Nack(lane=EVENT, code=ingest_pb2.Nack.POLICY)))


def test_a_collector_that_holds_what_was_never_given_makes_a_new_epoch_begin(talk, spool):
    put(spool, Lane.EVENT, b"a")
    epoch = spool.state(Lane.EVENT).epoch

    with pytest.raises(TransportError, match="a new epoch begins"):
        greet(talk, spool, seq=7)

    assert spool.state(Lane.EVENT).epoch > epoch


@pytest.mark.parametrize(("other", "begins"), [(0, False), (1, True)])
def test_a_collector_that_holds_another_frame_under_our_number_makes_a_new_epoch_begin(talk, spool, other, begins):
    put(spool, Lane.EVENT, b"a", b"b")
    (_, own), epoch = spool.read(Lane.EVENT, 0, most_bytes=100), spool.state(Lane.EVENT).epoch
    mark = ingest_pb2.Committed(lane=EVENT, epoch=epoch, seq=2, crc=own.crc ^ other)

    with pytest.raises(TransportError, match="a new epoch begins") if begins else contextlib.nullcontext():
        talk.greeted(ingest_pb2.HelloAck(committed=[mark]))

    state = spool.state(Lane.EVENT)
    assert (state.epoch > epoch, state.acked) == ((True, 0) if begins else (False, 2))


def test_a_frame_that_is_not_committed_yet_is_held_against_what_the_collector_has_too(talk, spool):
    put(spool, Lane.EVENT, b"a")
    spool.append(Lane.EVENT, 1, b"b")
    epoch = spool.state(Lane.EVENT).epoch

    with pytest.raises(TransportError, match="a new epoch begins"):
        talk.greeted(ingest_pb2.HelloAck(committed=[ingest_pb2.Committed(lane=EVENT, epoch=epoch, seq=2, crc=1)]))

    assert (spool.state(Lane.EVENT).epoch > epoch, spool.state(Lane.EVENT).acked) == (True, 0)


def test_an_acknowledgement_of_another_frame_than_ours_forgets_nothing(talk, spool):
    put(spool, Lane.EVENT, b"a", b"b")
    epoch = spool.state(Lane.EVENT).epoch
    greet(talk, spool)
    held = ingest_pb2.Committed(lane=EVENT, epoch=epoch, seq=2, crc=1)

    with pytest.raises(TransportError, match="a new epoch begins"):
        talk.hears(ingest_pb2.Down(ack=ingest_pb2.Ack(committed=held)))

    assert (spool.state(Lane.EVENT).epoch > epoch, spool.state(Lane.EVENT).acked) == (True, 0)


def test_words_of_a_lane_or_a_kind_that_is_not_known_are_passed_over(talk, spool):
    greet(talk, spool)

    for down in (
        ingest_pb2.Down(),
        ingest_pb2.Down(ack=ingest_pb2.Ack(committed=ingest_pb2.Committed(lane=9, epoch=1, seq=1))),
        ingest_pb2.Down(nack=ingest_pb2.Nack(lane=9)),
        ingest_pb2.Down(credit=ingest_pb2.Credit(lane=9, bytes=1)),
    ):
        talk.hears(down)

    assert said(talk) == []


def test_who_is_leaving_says_nothing_more_on_the_second_stream(talk, spool):
    put(spool, Lane.EVENT, b"a")
    greet(talk, spool)
    talk.leaving = True

    assert said(talk) == []
    assert talk.is_over
