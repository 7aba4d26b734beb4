# SPDX-License-Identifier: Apache-2.0
"""What a collector bears: simulated agents that speak the real wire over mutual TLS, each on its own connection.

Three parts, against one real collector process on a core of its own: how long an acknowledgement takes at 1,000 frames
a second; at the agents' usual pace, how long an event takes to become a visible alert, and how much memory is held;
and how many frames a second become durable and judged when agents push as fast as they are acknowledged.
"""

import argparse
import asyncio
import datetime as dt
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pair import Pair, collector
from sqlalchemy import create_engine

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_collector.enrol import agents
from giamsat_collector.enrol.agents import Enrolled
from giamsat_collector.enrol.authority import Authority, open_authority, spki_sha256
from giamsat_collector.migrate import bring_up_to_date
from giamsat_collector.registry import intake, rows
from giamsat_wire.chain import ChainEncoder
from giamsat_wire.clock import SystemClock
from giamsat_wire.codec import Encoded, encode_happenings, encode_readings
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, FieldValue, Sample, SampleSet

SERIES = 218
SETS = 4
CHANGED = 94
PERIOD_S = 15.0
WARM_UP_RATE = 300
PUSHING = 500
ROUNDS_A_SECOND = 5
WIRE_LANES = {Lane.EVENT: ingest_pb2.LANE_EVENT, Lane.METRIC: ingest_pb2.LANE_METRIC}
UNIT, SYSTEM = "40.412", "VD-024"


@dataclass
class Simulated:
    """One agent: its certificate, its chain of readings, its stream."""

    id: str
    key: bytes
    chain_pem: bytes
    series: ChainEncoder = field(default_factory=ChainEncoder)
    values: list[float] = field(default_factory=lambda: [float(number) for number in range(SERIES)])
    seq: dict[Lane, int] = field(default_factory=lambda: {Lane.EVENT: 0, Lane.METRIC: 0})
    epoch: int = 1 << 30
    call: Any = None
    channel: Any = None
    waits: dict[tuple[Lane, int], float] = field(default_factory=dict)
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def readings(self, rng: random.Random, sets: int) -> Encoded:
        """The next metric frame: of its series, those that change do."""
        made = []
        for _ in range(sets):
            for number in rng.sample(range(SERIES), CHANGED):
                self.values[number] += rng.randrange(1, 50)
            now = time.time_ns()
            samples = tuple(
                Sample("node_network_receive_bytes_total", value, (("device", f"eth{number}"),))
                for number, value in enumerate(self.values)
            )
            made.append(SampleSet(now, now, samples))
        return encode_readings(self.series, made, begin=False)

    def frame(self, lane: Lane, encoded: Encoded) -> ingest_pb2.Up:
        """The next frame of a lane."""
        self.seq[lane] += 1
        seq = self.seq[lane]
        flags = int(encoded.flags)
        return ingest_pb2.Up(
            frame=ingest_pb2.Frame(
                lane=WIRE_LANES[lane],
                epoch=self.epoch,
                seq=seq,
                flags=flags,
                payload=encoded.payload,
                crc=checksum(flags=flags, lane=lane, seq=seq, payload=encoded.payload),
            )
        )


def enrol(folder: Path, count: int) -> list[Simulated]:
    """Enrolled agents, written straight into the collector's data before it starts."""
    clock = SystemClock()
    data = folder / "collector"
    data.mkdir(mode=0o700)
    authority = open_authority(data / "ca", clock)
    bring_up_to_date(data / "giamsat.db")
    made = [_simulated(authority, number) for number in range(count)]
    engine = create_engine(f"sqlite:///{data / 'giamsat.db'}")
    with engine.begin() as connection:
        units, systems = intake.example_files()
        intake.carry_out(connection, intake.plan(connection, units=units, systems=systems), 0)
        for one in made:
            agents.add(connection, _row(one, clock.wall_ns()))
            rows.host_enrolled(connection, agent_id=one.id, unit=UNIT, system=SYSTEM, hostname=one.id[:8], at_ns=0)
    engine.dispose()
    return made


def _simulated(authority: Authority, number: int) -> Simulated:
    key = ec.generate_private_key(ec.SECP256R1())
    identity = f"{number:08x}-0000-4000-8000-{number:012x}"
    chain = authority.agent(key.public_key(), unit=UNIT, agent_id=identity)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Simulated(identity, secret, b"".join(part.public_bytes(pem) for part in chain))


def _row(one: Simulated, now_ns: int) -> Enrolled:
    leaf = x509.load_pem_x509_certificate(one.chain_pem)
    fingerprint = spki_sha256(leaf.public_key())
    return Enrolled(
        id=one.id,
        unit=UNIT,
        token="bench",  # noqa: S106 - the name of a token, not a secret
        hostname=one.id[:8],
        machine_id="",
        os="",
        spki_sha256=fingerprint,
        bound_spki_sha256=fingerprint[::-1],
        serial=f"{leaf.serial_number:x}",
        chain_pem=one.chain_pem,
        enrolled_ns=now_ns,
    )


