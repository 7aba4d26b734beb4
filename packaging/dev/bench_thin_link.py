# SPDX-License-Identifier: Apache-2.0
"""How long an urgent event waits on a link of 64 kbit/s that a backlog fills, and what the backlog still gets.

A real collector on one end of a cable, the agent's own spool, framing and uplink on the other, each in a network
namespace; `tc tbf` makes the cable thin in both directions. The backlog is a storm of failed logins, as the agent
frames it. Needs root. Last line: `thin-link: p95 S s, longest S s of N urgent events; backlog K kbit/s`.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from namespaces import end_in_order, namespace
from pair import SYSTEM, UNIT, NotStartedError, Pair, collector

from giamsat_agent.enrolment import enrol, parse_token
from giamsat_agent.framing import Framer
from giamsat_agent.spool.files import DiskFiles
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink.client import Client
from giamsat_agent.uplink.session import Session
from giamsat_agent.uplink.wire import Introduction
from giamsat_wire.clock import SystemClock
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, FieldValue

NAMESPACE: Final = "gsthin"
OURS, THEIRS = "198.51.100.5", "198.51.100.6"
RATE: Final = "64kbit"
QUEUE_BYTES: Final = 6_000
"""What may wait before the thin part of the link: three quarters of a second, as cheap modems have it."""
WARM_UP_S: Final = 8.0
EVERY_S: Final = 2.0
STORM: Final = 400
"""Failed logins in one reading of a log."""
URGENT_P95_S: Final = 2.0
BACKLOG_KBIT: Final = 40.0


@contextlib.contextmanager
def thin_link() -> Iterator[None]:
    """A namespace at the other end of a cable."""
    ours, theirs = f"{NAMESPACE}0", f"{NAMESPACE}1"
    with contextlib.ExitStack() as stack:
        stack.enter_context(namespace(NAMESPACE, link=ours))
        _run("ip", "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", NAMESPACE)
        _run("ip", "address", "add", f"{OURS}/30", "dev", ours)
        _run("ip", "link", "set", ours, "up")
        _run("ip", "-n", NAMESPACE, "address", "add", f"{THEIRS}/30", "dev", theirs)
        for interface in ("lo", theirs):
            _run("ip", "-n", NAMESPACE, "link", "set", interface, "up")
        shape = ("root", "tbf", "rate", RATE, "burst", "1600", "limit", str(QUEUE_BYTES))
        _run("tc", "qdisc", "add", "dev", ours, *shape)
        _run("tc", "-n", NAMESPACE, "qdisc", "add", "dev", theirs, *shape)
        yield


def _run(*words: str) -> None:
    subprocess.run(words, check=True)


class Host:
    """The agent's end: a spool that a storm has filled, and its uplink."""

    def __init__(self, folder: Path, address: str) -> None:
        clock, rng = SystemClock(), random.Random(1)  # noqa: S311 - the same storm each time
        self._rng = rng
        self.spool = Spool(
            lambda lane: DiskFiles(folder / "spool" / lane),
            owner=Owner("agent", "boot"),
            clock=clock,
            random_bits=rng.getrandbits,
            caps=Caps(),
        )
        self.session = Session()
        self.framer = Framer(self.spool, lambda: self.session.pace.frame_bytes)
        self.client = Client(
            addresses=(address,),
            identity=identities.load(folder / "identity"),
            introduction=Introduction("bench", "thin", "boot", 1, 15.0),
            spool=self.spool,
            session=self.session,
            clock=clock,
            rng=rng,
        )

    def storm(self, seconds: float) -> None:
        """A backlog that the link cannot carry within that time, as readings of a log brought it."""
        while self.spool.state(Lane.EVENT).size < seconds * 64_000 / 8:
            self.framer.happenings([self._event("user-login") for _ in range(STORM)], ())

    def _event(self, kind: str) -> Event:
        now, rng = time.time_ns(), self._rng
        fields: dict[str, FieldValue] = {
            "event.category": ("authentication",),
            "event.outcome": "failure",
            "event.id": f"{rng.getrandbits(64):x}",
            "log.file.path": "/var/log/auth.log",
            "process.pid": rng.randrange(1 << 16),
            "source.ip": f"192.0.2.{rng.randrange(256)}",
            "source.port": rng.randrange(1 << 16),
            "user.name": f"user{rng.randrange(10_000)}",
            "message": f"Failed password for invalid user user{rng.randrange(10_000)} port {rng.randrange(1 << 16)}",
        }
        return Event(kind, now, now, fields)

    async def measure(self, seconds: float) -> dict[str, Any]:
        """Urgent events among the backlog: how long each waited, and how much of the backlog went meanwhile."""
        running = asyncio.ensure_future(self.client.run())
        await asyncio.sleep(WARM_UP_S)
        waits, before, began = [], self.session.pace.delivered, time.monotonic()
        while time.monotonic() - began < seconds:
            at = time.monotonic()
            self.framer.happenings([self._event("user-account-created")], ())
            self.client.wake()
            seq = self.spool.state(Lane.URGENT).next - 1
            while self.spool.state(Lane.URGENT).acked < seq:  # noqa: ASYNC110 - the spool tells nobody
                await asyncio.sleep(0.01)
            waits.append(time.monotonic() - at)
            await asyncio.sleep(max(0.0, EVERY_S - waits[-1]))
        sent, took = self.session.pace.delivered - before, time.monotonic() - began
        left = self.spool.state(Lane.EVENT).next - 1 - self.spool.state(Lane.EVENT).acked
        running.cancel()
        return {"waits": waits, "kbit": sent * 8 / took / 1_000, "left": left}


