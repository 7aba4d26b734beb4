# SPDX-License-Identifier: Apache-2.0
"""Agents that exist only as certificates, rows and frames: they speak the real wire, without a host behind them."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import create_engine

from giamsat.v1 import ingest_pb2
from giamsat_collector.enrol import agents
from giamsat_collector.enrol.agents import Certified, Enrolled
from giamsat_collector.migrate import bring_up_to_date
from giamsat_collector.registry import intake, telling
from giamsat_collector.signing.authority import Authority, open_authority
from giamsat_collector.signing.certificates import AGENT_LIFE
from giamsat_collector.signing.possession import spki_sha256
from giamsat_wire.chain import ChainEncoder
from giamsat_wire.clock import SystemClock
from giamsat_wire.codec import Encoded, encode_readings
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane
from giamsat_wire.record import Sample, SampleSet

SERIES = 218
CHANGED = 94
WIRE_LANES = {Lane.EVENT: ingest_pb2.LANE_EVENT, Lane.METRIC: ingest_pb2.LANE_METRIC}
LIFE_NS = int(AGENT_LIFE.total_seconds()) * 1_000_000_000
UNIT, SYSTEM = "40.412", "VD-023"


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
        intake.carry_out(connection, intake.plan(connection, **intake.example_files(), when=intake.When()), 0)
        for one in made:
            agents.add(connection, _row(one, clock.wall_ns()))
            telling.host_enrolled(connection, agent_id=one.id, unit=UNIT, system=SYSTEM, hostname=one.id[:8], at_ns=0)
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
        bound_spki_sha256=fingerprint[::-1],
        enrolled_ns=now_ns,
        current=Certified(1, fingerprint, f"{leaf.serial_number:x}", one.chain_pem, now_ns, now_ns + LIFE_NS),
    )
