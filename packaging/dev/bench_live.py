# SPDX-License-Identifier: Apache-2.0
"""What watching a live interface costs: a cable of our own, frames sent at several paces, every detector on.

Run by bench_packets.py as root: `bench_live.py watch INTERFACE SECONDS` and `bench_live.py send INTERFACE SECONDS PACE`
are its two ends, each a process in a network namespace and, where there are two, on a core of its own: what the kernel
does to bring a frame into the ring is done where it is sent from. A pace of 0 is as fast as one process can send.
"""

import contextlib
import ctypes
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from namespaces import namespace

HERE, THERE = "giamsat-bench-a", "giamsat-bench-b"
ENDS: Final = {HERE: "gsb0", THERE: "gsb1"}
RING_MIB: Final = 8
FLOW_BYTES: Final = 8_192
SECONDS: Final = 8.0
BURST: Final = 64
SOL_PACKET, QDISC_BYPASS = 263, 20
MESSAGE: Final = np.dtype(
    [("name", "u8"), ("name_length", "u8"), ("pieces", "u8"), ("count", "u8"), ("rest", "V24"), ("sent", "u8")]
)
"""struct mmsghdr, as sendmmsg(2) takes an array of them; `pieces` points at the one struct iovec of each."""


@dataclass(frozen=True, slots=True)
class Live:
    """One run: frames a second seen, frames dropped by the kernel's count, per cent of a core, megabytes at most."""

    pace: float
    dropped: int
    cpu: float
    memory: float


def watch(interface: str, seconds: float) -> None:
    """Watch an interface; print what it took."""
    from giamsat_agent.capture import FAST, FULL, LOOK_S, PRESSED_S, RECENT_BYTES, TURN_NS  # noqa: PLC0415 - the sender needs none
    from giamsat_agent.packets import hellos  # noqa: PLC0415
    from giamsat_agent.packets.recent import Recent  # noqa: PLC0415
    from giamsat_agent.packets.ring import Ring  # noqa: PLC0415
    from giamsat_agent.packets.traffic import Traffic  # noqa: PLC0415
    from giamsat_agent.packets.watch import Watch  # noqa: PLC0415

    traffic = Traffic(interface, sightings=True, flow_bytes=FLOW_BYTES)
    ring, watched = Ring(interface, megabytes=RING_MIB, promiscuous=True), Watch(traffic.observers)
    greeted, recent = hellos.ring(interface), Recent(RECENT_BYTES)
    print("ready", flush=True)
    until, began, first, last = time.monotonic() + seconds, time.process_time(), 0.0, 0.0
    turned, fast = 0.0, False
    while time.monotonic() < until:
        time.sleep(PRESSED_S if fast else LOOK_S)
        fast = ring.waits(FAST)
        if not ring.waits(FULL) and time.monotonic() - turned < TURN_NS / 1e9:
            continue
        turned = time.monotonic()
        for chunk in greeted.turn(hellos.HELLOS_A_TURN):
            watched.hear(chunk)
        for chunk in ring.turn():
            last = time.monotonic()
            first = first or last
            recent.add(chunk)
            for anomaly in watched.take(chunk):
                raise SystemExit(f"harmless traffic was taken for {anomaly.name}")
        sum(1 for _ in traffic.due(time.time_ns()))
    ring.count()
    used = time.process_time() - began
    status = Path("/proc/self/status").read_text()
    memory = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    print(json.dumps([ring.seen / max(last - first, 1e-9), ring.dropped, 100 * used / seconds, memory]))


def send(interface: str, seconds: float, pace: float) -> None:
    """Send mixed traffic, in bursts of BURST, each by one call of the kernel's."""
    from bench_packets import connections, questions  # noqa: PLC0415 - each needs the other

    rng = random.Random(1)  # noqa: S311 - the same traffic each time
    frames = [raw for _ in range(2_000) for raw in (connections(rng) if rng.random() < 0.7 else questions(rng))]
    lengths = np.array([len(raw) for raw in frames], np.uint64)
    data = np.frombuffer(b"".join(frames), np.uint8)
    pieces = np.stack((data.ctypes.data + np.cumsum(lengths) - lengths, lengths), axis=1)
    messages = np.zeros(len(frames), MESSAGE)
    messages["pieces"], messages["count"] = pieces.ctypes.data + 16 * np.arange(len(frames)), 1
    sendmmsg = ctypes.CDLL(None, use_errno=True).sendmmsg
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as line:
        line.setsockopt(SOL_PACKET, QDISC_BYPASS, 1)
        line.bind((interface, 0))
        began, sent, at = time.monotonic(), 0, 0
        while time.monotonic() - began < seconds:
            burst = min(BURST, len(frames) - at)
            begin = ctypes.c_void_p(messages.ctypes.data + at * MESSAGE.itemsize)
            gone = sendmmsg(line.fileno(), begin, burst, 0)
            if gone < 0:
                raise OSError(ctypes.get_errno(), "sendmmsg")
            sent, at = sent + gone, (at + gone) % len(frames)
            ahead = began + sent / pace - time.monotonic() if pace else 0.0
            if ahead > 0:
                time.sleep(ahead)


def measured(pace: float) -> Live:
    """Watch while frames are sent at this pace."""
    words = [sys.executable, __file__]
    inside = {host: ["ip", "netns", "exec", host, *words] for host in ENDS}
    with subprocess.Popen(
        [*inside[HERE], "watch", ENDS[HERE], str(SECONDS + 1)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    ) as watching:
        assert watching.stdout is not None  # noqa: S101 - it is piped
        watching.stdout.readline()
        subprocess.run([*inside[THERE], "send", ENDS[THERE], str(SECONDS), str(pace)], check=True)
        return Live(*json.loads(watching.stdout.readline()))


@contextlib.contextmanager
def cable() -> Iterator[None]:
    """Two namespaces with a cable between them."""
    with contextlib.ExitStack() as stack:
        for host in ENDS:
            stack.enter_context(namespace(host))
        pair = ["type", "veth", "peer", "name", ENDS[THERE], "netns", THERE]
        subprocess.run(["ip", "-n", HERE, "link", "add", ENDS[HERE], *pair], check=True)
        for host, interface in ENDS.items():
            subprocess.run(["ip", "-n", host, "link", "set", interface, "up"], check=True)
        yield


if __name__ == "__main__":
    cores = sorted(os.sched_getaffinity(0))
    if sys.argv[1] == "watch":
        os.sched_setaffinity(0, cores[-1:])
        watch(sys.argv[2], float(sys.argv[3]))
    else:
        os.sched_setaffinity(0, cores[:1])
        send(sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
