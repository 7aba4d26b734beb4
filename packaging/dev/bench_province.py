# SPDX-License-Identifier: Apache-2.0
"""What a collector bears of a whole province: ten agents for each of its 503 units, each on its own connection.

Two parts, against one real collector process on a core of its own, every shipped rule on. At the agents' usual pace,
one frame each 15 seconds: how much of the core and of the memory it takes, and how long an event takes to become a
visible alert. Then it is ended with SIGKILL while frames of all agents are under way, and started again: all come back
with the pauses that real agents make, and send again what was not acknowledged. What its database lacks then is lost.
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import itertools
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import grpc
from bench_collector import PERIOD_S, RefusedError, apart, at_rate, connect, cpu_s, listen, rss, visible
from namespaces import end_in_order
from pair import Pair, collector
from simulated import Simulated, enrol

from giamsat.v1 import ingest_pb2
from giamsat_agent.uplink.session import wait_s
from giamsat_collector.descriptors import OWN, raised
from giamsat_wire.codec import Encoded
from giamsat_wire.lane import Lane

AGENTS = 5_030
AT_ONCE = 100
"""Agents that connect at once before the storm."""
WARM_UP_RATE = 300
EVENTS = 40
MEANWHILE = 2
"""Rounds of frames while the events are waited for."""
PATIENCE_S = 60.0
BACK_S = 300.0
"""By when all must be back."""


async def steady(fleet: Sequence[Simulated], frames: Sequence[Encoded], pid: int) -> float:
    """The share of a core the collector takes while the frames come at the agents' usual pace."""
    before, began = cpu_s(pid), time.perf_counter()
    await at_rate(fleet, frames, len(fleet) / PERIOD_S)
    return (cpu_s(pid) - before) / (time.perf_counter() - began)


async def say(one: Simulated, messages: Sequence[ingest_pb2.Up]) -> None:
    """Send frames one after the other; a collector that dies meanwhile does not hear them all."""
    try:
        for message in messages:
            one.waits[Lane.METRIC, message.frame.seq] = time.perf_counter()
            one.idle.clear()
            await one.call.write(message)
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        return


async def come_back(one: Simulated, port: int, root: bytes, messages: Sequence[ingest_pb2.Up], draw: float) -> None:
    """One agent after the collector came back: it connects as a real one does, and goes on where it is told to."""
    held, attempt = None, 0
    while held is None:
        await asyncio.sleep(wait_s(attempt, draw))
        attempt += 1
        await one.channel.close(0)
        with contextlib.suppress(RefusedError, grpc.aio.AioRpcError, asyncio.InvalidStateError):
            held = await connect(one, port, root)
    one.waits.clear()
    one.idle.set()
    hearing = asyncio.ensure_future(listen(one, []))
    await say(one, [message for message in messages if message.frame.seq > held[Lane.METRIC]])
    await one.idle.wait()
    hearing.cancel()


def missing(database: Path, fleet: Sequence[Simulated]) -> int:
    """How many of the frames sent the database does not hold."""
    query = "SELECT agent, count(*) FROM frames WHERE lane = ? AND epoch = ? GROUP BY agent"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        held = dict(connection.execute(query, (int(Lane.METRIC), fleet[0].epoch)).fetchall())
    return sum(one.seq[Lane.METRIC] - held.get(one.id, 0) for one in fleet)


async def usual(
    pair: Pair, fleet: Sequence[Simulated], rounds: Sequence[Sequence[Encoded]], pid: int, rng: random.Random
) -> str:
    """The first part, with a frame of everyone for each round; its figures."""
    await at_rate(fleet, rounds[0], WARM_UP_RATE)
    core = await steady(fleet, list(itertools.chain.from_iterable(rounds[1:-MEANWHILE])), pid)
    seen = await visible(fleet, list(itertools.chain.from_iterable(rounds[-MEANWHILE:])), EVENTS, rng, pair)
    return f"{core:.2f} of a core, {rss(pid) / 1e6:.0f} MB, {statistics.quantiles(seen, n=20)[18]:.2f} s visible p95"


async def dying(
    process: subprocess.Popen[bytes], fleet: Sequence[Simulated], messages: Sequence[Sequence[ingest_pb2.Up]]
) -> None:
    """Frames of everyone under way, and the collector ended when a third of the agents have been answered."""
    for one in fleet:
        one.idle.clear()
    sending = [asyncio.ensure_future(say(one, its)) for one, its in zip(fleet, messages, strict=True)]
    done, _ = await asyncio.wait(
        [asyncio.ensure_future(one.idle.wait()) for one in fleet[: len(fleet) // 3]], timeout=PATIENCE_S
    )
    process.kill()
    process.wait()
    unheard = sum(len(one.waits) for one in fleet)
    print(f"ended with {unheard} frames under way, {len(done)} agents answered", flush=True)
    for task in sending:
        task.cancel()


async def bench(folder: Path, fleet: list[Simulated], paced: int) -> str:
    """Both parts, with so many frames of each agent at the usual pace; the line."""
    rng = random.Random(1)  # noqa: S311 - the same load each time
    pair = Pair(folder)
    # Made before anyone connects: it takes longer than a stream may be silent.
    *rounds, storm, more = ([one.readings(rng, 1) for one in fleet] for _ in range(paced + 3 + MEANWHILE))
    with collector(pair) as process:
        apart(process.pid)
        port, root = pair.ask("status")["ingest_port"], (folder / "collector" / "roots.pem").read_bytes()
        began = time.perf_counter()
        for start in range(0, len(fleet), AT_ONCE):
            await asyncio.gather(*(connect(one, port, root) for one in fleet[start : start + AT_ONCE]))
        print(f"{len(fleet)} agents connected in {time.perf_counter() - began:.1f} s", flush=True)
        listening = [asyncio.ensure_future(listen(one, [])) for one in fleet]
        said = await usual(pair, fleet, rounds, process.pid, rng)
        print(f"at the usual pace: {said}", flush=True)
        messages = [
            [one.frame(Lane.METRIC, each) for each in two] for one, *two in zip(fleet, storm, more, strict=True)
        ]
        await dying(process, fleet, messages)
        for task in listening:
            task.cancel()
    with collector(pair) as process:
        apart(process.pid)
        port, began = pair.ask("status")["ingest_port"], time.perf_counter()
        coming = (come_back(one, port, root, its, rng.random()) for one, its in zip(fleet, messages, strict=True))
        async with asyncio.timeout(BACK_S):
            await asyncio.gather(*coming)
        back_s = time.perf_counter() - began
        await asyncio.gather(*(one.channel.close(0) for one in fleet))
    lost = missing(folder / "collector" / "giamsat.db", fleet)
    return f"bench-province: {said} at {len(fleet)} agents; all back in {back_s:.1f} s, {lost} frames lost"


def main() -> int:
    """Measure and print the line."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=AGENTS, help="ten for each of the 503 units")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the usual pace is kept")
    words = parser.parse_args()
    if raised() < words.agents + OWN:
        raise SystemExit(
            f"bench-province: {words.agents} connections need more files than this shell may open: ulimit -n"
        )
    print(f"{dt.datetime.now(dt.UTC):%H:%M:%S} UTC: making {words.agents} agents …", flush=True)
    with tempfile.TemporaryDirectory(prefix="giamsat-bench-") as folder:
        fleet = enrol(Path(folder), words.agents)
        print(asyncio.run(bench(Path(folder), fleet, max(1, round(words.seconds / PERIOD_S)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
