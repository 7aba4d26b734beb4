# SPDX-License-Identifier: Apache-2.0
from giamsat.v1 import ingest_pb2
from giamsat_collector.ingest.outbox import HELD_UP_NS, RETRY_AFTER_MS, Live, Outbox
from giamsat_collector.ingest.session import RECEIVE_WINDOW, Mark, Poison, Refusal, Refused, Session
from giamsat_wire.lane import Lane


def outbox(*lanes):
    return Outbox(frozenset(lanes or Lane))


def told(box, session=None):
    return list(box.take(session or Session()))


def test_a_stream_that_reads_slowly_hears_the_newest_mark_once():
    box = outbox()
    for seq in range(1_000):
        box.put(Mark(Lane.EVENT, 5, seq))

    (down,) = told(box)

    assert (down.ack.committed.lane, down.ack.committed.epoch, down.ack.committed.seq) == (2, 5, 999)
    assert down.ack.credit_bytes == RECEIVE_WINDOW[Lane.EVENT]


def test_what_was_taken_is_not_told_again():
    box = outbox()
    box.put(Mark(Lane.EVENT, 5, 1))
    told(box)

    assert told(box) == []
    assert not box.ready.is_set()


def test_a_stream_is_woken_by_news():
    box = outbox()
    assert not box.ready.is_set()

    box.put(Refused(Lane.EVENT, 5, 1, Refusal.POLICY))

    assert box.ready.is_set()


def test_a_refusal_says_the_number_wanted_and_only_overload_asks_for_patience():
    box = outbox()
    for lane, why in zip(Lane, (Refusal.OUT_OF_ORDER, Refusal.POLICY, Refusal.OVERLOAD), strict=False):
        box.put(Refused(lane, 5, 9, why))

    nacks = [down.nack for down in told(box)]

    assert [(nack.seq, nack.code, nack.retry_after_ms) for nack in nacks] == [
        (9, ingest_pb2.Nack.OUT_OF_ORDER, 0),
        (9, ingest_pb2.Nack.POLICY, 0),
        (9, ingest_pb2.Nack.OVERLOAD, RETRY_AFTER_MS),
    ]


def test_that_a_frame_was_set_aside_is_told_beside_what_is_refused():
    box = outbox()
    for reason in (Refusal.OVERLOAD, Poison.CHECKSUM):
        box.put(Refused(Lane.EVENT, 5, 9, reason))

    assert [down.nack.code for down in told(box)] == [ingest_pb2.Nack.QUARANTINED, ingest_pb2.Nack.OVERLOAD]
    assert told(box) == []


def test_who_has_to_wait_with_a_frame_is_not_told_to_send_it_again_at_once_by_those_behind_it():
    box = outbox()
    for expected, why in ((5, Refusal.OVERLOAD), (5, Refusal.OUT_OF_ORDER)):
        box.put(Refused(Lane.EVENT, 1, expected, why))
    waits = told(box)
    box.put(Refused(Lane.EVENT, 1, 5, Refusal.OVERLOAD))
    box.put(Refused(Lane.EVENT, 1, 4, Refusal.OUT_OF_ORDER))  # after a commit that failed

    assert [down.nack.code for down in waits] == [ingest_pb2.Nack.OVERLOAD]
    assert [(down.nack.code, down.nack.seq) for down in told(box)] == [(ingest_pb2.Nack.OUT_OF_ORDER, 4)]


def test_news_reaches_every_stream_that_carries_the_lane_and_no_other():
    urgent, bulky = outbox(Lane.URGENT), outbox(Lane.METRIC, Lane.BULK)
    live = Live("A1", Session(), outboxes=[urgent, bulky])

    live.tell((Mark(Lane.METRIC, 5, 3),))

    assert told(urgent) == []
    assert [down.ack.committed.seq for down in told(bulky)] == [3]


def test_every_lane_has_its_name_on_the_wire():
    box = outbox()
    for lane in Lane:
        box.put(Mark(lane, 5, 1))

    assert {ingest_pb2.Lane.Name(down.ack.committed.lane) for down in told(box)} == {
        f"LANE_{lane.name}" for lane in Lane
    }


def test_a_greeting_that_was_held_up_is_overtaken_and_one_of_a_host_that_was_set_back_is_not():
    live, lanes = Live("A1", Session()), frozenset({Lane.EVENT})
    late, early = 2 * HELD_UP_NS, 2 * HELD_UP_NS - 5
    assert not live.is_overtaken(lanes, 7, late)

    assert live.is_overtaken(lanes, 7, early)
    assert not live.is_overtaken(lanes, 8, early)
    assert not live.is_overtaken(lanes, 7, late)
    assert not live.is_overtaken(lanes, 7, late - HELD_UP_NS - 1)
    assert not live.is_overtaken(lanes, 7, late - HELD_UP_NS)
