# SPDX-License-Identifier: Apache-2.0
"""Agents that exist only as certificates, rows and frames: they speak the real wire, without a host behind them."""

import asyncio
import json
import random
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pair import program
from sqlalchemy import create_engine

from giamsat.v1 import ingest_pb2
from giamsat_collector.enrol import agents
from giamsat_collector.enrol.agents import Certified, Enrolled
from giamsat_collector.migrate import bring_up_to_date
from giamsat_collector.registry import fact_ledger, intake
from giamsat_collector.registry.record import PACK
from giamsat_collector.signing.authority import Authority, open_authority
from giamsat_collector.signing.certificates import AGENT_LIFE
from giamsat_collector.signing.possession import spki_sha256
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_wire.chain import ChainEncoder
from giamsat_wire.clock import SystemClock
from giamsat_wire.codec import Encoded, encode_readings
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane
from giamsat_wire.record import Sample, SampleSet

SERIES = 218
CHANGED = 94
DRIFT = 0.01
"""By how much a gauge moves from one reading to the next, at most. What is small (errors, links lost) stays."""
WIRE_LANES = {Lane.EVENT: ingest_pb2.LANE_EVENT, Lane.METRIC: ingest_pb2.LANE_METRIC}
STEP_NS = 15 * 1_000_000_000
AGO_NS = 24 * 3600 * 1_000_000_000
"""Readings begin a day ago and are a period apart, however fast they are sent: rules on growth see that of a host."""
LIFE_NS = int(AGENT_LIFE.total_seconds()) * 1_000_000_000
UNIT, SYSTEM = "40.412", "VD-023"


@dataclass(frozen=True)
class Host:
    """What the agents tell of: the series of this very host, those that rules look at first, and which may change."""

    samples: tuple[Sample, ...]
    gauges: tuple[int, ...]
    counters: tuple[int, ...]

    @classmethod
    def this(cls) -> "Host":
        """Ask a real agent what it reads here."""
        words = [program("giamsat-agent"), "host", "read", "--json"]
        told = subprocess.run(words, capture_output=True, check=True).stdout.splitlines()
        rules = shipped()
        looked_at = Engine(load_rules(rules.detections), load_pack(rules.pack)).metric_names
        found = sorted(map(json.loads, told), key=lambda one: one["name"] not in looked_at)[:SERIES]
        busy = [number for number, one in enumerate(found) if one["value"] > 1 / DRIFT]
        counters = tuple(number for number in busy if found[number]["type"] == "counter")
        gauges = tuple(number for number in busy if found[number]["type"] == "gauge")
        samples = tuple(Sample(one["name"], one["value"], tuple(sorted(one["labels"].items()))) for one in found)
        return cls(samples, gauges[: CHANGED - min(len(counters), CHANGED // 2)], counters)

    def next(self, values: list[float], rng: random.Random) -> None:
        """Change as many values as those of a host that works: gauges stay near where they are, counters grow."""
        for number in self.gauges:
            values[number] = float(round(self.samples[number].value * rng.uniform(1 - DRIFT, 1 + DRIFT)))
        for number in rng.sample(self.counters, min(len(self.counters), CHANGED - len(self.gauges))):
            values[number] = round(values[number] + rng.randrange(1, 50) / 100, 2)


@dataclass
class Simulated:
    """One agent: its certificate, its chain of readings, its stream."""

    id: str
    key: bytes
    chain_pem: bytes
    host: Host
    series: ChainEncoder = field(default_factory=ChainEncoder)
    values: list[float] = field(default_factory=list)
    read_ns: int = field(default_factory=lambda: time.time_ns() - AGO_NS)
    seq: dict[Lane, int] = field(default_factory=lambda: {Lane.EVENT: 0, Lane.METRIC: 0})
    epoch: int = 1 << 30
    call: Any = None
    channel: Any = None
    waits: dict[tuple[Lane, int], float] = field(default_factory=dict)
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def readings(self, rng: random.Random, sets: int) -> Encoded:
        """The next metric frame: of its series, those that change do."""
        made = []
        if not self.values:
            self.values = [sample.value for sample in self.host.samples]
        for _ in range(sets):
            self.host.next(self.values, rng)
            self.read_ns += STEP_NS
            now = self.read_ns
            pairs = zip(self.host.samples, self.values, strict=True)
            made.append(SampleSet(now, now, tuple(sample._replace(value=value) for sample, value in pairs)))
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
    host = Host.this()
    made = [_simulated(authority, number, host) for number in range(count)]
    engine = create_engine(f"sqlite:///{data / 'giamsat.db'}")
    with engine.begin() as connection:
        example = intake.plan(connection, **intake.example_files(), when=intake.When(), packs=(PACK,))
        intake.carry_out(connection, example, 0)
        for one in made:
            agents.add(connection, _row(one, clock.wall_ns()))
            fact_ledger.host_enrolled(
                connection, agent_id=one.id, unit=UNIT, system=SYSTEM, hostname=one.id[:8], at_ns=0
            )
    engine.dispose()
    return made


def _simulated(authority: Authority, number: int, host: Host) -> Simulated:
    key = ec.generate_private_key(ec.SECP256R1())
    identity = f"{number:08x}-0000-4000-8000-{number:012x}"
    chain = authority.agent(key.public_key(), unit=UNIT, agent_id=identity)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Simulated(identity, secret, b"".join(part.public_bytes(pem) for part in chain), host)


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
        bound_spki_sha256=fingerprint[::-1],
        enrolled_ns=now_ns,
        current=Certified(1, fingerprint, f"{leaf.serial_number:x}", one.chain_pem, now_ns, now_ns + LIFE_NS),
    )
