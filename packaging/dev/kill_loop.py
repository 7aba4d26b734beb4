# SPDX-License-Identifier: Apache-2.0
"""A real agent and a real collector under load, ended with SIGKILL again and again; what was lost, what came twice.

Every line written to the agent's log carries a number of its own. At the end the frames the collector holds are
decoded and the numbers counted. Last line: `kill-loop: K kills, L lost, D duplicates of N events`.
"""

import argparse
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

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
LINE: Final = "Nov 23 10:00:00 may1 sshd[7]: Failed password for root from 192.0.2.7 port {number} ssh2\n"


class Writing(threading.Thread):
    """Writes numbered lines until it is told to stop."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._ended = threading.Event()
        self.written = 0

    def run(self) -> None:
        """One line after another."""
        with self._path.open("a") as file:
            while not self._ended.wait(1 / LINES_PER_S):
                self.written += 1
                file.write(LINE.format(number=self.written))
                file.flush()

    def stop(self) -> None:
        """No more lines."""
        self._ended.set()
        self.join()


def stored(database: Path) -> Counter[int]:
    """How often the event of each line is in the collector's frames."""
    found: Counter[int] = Counter()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        for flags, payload in connection.execute("SELECT flags, payload FROM frames WHERE lane = 2"):
            decoded = decode(flags, payload, ChainDecoder(()))
            if isinstance(decoded, Happenings):
                ports = (event.fields.get("source.port") for event in decoded.events)
                found.update(port for port in ports if isinstance(port, int))
    return found


def lived(here: Any, root: Path, kills: int, rng: random.Random) -> tuple[int, Counter[int]]:  # noqa: ANN401 - a test's site
    """Write, kill and start again so many times; the number of lines, and what the collector has of them."""
    writing = Writing(root / "var/log/auth.log")
    agent, process = here.agent("host", level=3, settings=SETTINGS.format(root=root))
    # At its very first start an agent begins at the end of the log, wherever that is by then.
    here.reads(agent)
    writing.start()
    for number in range(kills):
        time.sleep(rng.uniform(*PAUSE_S))
        if rng.random() < 0.5:
            here.kill()
            here.start()
        else:
            process.kill()
            process.wait()
            process = here.start_agent("host")
        print(f"kill {number + 1} of {kills}, {writing.written} lines", file=sys.stderr, flush=True)
    writing.stop()
    return writing.written, settled(here.folder / "collector" / "giamsat.db", writing.written)


def settled(database: Path, lines: int) -> Counter[int]:
    """What is stored once all of it is, or once nothing has come for a while."""
    found, newest = stored(database), time.monotonic()
    while len(found) < lines and time.monotonic() - newest < QUIET_S:
        time.sleep(0.5)
        before, found = len(found), stored(database)
        if len(found) > before:
            newest = time.monotonic()
    return found


def main() -> int:
    """Run and print the line; exit 1 when something was lost or came twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))  # noqa: S311 - which moments, no secret
    words = parser.parse_args()
    sys.path[:0] = [str(ROOT / "tests")]
    from support.site import site  # noqa: PLC0415 - found only now

    print(f"seed {words.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="giamsat-kill-") as folder:
        root = Path(folder) / "root"
        (root / "var/log").mkdir(parents=True)
        (root / "var/log/auth.log").touch()
        with site(Path(folder)) as here:
            lines, found = lived(here, root, words.kills, random.Random(words.seed))  # noqa: S311 - so here
    lost, twice = lines - len(found), sum(count - 1 for count in found.values())
    if lost:
        missing = sorted(set(range(1, lines + 1)) - found.keys())
        print(f"not stored: {lost} lines between {missing[0]} and {missing[-1]}", file=sys.stderr)
    print(f"kill-loop: {words.kills} kills, {lost} lost, {twice} duplicates of {lines} events")
    return 1 if lost or twice else 0


if __name__ == "__main__":
    sys.exit(main())
