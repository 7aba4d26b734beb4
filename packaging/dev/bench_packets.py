# SPDX-License-Identifier: Apache-2.0
"""How fast captures are read: traffic made here, every detector on or the core set, beside scapy and nfstream."""

import argparse
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import bench_live
import venvs
from mixed_traffic import START, connections, questions
from namespaces import end_in_order

from giamsat_agent.packets.anomaly import Kind
from giamsat_agent.packets.detector import Detector
from giamsat_agent.packets.detectors import every
from giamsat_agent.packets.sources.captures import opened
from giamsat_agent.packets.watch import Watch

RUNS: Final = 3
"""Runs of which the fastest counts: what else the machine does only makes it slower."""
PEER_FRAMES = 20_000
"""Frames scapy is given: it takes a minute for half a million."""
FULL_PACE: Final = 500_000
"""Frames a second that the live sensor is to keep up with."""
DOES: Final = {"scapy": "dissection only", "nfstream": "flows and what nDPI makes of them"}
CORE: Final = frozenset(
    {
        *("SynScan", "UdpScan", "AckScan", "StealthScan", "EchoSweep", "ArpScan", "ArpSpoof", "DuplicateAddress"),
        *("Flood", "DnsNames", "MissingNames", "Beacon", "Guessing", "Refusals", "Challenges"),
    }
)
"""Scans, floods, ARP, DNS, beacons, guessing of passwords."""
NFSTREAM: Final = """
import os, sys
from nfstream import NFStreamer
began = os.times()
packets = sum(flow.bidirectional_packets for flow in NFStreamer(source=sys.argv[1], statistical_analysis=False))
print(packets, sum(os.times()[:4]) - sum(began[:4]))
"""
"""Frames, and the CPU time of all its processes without what it takes to begin."""


def capture(path: Path, count: int) -> None:
    """Write a capture of so many frames, 20,000 a second."""
    rng = random.Random(1)  # noqa: S311 - the same traffic each time
    written = 0
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        while written < count:
            for raw in connections(rng) if rng.random() < 0.7 else questions(rng):
                at = written / 20_000
                file.write(struct.pack("<IIII", START + int(at), int(at % 1 * 1e6), len(raw), len(raw)) + raw)
                written += 1


def core() -> tuple[Detector, ...]:
    """The detectors without which there would be no sensor."""
    return tuple(detector for detector in every() if type(detector).__name__ in CORE)


def ours(path: Path, detectors: Callable[[], Sequence[Detector]]) -> tuple[int, float]:
    """Frames and the CPU seconds they took."""
    began, frames, watch = time.process_time(), 0, Watch(detectors=detectors())
    with opened(path) as source:
        for chunk in source.chunks():
            frames += len(chunk.offsets)
            for anomaly in watch.take(chunk):
                if anomaly.kind is Kind.ANOMALY:
                    raise SystemExit(f"bench-packets: harmless traffic was taken for {anomaly.name}")
    return frames, time.process_time() - began


def scapy(path: Path) -> tuple[int, float]:
    """The same for scapy's own reading of a part of the file, without looking for anything."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from scapy.layers import inet  # noqa: F401, PLC0415 - the peer, which only this needs
        from scapy.utils import PcapReader  # noqa: PLC0415
    began, count = time.process_time(), 0
    with PcapReader(str(path)) as reader:
        for _ in reader:
            count += 1
            if count == PEER_FRAMES:
                break
    return count, time.process_time() - began


def nfstream(path: Path) -> tuple[int, float] | None:
    """The same for nfstream, in an environment of its own lock; None, and said, where it cannot be installed."""
    try:
        python = venvs.prepared("nfstream", folder=venvs.BUILD / "nfstream")
    except SystemExit as error:
        print(f"note: without nfstream: {str(error).splitlines()[-1]}", file=sys.stderr)
        return None
    done = subprocess.run([python, "-c", NFSTREAM, str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"note: without nfstream: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    packets, seconds = done.stdout.split()
    return int(packets), float(seconds)


def main() -> int:
    """Measure and print the line."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="giamsat-bench-") as folder:
        path = Path(folder) / "mixed.pcap"
        capture(path, words.frames)
        size = path.stat().st_size / words.frames
        runs = [(ours(path, every), ours(path, core)) for _ in range(RUNS)]
        rate, core_rate = (max(frames / seconds for frames, seconds in each) for each in zip(*runs, strict=True))
        peers = {"scapy": scapy(path), "nfstream": nfstream(path)}
    status = Path("/proc/self/status").read_text()
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    rates = {name: found[0] / found[1] for name, found in peers.items() if found}
    beside = ", ".join(f"{name} {its:.0f} ({DOES[name]})" for name, its in rates.items())
    print(f"{words.frames} frames of {size:.0f} bytes; frames for a second of CPU time, the fastest of {RUNS} runs:")
    print(f"every detector {rate:.0f}, the core set {core_rate:.0f}; {beside}")
    times = ", ".join(f"{rate / its:.1f} x {name}" for name, its in rates.items())
    offline = f"{rate:.0f} pps offline, {core_rate:.0f} with the core set, {times}, {peak:.0f} MB"
    print(f"bench-packets: {offline}{live()}")
    return 0


def live() -> str:
    """The same traffic on a live interface, at rest and as near to full pace as it can be sent; only root can."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        print("live: not measured; it needs root and iproute2")
        return ""
    with bench_live.cable():
        for pace in (100, 10_000):
            at = bench_live.measured(pace)
            print(f"live at {pace} pps: {at.cpu:.2f} % of a core, {at.dropped} drops, {at.memory:.0f} MB")
        most = bench_live.measured(FULL_PACE)
    return f"; {most.pace:.0f} pps live, {most.dropped} drops, {most.cpu:.0f} % of a core, {most.memory:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
