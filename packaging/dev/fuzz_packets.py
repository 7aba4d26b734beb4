# SPDX-License-Identifier: Apache-2.0
"""Mutated frames and capture files, read as an analyst's captures are: nothing may crash, hang or grow.

`fuzz_packets.py SECONDS [SEED]` prints as its last line
`fuzz-packets: F frames, N files, C crashes, slowest S s a file, memory grew M MB` and fails on a crash. Every
mutation comes from the seed, which is printed first; a file that crashes the reader is kept in .build/fuzz-packets.
"""

import contextlib
import random
import resource
import ssl
import struct
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from mixed_traffic import START, connections, packet, questions, segment

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.chunk import Source
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.headers import decode
from giamsat_agent.packets.errors import CaptureError
from giamsat_agent.packets.reading import read
from giamsat_agent.packets.sources.captures import opened
from giamsat_agent.packets.telling import report
from giamsat_agent.packets.traffic import Traffic

KEPT: Final = Path(__file__).resolve().parents[2] / ".build" / "fuzz-packets"
FRAMES: Final = 500
"""Frames of one file."""
WARM: Final = 20
"""Files after which memory has found its size."""
EDGES: Final = (0, 1, 0x7F, 0x80, 0xFF)
LINKS: Final = (1, 1, 1, 0, 12, 101, 113, 228, 229, 276, 147)
TYPES: Final = (0x0800, 0x86DD, 0x0806, 0x8100, 0x88A8, 0x8864, 0x0026)
PORTS: Final = (21, 22, 53, 67, 68, 80, 123, 137, 389, 445, 1900, 3306, 5060, 5353, 5355, 5432, 11211)


@dataclass(slots=True)
class Tally:
    """What was done so far."""

    frames: int = 0
    files: int = 0
    crashes: int = 0
    slowest_s: float = 0.0


@cache
def spoken() -> tuple[tuple[int, bytes], ...]:
    """What programs say to begin with, and the port they say it to; the TLS hello is OpenSSL's own."""
    ways = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(*ways, server_hostname="dichvucong.example")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    hello = ways[1].read()
    server = b"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" + bytes(33) + b"\x00\x0a\x00"
    certificate = b"\x16\x03\x03\x00\x90\x0b\x00\x00\x8c\x00\x00\x89\x00\x00\x86\x30\x81\x83\x30\x81\x80" + bytes(128)
    return (
        (443, hello),
        (443, hello[:200]),
        (40_000, server + certificate),
        (21, b"USER x\r\nPASS y\r\n"),
        (80, b"POST / HTTP/1.1\r\nAuthorization: Basic eHg6eXk=\r\n\r\npassword=b"),
        (161, bytes.fromhex("302602010104067075626c6963a219020101020100020100300e300c06082b060102010105000500")),
        (389, bytes.fromhex("302602010160210201030414636e3d63616e2e626f2c64633d6578616d706c6580066269206d6174")),
        (445, b"\0\0\0\x55\xffSMB\x72\0\0\0\0\x98" + bytes(60)),
        (3_333, b'{"id":1,"method":"mining.subscribe","params":[]}'),
    )


def frame(rng: random.Random) -> bytes:
    """A frame of ordinary traffic, or one with ports that detectors read and a payload of noise; most with faults."""
    kind = rng.random()
    if kind < 0.2:
        port, said = rng.choice(spoken())
        ports = rng.choice(((port, 40_000), (40_000, port)))
        ends = rng.choice(((0x0A000005, 0x0A000050), (0x0A000050, 0x0A000005)))
        raw = bytearray(packet(ends, rng.choice((6, 6, 17)), segment(ports, 24, said)))
        raw[20:22] = rng.choice((b"\0\0", b"\0\0", b"\x20\0", b"\x20\x03"))
    elif kind < 0.6:
        ends, protocol = (rng.getrandbits(32), rng.getrandbits(32)), rng.choice((1, 6, 17, 47, 58))
        head = struct.pack(">HH", *rng.choices((*PORTS, rng.randrange(65_536)), k=2))
        raw = bytearray(packet(ends, protocol, head + rng.randbytes(rng.randrange(300))))
        raw[12:14] = struct.pack(">H", rng.choice(TYPES))
    else:
        raw = bytearray(rng.choice(rng.choice((connections, questions))(rng)))
    return bytes(mutated(rng, raw, most=rng.randrange(8)))


