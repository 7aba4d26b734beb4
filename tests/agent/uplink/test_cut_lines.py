# SPDX-License-Identifier: Apache-2.0
"""A line that is cut at any byte either way, one that is cut or half open again and again, and one with a long way."""

import contextlib
import statistics
import sys
import time
from random import Random

from giamsat_agent.uplink import client
from giamsat_wire.lane import Lane
from support.files import Disk
from support.push_server import enrolled, serving
from support.relay import Relay
from support.uplinks import emptied, made, opened, put, running, until

PAYLOADS = [b"%d" % number for number in range(10)]
P95_S = 10.0


async def delivered(server, identity, relay):
    """What two lanes of ten frames each bring to a collector that knows nothing yet."""
    server.lanes.clear()
    spool = opened(Disk())
    for lane in (Lane.URGENT, Lane.EVENT):
        put(spool, lane, *PAYLOADS)
    async with running(made(spool, server, f"127.0.0.1:{relay.port}", identity=identity)):
        await until(lambda: emptied(spool))
    return server.payloads(Lane.URGENT), server.payloads(Lane.EVENT)


async def test_a_line_that_is_cut_at_any_byte_of_either_way_brings_each_frame_once(tmp_path, pytestconfig):
    step, cuts = pytestconfig.option.cut_step, {"said": 0, "answered": 0}
    async with serving(tmp_path) as server:
        identity = enrolled(server.authority)
        for way in cuts:
            at = 1
            while True:
                relay = Relay(server.port, **{"said_bytes" if way == "said" else "answer_bytes": at}, times=1)
                with contextlib.closing(relay):
                    assert await delivered(server, identity, relay) == (PAYLOADS, PAYLOADS), (way, at)
                if not relay.cuts:
                    break
                cuts[way] += 1
                at += step

    assert min(cuts.values()) > 2_000 // step
    sys.stdout.write(f"cut at {cuts} places ")


async def test_a_line_that_flaps_again_and_again_loses_nothing_and_is_used_soon_after(
    tmp_path, monkeypatch, pytestconfig
):
    quicker = [(name, 300 if value in {20_000, 60_000} else value) for name, value in client.OPTIONS]
    monkeypatch.setattr(client, "OPTIONS", tuple(quicker))
    monkeypatch.setattr(client, "HELLO_S", 0.5)
    draw, spool, sent, took_s = Random(10), opened(Disk()), [], []
    async with serving(tmp_path) as server:
        relay = Relay(server.port)
        with contextlib.closing(relay):
            agent = made(spool, server, f"127.0.0.1:{relay.port}", rng=draw)
            async with running(agent):
                for flap in range(pytestconfig.option.flaps):
                    await until(lambda: agent.link.connected)
                    sent += (new := [b"%d %d" % (flap, number) for number in range(draw.randrange(4))])
                    put(spool, Lane.EVENT, *new)
                    agent.wake()
                    half_open = draw.random() < 0.3
                    relay.freeze() if half_open else relay.cut()
                    await until(lambda: not agent.link.connected)
                    relay.thaw()
                    healed = time.monotonic()
                    await until(lambda: agent.link.connected and emptied(spool))
                    took_s.append(time.monotonic() - healed)

        assert server.payloads(Lane.EVENT) == sent
    p95 = statistics.quantiles(took_s, n=20, method="inclusive")[-1]
    sys.stdout.write(f"{len(took_s)} flaps, back after p95 {p95:.2f} s ")
    assert p95 <= P95_S


async def test_over_a_long_way_what_is_urgent_overtakes_a_backlog_and_all_arrives_once(tmp_path):
    spool, backlog = opened(Disk()), [b"%4d" % number * 500 for number in range(20)]
    put(spool, Lane.EVENT, *backlog)
    async with serving(tmp_path) as server:
        relay = Relay(server.port, delay_s=0.3)
        with contextlib.closing(relay):
            agent = made(spool, server, f"127.0.0.1:{relay.port}")
            async with running(agent):
                await until(lambda: agent.link.connected)
                put(spool, Lane.URGENT, b"now")
                agent.wake()
                await until(lambda: spool.state(Lane.URGENT).acked == 1)
                overtaken = not emptied(spool)
                await until(lambda: emptied(spool))

        assert (server.payloads(Lane.URGENT), server.payloads(Lane.EVENT)) == ([b"now"], backlog)
    assert overtaken