async def connect(one: Simulated, port: int, root: bytes) -> None:
    """Open the agent's own connection and its stream."""
    credentials = grpc.ssl_channel_credentials(root, one.key, one.chain_pem)
    options = (("grpc.use_local_subchannel_pool", 1),)
    one.channel = grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials, options=options)
    one.call = ingest_pb2_grpc.IngestStub(one.channel).Push()  # type: ignore[no-untyped-call]
    lanes = [ingest_pb2.LaneState(lane=lane, epoch=one.epoch, first=1, next=1) for lane in WIRE_LANES.values()]
    hello = ingest_pb2.Hello(
        protocol=1, wall_ns=time.time_ns(), lanes=lanes, frame_period_ms=int(PERIOD_S * 1000), agent_version="bench"
    )
    await one.call.write(ingest_pb2.Up(hello=hello))
    answer = await one.call.read()
    if not isinstance(answer, ingest_pb2.Down):
        raise SystemExit(f"bench-collector: {one.id} was refused: {await one.call.details()}")


async def listen(one: Simulated, delays: list[float]) -> None:
    """Note how long each acknowledgement took."""
    lanes = {int(wire): lane for lane, wire in WIRE_LANES.items()}
    while isinstance(down := await one.call.read(), ingest_pb2.Down):
        if not down.HasField("ack"):
            continue
        lane, now = lanes[int(down.ack.committed.lane)], time.perf_counter()
        done = [key for key in one.waits if key[0] is lane and key[1] <= down.ack.committed.seq]
        delays.extend(now - one.waits.pop(key) for key in done)
        if not one.waits:
            one.idle.set()


async def send(one: Simulated, lane: Lane, encoded: Encoded) -> None:
    """Send one frame and start its clock."""
    message = one.frame(lane, encoded)
    one.waits[lane, one.seq[lane]] = time.perf_counter()
    one.idle.clear()
    await one.call.write(message)


async def at_rate(fleet: Sequence[Simulated], frames: Sequence[Encoded], rate: float) -> None:
    """Send prepared frames at a steady rate; frame i is agent i's, round after round."""
    began, sent = time.perf_counter(), 0
    while sent < len(frames):
        now = time.perf_counter() - began
        while sent < min(now * rate, len(frames)):
            await send(fleet[sent % len(fleet)], Lane.METRIC, frames[sent])
            sent += 1
        await asyncio.sleep(0.002)


async def pushed(fleet: Sequence[Simulated], rounds: int, rng: random.Random, pair: Pair) -> float:
    """Frames a second when every agent sends its next frame as soon as the last one was acknowledged; judged too."""
    prepared = [[one.readings(rng, SETS) for _ in range(rounds)] for one in fleet]
    before, began = pair.ask("status")["frames_judged"], time.perf_counter()

    async def push(one: Simulated, frames: Sequence[Encoded]) -> None:
        for encoded in frames:
            await send(one, Lane.METRIC, encoded)
            await one.idle.wait()

    await asyncio.gather(*(push(one, frames) for one, frames in zip(fleet, prepared, strict=True)))
    sent = rounds * len(fleet)
    judged = 0
    while judged < sent:
        judged = int(pair.ask("status")["frames_judged"]) - before
        await asyncio.sleep(0.02)
    return float(judged / (time.perf_counter() - began))


async def visible(fleet: Sequence[Simulated], count: int, rng: random.Random, pair: Pair) -> list[float]:
    """Seconds from an event's occurrence until its alert can be listed, at the agents' usual pace."""
    seconds: list[float] = []
    usual = [one.readings(rng, 1) for _ in range(2) for one in fleet]
    background = asyncio.ensure_future(at_rate(fleet, usual, len(fleet) / PERIOD_S))
    for one in rng.sample(list(fleet), count):
        now = time.time_ns()
        fields: dict[str, FieldValue] = {"event.category": ("iam",), "user.target.name": "x"}
        (encoded,) = encode_happenings([Event("user-account-created", now, now, fields)], ())
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
        _apart(process.pid)
        port = pair.ask("status")["ingest_port"]
        root = (folder / "collector" / "ca" / "root.pem").read_bytes()
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
        before = _cpu_s(process.pid)
        await at_rate(fleet, frames, 1_000)
        await asyncio.sleep(1)
        core = (_cpu_s(process.pid) - before) / (seconds + 1)
        p50, p99 = (statistics.quantiles(delays, n=100)[at] * 1_000 for at in (49, 98))
        print(f"at 1,000 frames/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms, {core:.2f} of a core, {len(delays)} frames")
        seen = await visible(fleet, 40, rng, pair)
        p95 = statistics.quantiles(seen, n=20)[18]
        memory = _rss(process.pid)
        rate = await pushed(fleet[:PUSHING], int(ROUNDS_A_SECOND * seconds), rng, pair)
        for task in listening:
            task.cancel()
        await asyncio.gather(*(one.channel.close(0) for one in fleet))
    return (
        f"bench-collector: {rate:.0f} frames/s, p99 {p99:.1f} ms ack at 1,000/s, {p95:.2f} s visible p95, "
        f"{memory / 1e6:.0f} MB at {len(fleet)} agents"
    )


def _apart(pid: int) -> None:
    """The collector on one core, the load on the others, where there are others."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(pid, cores[:1])
        for task in (Path("/proc") / str(pid) / "task").iterdir():
            os.sched_setaffinity(int(task.name), cores[:1])
        os.sched_setaffinity(0, cores[1:])


def _cpu_s(pid: int) -> float:
    fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _rss(pid: int) -> int:
    status = (Path("/proc") / str(pid) / "status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def main() -> int:
    """Measure and print the line."""
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
