# SPDX-License-Identifier: Apache-2.0
"""An agent's spool on a simulated disk and its client, to be run against a PushServer."""

import asyncio
import contextlib
from random import Random

from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_agent.uplink.client import Client
from giamsat_agent.uplink.session import Session
from giamsat_agent.uplink.wire import Introduction
from giamsat_wire.clock import SystemClock
from giamsat_wire.lane import Lane
from support.patience import Patience
from support.push_server import enrolled

INTRODUCTION = Introduction("1.2", "máy-1", "boot", 5, 15.0)


class Prompt(Random):
    """Draws that make every wait as short as it may be."""

    def random(self):
        return 0.02


def opened(disk, caps=Caps()):  # noqa: B008 - a frozen value
    return Spool(disk.folder, owner=Owner("a", "b"), clock=SystemClock(), random_bits=Random(1).getrandbits, caps=caps)


def put(spool, lane, *payloads):
    for payload in payloads:
        spool.append(lane, 1, payload)
    spool.commit(lane)


def made(spool, server, *addresses, rng=None, identity=None):
    return Client(
        addresses=addresses or (server.address,),
        identity=identity or enrolled(server.authority),
        introduction=INTRODUCTION,
        spool=spool,
        session=Session(),
        clock=SystemClock(),
        rng=rng or Prompt(),
    )


@contextlib.asynccontextmanager
async def running(client):
    task = asyncio.ensure_future(client.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(claim, seconds=60):
    patience = Patience(seconds)
    while not claim():
        assert patience.lasts(), f"it is not so within {seconds} s"
        await asyncio.sleep(0.01)


def emptied(spool):
    return all(spool.state(lane).acked == spool.state(lane).next - 1 for lane in Lane)