def mutated(rng: random.Random, raw: bytearray, *, most: int) -> bytearray:
    """Up to so many bytes changed, and perhaps the end cut off."""
    for _ in range(most):
        raw[rng.randrange(len(raw))] = rng.choice((*EDGES, rng.randrange(256)))
    return raw[: rng.randrange(1, len(raw) + 1)] if rng.random() < 0.1 else raw


def capture(rng: random.Random) -> bytes:
    """A capture file of such frames; every third is damaged itself."""
    out = bytearray(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, rng.choice(LINKS)))
    at = START
    for _ in range(FRAMES):
        raw = frame(rng)
        at += rng.choice((0, 0, 0, 1, 3_600))
        out += struct.pack("<IIII", at & 0xFFFFFFFF, rng.randrange(1_000_000), len(raw), len(raw)) + raw
    return bytes(mutated(rng, out, most=20) if rng.random() < 1 / 3 else out)


def tried(path: Path, tally: Tally) -> bool:
    """Read one file; whether the reader bore it."""
    began = time.perf_counter()
    try:
        with opened(path) as source:
            found = read(source, lambda _: None)
            tally.frames += found.frames
            if found.fault:
                raise found.fault  # noqa: TRY301 - whatever ends a file is counted in one place
        with opened(path) as source:
            _watched(source)
    except CaptureError:
        pass  # a refusal with its reason is what a broken file is owed
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        traceback.print_exc()
        tally.crashes += 1
        return False
    finally:
        tally.files += 1
        tally.slowest_s = max(tally.slowest_s, time.perf_counter() - began)
    return True


def _watched(source: Source) -> None:
    """What the capture process makes of the same frames beside anomalies: hosts and flows, as it tells them."""
    traffic, addresses = Traffic("eth0", sightings=True, flow_bytes=8_192), Addresses()
    list(traffic.due(1))
    for chunk in source.chunks():
        batch = decode(chunk, addresses)
        for observer in traffic.observers:
            observer.take(batch)
    for told in traffic.due(1 << 62):
        if not isinstance(told, Anomaly):
            report.decode(report.encode(told))


def fuzz(seconds: float, seed: int) -> tuple[Tally, float]:
    """Read mutated captures for so long; what was done, and by how many MB memory grew once it was warm."""
    rng, tally, warm_mb = random.Random(seed), Tally(), 0.0  # noqa: S311 - the same files for the same seed
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="giamsat-fuzz-") as folder:
        path = Path(folder) / "mutated.pcap"
        while tally.files == 0 or time.monotonic() < end:
            path.write_bytes(capture(rng))
            if not tried(path, tally):
                KEPT.mkdir(parents=True, exist_ok=True)
                (KEPT / f"{seed}-{tally.files}.pcap").write_bytes(path.read_bytes())
            if tally.files <= WARM:
                warm_mb = resident_mb()
    return tally, max(resident_mb() - warm_mb, 0.0)


def resident_mb() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Fuzz and print the line."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 30)
    print(f"seed {seed}", flush=True)
    tally, grew_mb = fuzz(seconds, seed)
    counts = f"{tally.frames} frames, {tally.files} files, {tally.crashes} crashes"
    print(f"fuzz-packets: {counts}, slowest {tally.slowest_s:.2f} s a file, memory grew {grew_mb:.0f} MB")
    return int(tally.crashes > 0)


if __name__ == "__main__":
    sys.exit(main())
