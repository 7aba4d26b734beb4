# SPDX-License-Identifier: Apache-2.0
"""What agent and collector say to each other, between our values and the messages of `giamsat.v1`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat.v1 import ingest_pb2
from giamsat_agent.spool.state import LaneState, StoredFrame
from giamsat_agent.uplink.session import Mark
from giamsat_wire import limits
from giamsat_wire.clock import Clock
from giamsat_wire.lane import Lane

PROTOCOL: Final = 1
LANES: Final = {int(lane): lane for lane in Lane}
_WIRE_LANES: Final = {
    Lane.URGENT: ingest_pb2.LANE_URGENT,
    Lane.EVENT: ingest_pb2.LANE_EVENT,
    Lane.METRIC: ingest_pb2.LANE_METRIC,
    Lane.BULK: ingest_pb2.LANE_BULK,
}


@dataclass(frozen=True, slots=True)
class Introduction:
    """What this agent says of itself in every Hello."""

    version: str
    hostname: str
    boot_id: str
    nonce: int
    frame_period_s: float


def hello(said: Introduction, states: Mapping[Lane, LaneState], clock: Clock) -> ingest_pb2.Up:
    """The first message of a stream that carries these lanes."""
    return ingest_pb2.Up(
        hello=ingest_pb2.Hello(
            protocol=PROTOCOL,
            boot_id=said.boot_id,
            instance_nonce=said.nonce,
            lanes=[
                ingest_pb2.LaneState(
                    lane=_WIRE_LANES[lane], epoch=state.epoch, first=state.first, next=state.next, since=state.since
                )
                for lane, state in states.items()
            ],
            wall_ns=clock.wall_ns(),
            mono_ns=clock.mono_ns(),
            agent_version=said.version,
            frame_period_ms=int(said.frame_period_s * 1_000),
            hostname=said.hostname,
        )
    )


def frames(lane: Lane, epoch: int, stored: Sequence[StoredFrame]) -> ingest_pb2.Up:
    """Frames that follow each other, each with the same bytes on every retry; one alone as every collector takes it."""
    if len(stored) == 1:
        return ingest_pb2.Up(frame=_frame(lane, epoch, stored[0]))
    return ingest_pb2.Up(frames=ingest_pb2.Frames(frames=[_frame(lane, epoch, one) for one in stored]))


def _frame(lane: Lane, epoch: int, stored: StoredFrame) -> ingest_pb2.Frame:
    return ingest_pb2.Frame(
        lane=_WIRE_LANES[lane],
        epoch=epoch,
        seq=stored.seq,
        flags=stored.flags,
        payload=stored.payload,
        crc=stored.crc,
    )


def heartbeat(states: Mapping[Lane, LaneState], declared_lost: Mapping[Lane, int], clock: Clock) -> ingest_pb2.Up:
    """The counters from which the collector computes whether anything is missing."""
    return ingest_pb2.Up(
        heartbeat=ingest_pb2.Heartbeat(
            wall_ns=clock.wall_ns(),
            mono_ns=clock.mono_ns(),
            lanes=[
                ingest_pb2.LaneCounters(
                    lane=_WIRE_LANES[lane],
                    produced=state.next - 1,
                    committed=state.committed,
                    acked=state.acked,
                    declared_lost=declared_lost[lane],
                    spooled_bytes=state.size,
                )
                for lane, state in states.items()
            ],
        )
    )


def bye(reason: str) -> ingest_pb2.Up:
    """The last message of an agent that is stopped in order."""
    return ingest_pb2.Up(bye=ingest_pb2.Bye(reason=reason))


def marks(answer: ingest_pb2.HelloAck) -> tuple[Mark, ...]:
    """What the collector holds, of the lanes this agent knows."""
    return tuple(found for committed in answer.committed if (found := mark(committed)) is not None)


def mark(committed: ingest_pb2.Committed) -> Mark | None:
    """Up to where a lane is durable; None for a lane this agent does not know, or numbers that nobody gives."""
    lane = LANES.get(int(committed.lane))
    if lane is None or max(committed.epoch, committed.seq) > limits.NUMBER:
        return None
    return Mark(lane, committed.epoch, committed.seq, committed.crc)


UNKNOWN: Final = "unknown"
"""What a refusal is counted as that this version does not know."""


def code(nack: ingest_pb2.Nack) -> str:
    """The name of a refusal, for the log."""
    known = dict(ingest_pb2.Nack.Code.items())
    return next((name.lower() for name, value in known.items() if value == nack.code), str(nack.code))
