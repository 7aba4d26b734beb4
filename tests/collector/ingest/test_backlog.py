# SPDX-License-Identifier: Apache-2.0
"""What has gathered at an agent comes in messages of several frames."""

import pytest

from giamsat.v1 import ingest_pb2
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.outbox import RETRY_AFTER_MS
from giamsat_collector.ingest.session import RECEIVE_WINDOW
from giamsat_wire import limits
from giamsat_wire.lane import Lane
from support.ingest_site import acked, frame, hello, opened, said

MOST = limits.FRAMES_PER_MESSAGE


@pytest.fixture
async def site(tmp_path):
    async with opened(tmp_path) as site:
        yield site


def several(*seqs, payload=b"p"):
    return ingest_pb2.Up(frames=ingest_pb2.Frames(frames=[frame(seq, payload).frame for seq in seqs]))


def refused_behind(seq):
    """Everything up to a number is durable, and a refusal has come as well."""
    lacking = {"ack", "nack"}

    def until(down):
        lacking.discard("nack" if down.HasField("nack") else "ack" if acked(seq)(down) else "")
        return not lacking

    return until


def refusal(heard):
    nacks = [down.nack for down in heard if down.HasField("nack")]
    return [(nack.code, nack.seq, nack.retry_after_ms) for nack in nacks]


async def stored(site):
    return [one.seq for one in await site.store.read(lambda connection: frames.after(connection, 0, 1_000))]


async def test_frames_of_a_message_are_taken_one_after_the_other_and_none_twice(site):
    greeted, *_ = await said(site.enrolled(), hello(), several(1, 2, 3), several(2, 3, 4), until=acked(4))

    assert greeted.hello_ack.frames_at_once == MOST
    assert await stored(site) == [1, 2, 3, 4]


async def test_more_frames_in_a_message_than_were_allowed_are_refused_and_counted(site):
    heard = await said(site.enrolled(), hello(), several(*range(1, MOST + 9)), until=refused_behind(MOST))

    assert refusal(heard) == [(ingest_pb2.Nack.POLICY, MOST + 1, 0)]
    assert await stored(site) == list(range(1, MOST + 1))
    assert site.service.refused_total == {"too_many_frames": 1}


async def test_who_sends_more_than_may_wait_for_a_commit_is_told_to_wait_and_not_that_the_rest_is_out_of_order(site):
    large = b"x" * (RECEIVE_WINDOW[Lane.EVENT] // 6)

    heard = await said(site.enrolled(), hello(), several(*range(1, 9), payload=large), until=refused_behind(5))

    assert refusal(heard) == [(ingest_pb2.Nack.OVERLOAD, 6, RETRY_AFTER_MS)]
    assert await stored(site) == [1, 2, 3, 4, 5]
    assert site.service.refused_total == {"overload": 1}
