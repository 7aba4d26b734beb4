# SPDX-License-Identifier: Apache-2.0
"""Lanes to send and a session that is greeted, in few words."""

from giamsat_agent.spool.state import LaneState, StoredFrame
from giamsat_agent.uplink.session import Mark, Stream
from giamsat_wire.lane import Lane

EPOCH = 7
SECOND = 1_000_000_000
ROOM = 1 << 20


def state(first=1, next_=1, acked=0, epoch=EPOCH, holes=()):
    return LaneState(epoch, first, next_, acked, next_ - 1, 0, holes=holes)


def lanes(**named):
    empty = {lane: state() for lane in Lane}
    return empty | {Lane[name.upper()]: held for name, held in named.items()}


def resumed(session, states, **marks):
    """Greet on both streams; the collector holds what `marks` say, nothing otherwise."""
    for stream in Stream:
        its = {lane: states[lane] for lane in stream.lanes}
        session.resumed(its, [Mark(lane, EPOCH, marks.get(lane.name.lower(), 0)) for lane in its])


def send(session, lane, seq, size=100, now=0):
    session.sent(lane, StoredFrame(seq, 0, bytes(size), 0), now)


def lane_wanted(session, stream, states, now=0):
    wanted = session.wanted(stream, states, now)
    return None if wanted is None else (wanted.lane, wanted.after)


def fast(session):
    """A link that has been seen to carry much."""
    session.pace._rate = 1e9
    return session
