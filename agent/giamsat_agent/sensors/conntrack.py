# SPDX-License-Identifier: Apache-2.0
"""Connection tracking: how full the table is and what it had to refuse."""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Sample

PROVIDED_BY: Final = "the kernel module nf_conntrack, which a stateful firewall loads"
STATISTICS: Final = (
    "found",
    "invalid",
    "ignore",
    "insert",
    "insert_failed",
    "drop",
    "early_drop",
    "search_restart",
)
"""The columns of /proc/net/stat/nf_conntrack that are reported."""


class ConnectionTracking:
    """The connection table of the kernel's firewall."""

    def __init__(self, host: Host) -> None:
        folder = host.proc / "sys/net/netfilter"
        self._entries = str(folder / "nf_conntrack_count")
        self._limit = str(folder / "nf_conntrack_max")
        self._statistics = str(host.proc / "net/stat/nf_conntrack")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        yield Sample("node_nf_conntrack_entries", float(text(self._entries, PROVIDED_BY)))
        yield Sample("node_nf_conntrack_entries_limit", float(text(self._limit, PROVIDED_BY)))
        yield from parse(text(self._statistics, PROVIDED_BY))


def parse(table: str) -> Iterator[Sample]:
    """The sum over all CPUs of each reported column; the kernel writes one line per CPU in hexadecimal."""
    head, *lines = table.splitlines()
    rows = [dict(zip(head.split(), line.split(), strict=False)) for line in lines]
    for column in STATISTICS:
        total = sum(int(row.get(column, "0"), 16) for row in rows)
        yield Sample(f"node_nf_conntrack_stat_{column}", float(total))


SPEC: Final = SensorSpec(name="conntrack", build=ConnectionTracking, every_s=15)
