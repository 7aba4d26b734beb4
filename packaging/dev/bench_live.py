# SPDX-License-Identifier: Apache-2.0
"""What watching a live interface costs: a cable of our own, frames sent at several paces, every detector on.

Run by bench_packets.py as root: `bench_live.py watch INTERFACE SECONDS` and `bench_live.py send INTERFACE SECONDS PACE`
are its two ends, each a process in a network namespace and, where there are two, on a core of its own: what the kernel
does to bring a frame into the ring is done where it is sent from. A pace of 0 is as fast as one process can send.
"""

import contextlib
import ctypes
import gc
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
from mixed_traffic import connections, questions
from namespaces import namespace

from giamsat_agent import capture
from giamsat_agent.config import Packets
from giamsat_agent.packets.anomaly import Kind
from giamsat_agent.packets.telling.report import Counted, Found, Report, Sight
from giamsat_wire.clock import SystemClock

HERE, THERE = "giamsat-bench-a", "giamsat-bench-b"
ENDS: Final = {HERE: "gsb0", THERE: "gsb1"}
RING_MIB: Final = 8
SECONDS: Final = 16.0
"""What the first second costs until all that is needed is in memory is a small part of it."""
COUNTED_S: Final = 4.0
"""So long after the last frame its drops have been counted."""
BURST: Final = 64
SOL_PACKET, QDISC_BYPASS = 263, 20
MESSAGE: Final = np.dtype(
    [("name", "u8"), ("name_length", "u8"), ("pieces", "u8"), ("count", "u8"), ("rest", "V24"), ("sent", "u8")]
)
"""struct mmsghdr, as sendmmsg(2) takes an array of them; `pieces` points at the one struct iovec of each."""


@dataclass(frozen=True, slots=True)
class Live:
    """One run: frames a second sent, frames dropped by the kernel's count, per cent of a core, megabytes at most."""

    pace: float
    dropped: int
    cpu: float
    memory: float


class Told:
    """In place of the agent's end: keeps what the kernel counted; nothing is to be found in harmless traffic.

    `began` is the CPU time when the interface was open: what the start takes is taken once.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self.began = 0.0

    def send(self, told: Report) -> None:
        """Take a report."""
        if isinstance(told, Counted):
            self.dropped = told.dropped
        elif isinstance(told, Sight):
            self.began = time.process_time()
        elif isinstance(told, Found) and told.kind is Kind.ANOMALY:
            raise SystemExit(f"harmless traffic was taken for {told.name}")

    def flush(self) -> bool:
        """Nothing waits."""
        return False

    def close(self) -> None:
        """Nothing is open."""


def watch(interface: str, seconds: float) -> None:
    """Watch an interface as the capture process does; print drops, the CPU seconds that took, and megabytes."""
    told, settings = Told(), Packets(interfaces=(interface,), ring_mib=RING_MIB)
    print("ready", flush=True)
    until = time.monotonic() + seconds
    gc.freeze()  # as the capture process begins
    with capture.signalled() as signalled:
        capture.watch(
            settings,
            SystemClock(),
            lambda rest, alarms: signalled(rest, alarms) or time.monotonic() > until,
            post=told,
            proc=Path("/proc"),
        )
    used = time.process_time() - told.began
    status = Path("/proc/self/status").read_text()
    memory = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    print(json.dumps([told.dropped, used, memory]))


def send(interface: str, seconds: float, pace: float) -> None:
    """Send mixed traffic, in bursts of BURST, each by one call of the kernel's; print how many a second."""
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
    print(sent / (time.monotonic() - began))


def measured(pace: float) -> Live:
    """Watch while frames are sent at this pace."""
    words = [sys.executable, __file__]
    inside = {host: ["ip", "netns", "exec", host, *words] for host in ENDS}
    with subprocess.Popen(
        [*inside[HERE], "watch", ENDS[HERE], str(SECONDS + COUNTED_S)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    ) as watching:
        assert watching.stdout is not None  # noqa: S101 - it is piped
        watching.stdout.readline()
        sending = [*inside[THERE], "send", ENDS[THERE], str(SECONDS), str(pace)]
        sent = float(subprocess.run(sending, check=True, text=True, stdout=subprocess.PIPE).stdout)
        dropped, used, memory = json.loads(watching.stdout.readline())
        return Live(sent, dropped, 100 * used / SECONDS, memory)


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
