# SPDX-License-Identifier: Apache-2.0
"""What a collector that was taken over says to an agent: nothing of it makes the agent fall, grow or forget a frame."""

import psutil
import pytest

from giamsat.v1 import ingest_pb2
from giamsat_wire import limits
from giamsat_wire.lane import Lane
from support.files import Disk
from support.push_server import serving
from support.uplinks import emptied, made, opened, put, running, until

LARGEST = (1 << 32) - 1
HELD_BYTES = 32 << 20
MANY = ingest_pb2.Down(
    hello_ack=ingest_pb2.HelloAck(
        committed=[ingest_pb2.Committed(lane=2, epoch=number, seq=1 << 60) for number in range(100_000)]
    )
)
assert MANY.ByteSize() > limits.MESSAGE_BYTES
PAYLOADS = [b"%d" % number for number in range(30)]


def ack(seq, *, epoch, lane=Lane.EVENT, credit=LARGEST):
    held = ingest_pb2.Committed(lane=lane, epoch=epoch, seq=seq)
    return ingest_pb2.Down(ack=ingest_pb2.Ack(committed=held, credit_bytes=credit))


def nack(code, *, seq=1, lane=Lane.EVENT):
    return ingest_pb2.Down(nack=ingest_pb2.Nack(lane=lane, seq=seq, code=code))


def many_marks(_):
    yield MANY


def no_greeting(_):
    yield ingest_pb2.Down()


def marks_of_nothing(epoch):
    yield greeting(epoch)
    yield from (ack(seq, epoch=seq, lane=seq % 9) for seq in range(5_000))


def marks_beyond(epoch):
    yield greeting(epoch)
    yield ack(1 << 60, epoch=epoch)


def epochs_beyond(_):
    yield greeting((1 << 64) - 1)


def the_last_epoch(_):
    yield greeting((1 << 64) - 2)


def an_epoch_without_successors(_):
    yield greeting(limits.NUMBER)


def refusals(epoch):
    yield greeting(epoch)
    for code in (1, 2, 99):
        yield from (nack(code, seq=seq) for seq in (0, 1, 1 << 60))
    yield from (nack(1, lane=lane) for lane in (0, 9))


def credit_of_nothing(epoch):
    yield greeting(epoch)
    for lane in range(9):
        yield ingest_pb2.Down(credit=ingest_pb2.Credit(lane=lane, bytes=0))
    yield greeting(epoch)
    yield ingest_pb2.Down()


def greeting(epoch):
    return ingest_pb2.Down(
        hello_ack=ingest_pb2.HelloAck(
            committed=[ingest_pb2.Committed(lane=Lane.EVENT, epoch=epoch, seq=0)], heartbeat_ms=LARGEST
        )
    )


WORDS = [
    *(many_marks, no_greeting, marks_of_nothing, marks_beyond, refusals, credit_of_nothing),
    *(epochs_beyond, the_last_epoch, an_epoch_without_successors),
]


@pytest.mark.parametrize("said", WORDS)
async def test_whatever_a_collector_says_every_frame_arrives_once_it_is_itself_again(tmp_path, said):
    spool, process = opened(Disk()), psutil.Process()
    put(spool, Lane.EVENT, *PAYLOADS)
    async with serving(tmp_path) as server:
        server.says.append(lambda hello: said(hello.lanes[0].epoch))
        before = process.memory_info().rss
        async with running(made(spool, server)) as task:
            await until(lambda: emptied(spool))
            assert not task.done()

        assert server.payloads(Lane.EVENT) == PAYLOADS
    assert spool.state(Lane.EVENT).epoch <= limits.EPOCH
    assert process.memory_info().rss - before <= HELD_BYTES
