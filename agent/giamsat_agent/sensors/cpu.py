# SPDX-License-Identifier: Apache-2.0
"""How long each CPU spent in each mode."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Labels, Sample

MODES: Final = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
"""The columns of a cpu line that add up to all time (proc_stat(5))."""
GUEST_MODES: Final = ("user", "nice")
"""The two columns after them; their time is also inside user and nice."""
CPUS_MOST: Final = 256
"""CPUs reported at most: 2,560 series."""
IDLE_RESET_S: Final = 3.0
"""An idle counter that falls by more was reset, since its CPU was taken out and put back (node_exporter's figure)."""

Row = tuple[float, ...]


class Cpu:
    """The time accounts of every CPU."""

    def __init__(self, host: Host) -> None:
        self._path = str(host.proc / "stat")
        self._ticks_per_s = os.sysconf("SC_CLK_TCK")
        self._seen: Mapping[str, Row] = {}

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        rows = parse(text(self._path, provided_by="the Linux kernel"), self._ticks_per_s)
        self._seen = {cpu: settle(self._seen.get(cpu), row) for cpu, row in rows.items()}
        yield from samples(self._seen)
        if len(rows) > CPUS_MOST:
            raise ValueError(f"{self._path} lists {len(rows)} CPUs, only the first {CPUS_MOST} are reported")


def parse(stat: str, ticks_per_s: int) -> Mapping[str, Row]:
    """Seconds by CPU number, in the order of MODES and then GUEST_MODES; columns an old kernel lacks are left out."""
    rows = {}
    for line in stat.splitlines():
        if not line.startswith("cpu"):
            break
        name, *ticks = line.split()
        if name != "cpu":
            rows[name[3:]] = tuple(int(count) / ticks_per_s for count in ticks[: len(MODES) + len(GUEST_MODES)])
    return rows


def settle(before: Row | None, now: Row) -> Row:
    """`now` with no column below `before`: a kernel lets iowait slip back a little, which would read as a restart."""
    idle = MODES.index("idle")
    if before is None or len(before) != len(now) or now[idle] < before[idle] - IDLE_RESET_S:
        return now
    return tuple(map(max, before, now))


def samples(rows: Mapping[str, Row]) -> Iterator[Sample]:
    """The samples of at most CPUS_MOST CPUs."""
    for cpu, row in list(rows.items())[:CPUS_MOST]:
        yield from _account("node_cpu_seconds_total", cpu, zip(MODES, row, strict=False))
        yield from _account("node_cpu_guest_seconds_total", cpu, zip(GUEST_MODES, row[len(MODES) :], strict=False))


def _account(name: str, cpu: str, seconds: Iterable[tuple[str, float]]) -> Iterator[Sample]:
    for mode, value in seconds:
        labels: Labels = (("cpu", cpu), ("mode", mode))
        yield Sample(name, value, labels)


SPEC: Final = SensorSpec(name="cpu", build=Cpu, every_s=15)
