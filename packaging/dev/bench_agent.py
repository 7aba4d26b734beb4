# SPDX-License-Identifier: Apache-2.0
"""What an agent costs its host, beside node_exporter scraped every 15 s in the same run: memory, CPU, bytes sent.

Each runs in a network namespace of its own, so that the bytes of its veth are its own, headers and TLS included. CPU is
the process's own time after a warm-up; memory is PSS. Needs root; without it nothing is measured.
"""

import argparse
import contextlib
import gzip
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import peers
from namespaces import end_in_order, namespace
from pair import NotStartedError, Pair, agent, collector

WARM_UP_S = 45.0
SCRAPE_S = 15.0
DAY_S = 86_400.0
TICKS = os.sysconf("SC_CLK_TCK")
EXPORTER_PORT = 9100
ADDRESSES = {"gsba": ("198.51.100.1", "198.51.100.2"), "gsbe": ("203.0.113.1", "203.0.113.2")}
"""Namespace: the address of this machine's end of its link, and of the namespace's end."""


@dataclass(frozen=True)
class Cost:
    """What one process cost over a while: PSS in bytes, part of a core, bytes on its link, series delivered."""

    pss: int
    core: float
    bytes_a_day: float
    series: int


def main() -> int:
    """Measure both and print the line."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="how long is measured after the warm-up")
    seconds = parser.parse_args().seconds
    if os.geteuid() != 0:
        print("bench-agent: needs root for network namespaces of its own: sudo make bench-agent")
        return 1
    with tempfile.TemporaryDirectory(prefix="giamsat-bench-") as folder, contextlib.ExitStack() as stack:
        for name in ADDRESSES:
            stack.enter_context(_link(name))
        try:
            ours, theirs = _measure(Path(folder), stack, seconds)
        except NotStartedError as error:
            print(f"bench-agent: {error}")
            return 1
    _table("giamsat-agent", ours)
    _table("node_exporter", theirs)
    ratio = (theirs.bytes_a_day / theirs.series) / (ours.bytes_a_day / ours.series)
    print(
        f"bench-agent: {ours.pss / 2**20:.1f} MB PSS, {ours.core * 100:.2f} % CPU, "
        f"{ours.bytes_a_day / 1e6:.2f} MB/day, {ours.series} series, {ratio:.1f} x node_exporter bytes per series"
    )
    return 0


def _measure(folder: Path, stack: contextlib.ExitStack, seconds: float) -> tuple[Cost, Cost]:
    exporter = peers.listed()["prometheus-node-exporter"].path()
    if exporter is None:
        raise NotStartedError("prometheus-node-exporter is missing: apt-get install prometheus-node-exporter")
    pair = Pair(folder, host=ADDRESSES["gsba"][0], within=("ip", "netns", "exec", "gsba"))
    stack.enter_context(collector(pair))
    pair.ask("registry.example", dry_run=False)
    watching = stack.enter_context(agent(pair))
    listen = f"--web.listen-address={ADDRESSES['gsbe'][1]}:{EXPORTER_PORT}"
    words = ["ip", "netns", "exec", "gsbe", str(exporter), listen]
    theirs = stack.enter_context(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    stack.callback(theirs.terminate)
    print(f"warming up for {WARM_UP_S:.0f} s, measuring for {seconds:.0f} s …", flush=True)
    _scrape_for(WARM_UP_S)
    before = {name: (_ticks(pid), _bytes(name)) for name, pid in (("gsba", watching.pid), ("gsbe", theirs.pid))}
    began = time.monotonic()
    lines = _scrape_for(seconds)
    took = time.monotonic() - began
    series = max(found["series"] for found in pair.ask("enrol.agents"))
    return (
        _cost("gsba", watching.pid, before["gsba"], took, series),
        _cost("gsbe", theirs.pid, before["gsbe"], took, lines),
    )


def _cost(name: str, pid: int, before: tuple[int, int], took: float, series: int) -> Cost:
    ticks, sent = before
    return Cost(
        pss=_pss(pid),
        core=(_ticks(pid) - ticks) / TICKS / took,
        bytes_a_day=(_bytes(name) - sent) / took * DAY_S,
        series=series,
    )


def _scrape_for(seconds: float) -> int:
    """Scrape node_exporter at its usual pace, compressed as Prometheus does; the series of the last page."""
    url = f"http://{ADDRESSES['gsbe'][1]}:{EXPORTER_PORT}/metrics"
    until, lines = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        began = time.monotonic()
        request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            page = gzip.decompress(answer.read())
            lines = sum(not line.startswith(b"#") for line in page.splitlines())
        time.sleep(max(0.0, min(SCRAPE_S - (time.monotonic() - began), until - time.monotonic())))
    return lines


@contextlib.contextmanager
def _link(name: str) -> Iterator[None]:
    """A network namespace with one link to this machine."""
    here, there = ADDRESSES[name]
    with namespace(name, link=name):
        _ip("link", "add", name, "type", "veth", "peer", "name", f"{name}1", "netns", name)
        _ip("address", "add", f"{here}/24", "dev", name)
        _ip("link", "set", name, "up")
        _ip("-n", name, "address", "add", f"{there}/24", "dev", f"{name}1")
        _ip("-n", name, "link", "set", f"{name}1", "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _bytes(name: str) -> int:
    folder = Path("/sys/class/net") / name / "statistics"
    return sum(int((folder / f"{way}_bytes").read_text()) for way in ("rx", "tx"))


def _ticks(pid: int) -> int:
    fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _pss(pid: int) -> int:
    rollup = (Path("/proc") / str(pid) / "smaps_rollup").read_text()
    line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024


def _table(name: str, cost: Cost) -> None:
    a_day = f"{cost.bytes_a_day / 1e6:8.2f} MB/day, {cost.bytes_a_day / cost.series / 1e3:7.2f} kB a series"
    print(f"{name:<15} {cost.pss / 2**20:6.1f} MB PSS, {cost.core * 100:6.3f} % of a core, {a_day} of {cost.series}")


if __name__ == "__main__":
    sys.exit(main())
