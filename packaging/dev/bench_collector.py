# SPDX-License-Identifier: Apache-2.0
"""What a collector bears: simulated agents that speak the real wire over mutual TLS, each on its own connection.

Three parts, against one real collector process on a core of its own: how long an acknowledgement takes at 1,000 frames
a second; at the agents' usual pace, how long an event takes to become a visible alert, and how much memory is held;
and how many frames a second become durable and judged when agents push as fast as they are acknowledged, first one
frame in each message and then, which is the figure, as agents send what has gathered while the collector was away.
"""

import argparse
import asyncio
import datetime as dt
import gc
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import grpc
from namespaces import end_in_order
from pair import Pair, collector
from simulated import WIRE_LANES, Simulated, enrol

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_wire.codec import Encoded, encode_happenings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, FieldValue

SETS = 4
PERIOD_S = 15.0
WARM_UP_RATE = 300
PUSHING = 500
PUSHED = 24
"""Frames that each of them pushes."""
BACKLOG = 12
"""Frames in one message of a backlog: an agent sends as many as fit into what a frame may take, 32 KiB at most."""
_LANES = {int(wire): lane for lane, wire in WIRE_LANES.items()}
BEAT_EVERY_S = 20.0
"""Between two heartbeats of all while their frames are made, which may take longer than a stream may be silent."""


class RefusedError(Exception):
    """An agent was not let in."""


async def connect(one: Simulated, port: int, root: bytes) -> dict[Lane, int]:
    """Open the agent's own connection and its stream; how much of each lane the collector holds.

    Raises:
        RefusedError: the collector does not take it.
    """
    credentials = grpc.ssl_channel_credentials(root, one.key, one.chain_pem)
    options = (("grpc.use_local_subchannel_pool", 1),)
    one.channel = grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials, options=options)
    one.call = ingest_pb2_grpc.IngestStub(one.channel).Push()  # type: ignore[no-untyped-call]
    lanes = [
        ingest_pb2.LaneState(lane=wire, epoch=one.epoch, first=1, next=one.seq[lane] + 1)
        for lane, wire in WIRE_LANES.items()
    ]
    hello = ingest_pb2.Hello(
        protocol=1, wall_ns=time.time_ns(), lanes=lanes, frame_period_ms=int(PERIOD_S * 1000), agent_version="bench"
    )
    await one.call.write(ingest_pb2.Up(hello=hello))
    answer = await one.call.read()
    if not isinstance(answer, ingest_pb2.Down):
        raise RefusedError(f"{one.id} was refused: {await one.call.details()}")
    return {_LANES[int(mark.lane)]: mark.seq for mark in answer.hello_ack.committed}


async def listen(one: Simulated, delays: list[float]) -> None:
    """Note how long each acknowledgement took."""
    while isinstance(down := await one.call.read(), ingest_pb2.Down):
        if not down.HasField("ack"):
            continue
        lane, now = _LANES[int(down.ack.committed.lane)], time.perf_counter()
        done = [key for key in one.waits if key[0] is lane and key[1] <= down.ack.committed.seq]
        delays.extend(now - one.waits.pop(key) for key in done)
        if not one.waits:
            one.idle.set()


async def send_together(one: Simulated, several: Sequence[Encoded]) -> None:
    """Send frames in one message, as an agent sends a backlog."""
    frames = [one.frame(Lane.METRIC, encoded).frame for encoded in several]
    one.waits |= {(Lane.METRIC, frame.seq): time.perf_counter() for frame in frames}
    one.idle.clear()
    await one.call.write(ingest_pb2.Up(frames=ingest_pb2.Frames(frames=frames)))


async def send(one: Simulated, lane: Lane, encoded: Encoded) -> None:
    """Send one frame and start its clock."""
    message = one.frame(lane, encoded)
    one.waits[lane, one.seq[lane]] = time.perf_counter()
    one.idle.clear()
    await one.call.write(message)


async def at_rate(fleet: Sequence[Simulated], frames: Sequence[Encoded], rate: float) -> float:
    """Send prepared frames at a steady rate; frame i is agent i's, round after round.

    Returns:
        The longest time in seconds between two turns of this loop: no acknowledgement was noted meanwhile.
    """
    began, sent, turned, longest = time.perf_counter(), 0, time.perf_counter(), 0.0
    while sent < len(frames):
        now = time.perf_counter()
        longest, turned = max(longest, now - turned), now
        while sent < min((now - began) * rate, len(frames)):
            await send(fleet[sent % len(fleet)], Lane.METRIC, frames[sent])
            sent += 1
        await asyncio.sleep(0.002)
    return longest


async def pushed(fleet: Sequence[Simulated], together: int, rng: random.Random, pair: Pair, pid: int) -> float:
    """Frames a second when every agent sends its next as soon as the last were acknowledged, judged too.

    `together` are the frames of one message: one, or as many as an agent sends of a backlog.
    """
    prepared, beaten = [], 0.0
    for one in fleet:
        prepared.append([one.readings(rng, SETS) for _ in range(PUSHED)])
        if time.perf_counter() - beaten > BEAT_EVERY_S:
            beat = ingest_pb2.Up(heartbeat=ingest_pb2.Heartbeat(wall_ns=time.time_ns()))
            await asyncio.gather(*(each.call.write(beat) for each in fleet))
            beaten = time.perf_counter()
    before, cpu, began = pair.ask("status")["frames_judged"], cpu_s(pid), time.perf_counter()

    async def push(one: Simulated, frames: Sequence[Encoded]) -> None:
        for at in range(0, len(frames), together):
            if together == 1:
                await send(one, Lane.METRIC, frames[at])
            else:
                await send_together(one, frames[at : at + together])
            await one.idle.wait()

    await asyncio.gather(*(push(one, frames) for one, frames in zip(fleet, prepared, strict=True)))
    sent = PUSHED * len(fleet)
    judged = 0
    while judged < sent:
        judged = int(pair.ask("status")["frames_judged"]) - before
        await asyncio.sleep(0.02)
    rate, spent = judged / (time.perf_counter() - began), cpu_s(pid) - cpu
    print(
        f"pushed, {together} in a message: {judged} frames, {rate:.0f} frames/s, "
        f"{judged / spent:.0f} for each second of the collector's CPU",
        flush=True,
    )
    return float(rate)


