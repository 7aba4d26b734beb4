# SPDX-License-Identifier: Apache-2.0
"""A real agent and a real collector under load, ended again and again; what was lost, what came twice.

They end with SIGKILL, or (`--power`, as root) in a power cut: the process is gone, and of its disk what had not reached
the device. Every line written to the agent's log carries a number of its own. At the end the frames the collector holds
are decoded and the numbers counted. Last line: `kill-loop: K kills, L lost, D duplicates of N events`; K are processes
that ended, two of an agent for each of a collector. `--seconds`, Ctrl-C or an end that does not start again end the
killing earlier: what was written until then is counted all the same, and K are the kills there were.
"""

import argparse
import contextlib
import random
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from typing import Any, Final, TypeAlias

import power

from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import Happenings, decode

ROOT: Final = Path(__file__).resolve().parents[2]
LINES_PER_S: Final = 200
PAUSE_S: Final = (0.3, 2.5)
"""Between two kills: before, while and after the other end is connected."""
SETTINGS: Final = '[host]\nroot = "{root}"\n[restarts]\nlast_good_after = 0\nsafe_after = 0\n'
"""An agent that is ended so often would soon start in safe mode, which is not what is tried here."""
QUIET_S: Final = 60
"""What has not come when nothing has come for this long is lost."""
NAMED: Final = 20
MEASURED: Final = 10
"""Of fewer starts no percentile is told."""
LINE: Final = "Nov 23 10:00:00 may1 sshd[7]: Failed password for root from {address} port 4242 ssh2\n"
FIRST: Final = int(IPv4Address("10.0.0.0"))
"""A line carries its number as an address of this network, which has room for more than a day of them."""
AGENT, COLLECTOR = "host", "collector"
ENDS: Final = ((AGENT,), (AGENT,), (AGENT,), (COLLECTOR,), (AGENT, COLLECTOR))
AWAITED: Final = 0.2
"""Of this share of a collector's ends it is waited for the first frame it stores afterwards, and for how long."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many kills, and for how many seconds at most."""

    kills: int
    seconds: float


Cuts: TypeAlias = Mapping[str, Callable[[], None]]
"""What happens to the disk of an end that has just died; nothing when it is not named."""


class Writing(threading.Thread):
    """Writes numbered lines until it is told to stop."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._ended = threading.Event()
        self.written = 0

    def run(self) -> None:
        """One line after another."""
        with self._path.open("a") as file:
            while not self._ended.wait(1 / LINES_PER_S):
                self.written += 1
                file.write(LINE.format(address=IPv4Address(FIRST + self.written)))
                file.flush()

    def stop(self) -> None:
        """No more lines."""
        self._ended.set()
        self.join()


def stored(database: Path) -> Counter[int]:
    """How often the event of each line is in the collector's frames."""
    found: Counter[int] = Counter()
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for flags, payload in connection.execute("SELECT flags, payload FROM frames WHERE lane = 2"):
            decoded = decode(flags, payload, ChainDecoder(()))
            if isinstance(decoded, Happenings):
                addresses = (event.fields.get("source.ip") for event in decoded.events)
                found.update(int(IPv4Address(one)) - FIRST for one in addresses if isinstance(one, str))
    return found


@dataclass(frozen=True, slots=True)
class Lived:
    """What came of it all.

    How often each end was ended, how many seconds after its start the collector stored a frame, how many lines were
    written, what the collector has of them, and what did not happen for which the killing ended before its time.
    """

    ended: Counter[str]
    first_s: list[float]
    lines: int
    found: Counter[int]
    stuck: str