def main() -> int:
    """Measure, print the line; exit 1 when a figure is missed."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long is measured")
    parser.add_argument("--agent", nargs=2, metavar=("FOLDER", "ADDRESS"), help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.agent:
        host = Host(Path(words.agent[0]), words.agent[1])
        host.storm(words.seconds + 2 * WARM_UP_S)
        print(json.dumps(asyncio.run(host.measure(words.seconds))))
        return 0
    if os.geteuid() != 0:
        print("thin-link: needs root for a network namespace of its own: sudo make bench-thin-link")
        return 1
    with tempfile.TemporaryDirectory(prefix="giamsat-thin-") as folder, thin_link():
        try:
            found = _measured(Path(folder), words.seconds)
        except NotStartedError as error:
            print(f"thin-link: {error}")
            return 1
    waits = sorted(found["waits"])
    p95, kbit = waits[int(0.95 * (len(waits) - 1))], found["kbit"]
    if not found["left"]:
        print("thin-link: the backlog came to an end: nothing was measured")
        return 1
    said = f"p95 {p95:.2f} s, longest {waits[-1]:.2f} s of {len(waits)} urgent events"
    print(f"thin-link: {said}; backlog {kbit:.0f} kbit/s")
    return 0 if p95 <= URGENT_P95_S and kbit >= BACKLOG_KBIT else 1


def _measured(folder: Path, seconds: float) -> dict[str, Any]:
    here = Pair(folder, host=OURS)
    with collector(here):
        here.ask("registry.example", dry_run=False)
        ports = here.ask("status")
        token = here.ask("enrol.issue", unit=UNIT, system=SYSTEM, uses=1, expires="30m")["token"]
        enrol(f"{OURS}:{ports['enrol_port']}", parse_token(token), folder / "identity", hostname=socket.gethostname())
        words = ["ip", "netns", "exec", NAMESPACE, sys.executable, __file__, "--seconds", str(seconds)]
        words += ["--agent", str(folder), f"{OURS}:{ports['ingest_port']}"]
        done = subprocess.run(words, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise NotStartedError("the agent's end failed; its words are above")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