async def visible(
    fleet: Sequence[Simulated], usual: Sequence[Encoded], count: int, rng: random.Random, pair: Pair
) -> list[float]:
    """Seconds from an event's occurrence until its alert can be listed, while frames come at the agents' usual pace."""
    seconds: list[float] = []
    background = asyncio.ensure_future(at_rate(fleet, usual, len(fleet) / PERIOD_S))
    for one in rng.sample(list(fleet), count):
        now = time.time_ns()
        fields: dict[str, FieldValue] = {"event.category": ("iam",), "user.target.name": "x"}
        (encoded,) = encode_happenings([Event("user-account-created", now, now, fields)])
        await send(one, Lane.EVENT, encoded)
        began = time.perf_counter()
        wanted = [["asset", one.id]]
        while not (await asyncio.to_thread(pair.ask, "alerts.list", filters=wanted, limit=1))["alerts"]:
            await asyncio.sleep(0.02)
            if time.perf_counter() - began > 10:
                break
        seconds.append(time.perf_counter() - began)
    background.cancel()
    return seconds


async def bench(folder: Path, fleet: list[Simulated], seconds: float) -> str:
    """All three parts; the line."""
    rng = random.Random(1)  # noqa: S311 - the same load each time
    pair = Pair(folder)
    with collector(pair) as process:
        apart(process.pid)
        port = pair.ask("status")["ingest_port"]
        root = (folder / "collector" / "roots.pem").read_bytes()
        began = time.perf_counter()
        for start in range(0, len(fleet), 100):
            await asyncio.gather(*(connect(one, port, root) for one in fleet[start : start + 100]))
        print(f"{len(fleet)} agents connected in {time.perf_counter() - began:.1f} s", flush=True)
        delays: list[float] = []
        listening = [asyncio.ensure_future(listen(one, delays)) for one in fleet]
        # Chains begin before the clock does: among the frames of a day, one in sixty is a keyframe.
        await at_rate(fleet, [one.readings(rng, 1) for one in fleet], WARM_UP_RATE)
        rounds = int(1_000 * seconds / len(fleet)) + 1
        frames = [one.readings(rng, 1) for _ in range(rounds) for one in fleet][: int(1_000 * seconds)]
        delays.clear()
        gc.collect()
        gc.freeze()  # what stands for 1,509 hosts does not stop all of them at once to look through their objects
        before = cpu_s(process.pid)
        longest = await at_rate(fleet, frames, 1_000)
        await asyncio.sleep(1)
        core = (cpu_s(process.pid) - before) / (seconds + 1)
        p50, p99 = (statistics.quantiles(delays, n=100)[at] * 1_000 for at in (49, 98))
        print(
            f"at 1,000 frames/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms, {core:.2f} of a core, {len(delays)} frames; "
            f"the load itself paused for {longest * 1_000:.0f} ms at most",
            flush=True,
        )
        usual = [one.readings(rng, 1) for _ in range(2) for one in fleet]
        seen = await visible(fleet, usual, 40, rng, pair)
        p95 = statistics.quantiles(seen, n=20)[18]
        memory = rss(process.pid)
        await pushed(fleet[:PUSHING], 1, rng, pair, process.pid)
        rate = await pushed(fleet[:PUSHING], BACKLOG, rng, pair, process.pid)
        for task in listening:
            task.cancel()
        await asyncio.gather(*(one.channel.close(0) for one in fleet))
    return (
        f"bench-collector: {rate:.0f} frames/s, p99 {p99:.1f} ms ack at 1,000/s, {p95:.2f} s visible p95, "
        f"{memory / 1e6:.0f} MB at {len(fleet)} agents"
    )


def apart(pid: int) -> None:
    """The collector on one core, the load on the others, where there are others."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(pid, cores[:1])
        for task in (Path("/proc") / str(pid) / "task").iterdir():
            os.sched_setaffinity(int(task.name), cores[:1])
        os.sched_setaffinity(0, cores[1:])


def cpu_s(pid: int) -> float:
    """Seconds of CPU a process has used."""
    fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def rss(pid: int) -> int:
    """Bytes of memory a process holds."""
    status = (Path("/proc") / str(pid) / "status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def main() -> int:
    """Measure and print the line."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=1_509, help="three for each of the 503 units")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each load lasts")
    words = parser.parse_args()
    print(f"{dt.datetime.now(dt.UTC):%H:%M:%S} UTC: making {words.agents} agents …", flush=True)
    with tempfile.TemporaryDirectory(prefix="giamsat-bench-") as folder:
        fleet = enrol(Path(folder), words.agents)
        print(asyncio.run(bench(Path(folder), fleet, words.seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
