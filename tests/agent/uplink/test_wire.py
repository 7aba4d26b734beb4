# SPDX-License-Identifier: Apache-2.0
from giamsat.v1 import ingest_pb2
from giamsat_agent.spool.state import LaneState, StoredFrame
from giamsat_agent.uplink import wire
from giamsat_agent.uplink.session import Mark
from giamsat_wire.lane import Lane
from support.clock import ManualClock

STATES = {Lane.EVENT: LaneState(epoch=7, first=3, next=10, acked=5, committed=8, size=1_234)}
CLOCK = ManualClock(wall_ns=11, mono_ns=22)


def test_a_hello_says_what_each_lane_holds_and_when_it_was_said():
    said = wire.Introduction("1.2", "máy-1", "boot", 99, 15.0)

    hello = wire.hello(said, STATES, CLOCK).hello

    assert [(lane.lane, lane.epoch, lane.first, lane.next) for lane in hello.lanes] == [(2, 7, 3, 10)]
    assert (hello.protocol, hello.wall_ns, hello.mono_ns, hello.frame_period_ms) == (1, 11, 22, 15_000)
    assert (hello.hostname, hello.agent_version, hello.boot_id, hello.instance_nonce) == ("máy-1", "1.2", "boot", 99)


def test_a_frame_travels_as_it_is_stored():
    stored = [StoredFrame(seq, 9, b"\x00payload", 0xDEADBEEF) for seq in (4, 5)]

    alone, together = wire.frames(Lane.METRIC, 7, stored[:1]), wire.frames(Lane.METRIC, 7, stored)

    frame = alone.frame
    assert (frame.lane, frame.epoch, frame.seq, frame.flags) == (3, 7, 4, 9)
    assert (frame.payload, frame.crc) == (b"\x00payload", 0xDEADBEEF)
    assert [one.seq for one in together.frames.frames] == [4, 5]
    assert together.frames.frames[0] == frame


def test_a_heartbeat_counts_what_was_made_kept_acknowledged_and_lost():
    (lane,) = wire.heartbeat(STATES, {Lane.EVENT: 2}, CLOCK).heartbeat.lanes

    assert (lane.produced, lane.committed, lane.acked, lane.declared_lost, lane.spooled_bytes) == (9, 8, 5, 2, 1_234)


def test_lanes_of_a_later_version_are_passed_over():
    answer = ingest_pb2.HelloAck()
    answer.committed.add(lane=2, epoch=7, seq=5)
    answer.committed.add(lane=9, epoch=7, seq=5)

    assert wire.marks(answer) == (Mark(Lane.EVENT, 7, 5),)


def test_numbers_that_nobody_gives_are_passed_over_and_a_mark_names_its_frame():
    answer = ingest_pb2.HelloAck()
    answer.committed.add(lane=1, epoch=(1 << 64) - 1, seq=5)
    answer.committed.add(lane=2, epoch=7, seq=(1 << 64) - 1)
    answer.committed.add(lane=3, epoch=7, seq=5, crc=0xDEADBEEF)

    assert wire.marks(answer) == (Mark(Lane.METRIC, 7, 5, 0xDEADBEEF),)


def test_a_refusal_of_a_later_version_is_named_by_its_number():
    assert wire.code(ingest_pb2.Nack(code=ingest_pb2.Nack.OVERLOAD)) == "overload"
    assert wire.code(ingest_pb2.Nack(code=77)) == "77"