def newest_row(database: Path) -> int:
    """The row of the frame that was stored last; 0 when there is none."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT coalesce(max(rowid), 0) FROM frames").fetchone()[0])


class Ends:
    """An agent and its collector, which end and start again."""

    def __init__(self, here: Any, agent: Any, cuts: Cuts) -> None:  # noqa: ANN401 - a test's site, a process of it
        self._here, self._agent, self._cuts = here, agent, cuts
        self.database = here.folder / COLLECTOR / "giamsat.db"

    def end(self, ends: tuple[str, ...]) -> None:
        """These, at once."""
        if AGENT in ends:
            self._agent.kill()
            self._agent.wait()
        if COLLECTOR in ends:
            self._here.kill()
        for end in self._cuts.keys() & ends:
            self._cuts[end]()

    def start(self, ends: tuple[str, ...]) -> None:
        """These again. AssertionError: the collector does not answer."""
        if COLLECTOR in ends:
            self._here.start()
        if AGENT in ends:
            self._agent = self._here.start_agent(AGENT)

    def stores(self) -> None:
        """Return when one more frame is stored. AssertionError: none is."""
        before = newest_row(self.database)
        self._here.until(lambda: newest_row(self.database) > before, QUIET_S, "a frame is stored")


def lived(here: Any, root: Path, wanted: Wanted, rng: random.Random, cuts: Cuts) -> Lived:  # noqa: ANN401 - a test's site
    """Write, end and start again so many times, or for so long."""
    writing = Writing(root / "var/log/auth.log")
    agent, process = here.agent(AGENT, level=3, settings=SETTINGS.format(root=root))
    # At its very first start an agent begins at the end of the log, wherever that is by then.
    here.reads(agent)
    writing.start()
    both = Ends(here, process, cuts)
    ended, first_s, stuck = Counter[str](), list[float](), ""
    began, stopped = time.monotonic(), threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
    while ended.total() < wanted.kills and time.monotonic() - began < wanted.seconds and not stopped.is_set():
        stopped.wait(rng.uniform(*PAUSE_S))
        ends = rng.choice(ENDS)[: wanted.kills - ended.total()]
        both.end(ends)
        ended.update(ends)
        started = time.monotonic()
        try:
            both.start(ends)
            if ends == (COLLECTOR,) and rng.random() < AWAITED:
                both.stores()
                first_s.append(time.monotonic() - started)
        except AssertionError as error:
            stuck = str(error)
            break
        told = f"kill {ended.total()} of {wanted.kills}, {writing.written} lines, {started - began:.0f} s"
        print(told, file=sys.stderr, flush=True)
    signal.signal(signal.SIGINT, before)
    writing.stop()
    return Lived(ended, first_s, writing.written, settled(both.database, writing.written), stuck)


def settled(database: Path, lines: int) -> Counter[int]:
    """What is stored once all of it is, or once nothing has come for a while."""
    found, newest = stored(database), time.monotonic()
    while len(found) < lines and time.monotonic() - newest < QUIET_S:
        time.sleep(0.5)
        before, found = len(found), stored(database)
        if len(found) > before:
            newest = time.monotonic()
    return found


def missing(lines: int, found: Counter[int]) -> list[str]:
    """The numbers of lines nobody has, as ranges."""
    edges = [0, *sorted(found), lines + 1]
    return [f"{one + 1}-{other - 1}" for one, other in pairwise(edges) if other > one + 1]


@contextlib.contextmanager
def ending(folder: Path, *, in_power_cuts: bool) -> Iterator[Cuts]:
    """What an end loses with its process: nothing of its disk, or what had not reached the device."""
    if not in_power_cuts:
        yield {}
        return
    with power.disks(folder, folder / AGENT, folder / COLLECTOR) as (agent, collector):
        yield {AGENT: agent.cut, COLLECTOR: collector.cut}


def tell(life: Lived, loop: str, ends: str) -> int:
    """Print what came of it; 1 when something was lost, came twice or did not start again."""
    lost, twice = life.lines - len(life.found), sum(count - 1 for count in life.found.values())
    for some in missing(life.lines, life.found)[:NAMED]:
        print(f"lost: {some}")
    if life.stuck:
        print(f"ended early: {life.stuck}")
    if len(life.first_s) >= MEASURED:
        p95 = quantiles(life.first_s, n=20)[-1]
        print(f"from the start of the collector to the first frame stored: p95 {p95:.1f} s of {len(life.first_s)}")
    print(f"{life.ended[AGENT]} {ends} of the agent, {life.ended[COLLECTOR]} of the collector")
    print(f"{loop}-loop: {life.ended.total()} {ends}, {lost} lost, {twice} duplicates of {life.lines} events")
    return 1 if lost or twice or life.stuck else 0


def main() -> int:
    """Run and print the line; exit 1 when something was lost or came twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))  # noqa: S311 - which moments, no secret
    parser.add_argument("--seconds", type=float, default=float("inf"), help="no more kills after so long")
    parser.add_argument("--power", action="store_true", help="power cuts instead of SIGKILL; needs root and mkfs.xfs")
    words = parser.parse_args()
    sys.path[:0] = [str(ROOT / "tests")]
    from support.site import site  # noqa: PLC0415 - found only now

    print(f"seed {words.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="giamsat-kill-") as name:
        folder, rng = Path(name), random.Random(words.seed)  # noqa: S311 - so here
        root = folder / "root"
        (root / "var/log").mkdir(parents=True)
        (root / "var/log/auth.log").touch()
        with ending(folder, in_power_cuts=words.power) as cuts, site(folder) as here:
            life = lived(here, root, Wanted(words.kills, words.seconds), rng, cuts)
    return tell(life, *(("power", "cuts") if words.power else ("kill", "kills")))


if __name__ == "__main__":
    sys.exit(main())
