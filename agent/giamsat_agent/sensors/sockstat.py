# SPDX-License-Identifier: Apache-2.0
"""Sockets in use and the memory they hold."""

import os
from collections.abc import Iterator
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Sample


class Sockets:
    """The socket counts of both IP versions."""

    def __init__(self, host: Host) -> None:
        self._four = str(host.proc / "net/sockstat")
        self._six = str(host.proc / "net/sockstat6")
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        yield from parse(text(self._four, provided_by="the Linux kernel"), self._page_bytes)
        try:
            six = text(self._six, provided_by="IPv6 in the kernel")
        except NothingToRead:
            return
        yield from parse(six, self._page_bytes)


def parse(lines: str, page_bytes: int) -> Iterator[Sample]:
    """A sample for each pair of `TCP: inuse 4 mem 2`; `mem` counts pages and is also given in bytes."""
    for line in lines.splitlines():
        protocol, _, rest = line.partition(":")
        words = rest.split()
        for key, number in zip(words[::2], words[1::2], strict=True):
            yield Sample(f"node_sockstat_{protocol}_{key}", float(number))
            if key == "mem":
                yield Sample(f"node_sockstat_{protocol}_mem_bytes", float(number) * page_bytes)


SPEC: Final = SensorSpec(name="sockstat", build=Sockets, every_s=15)
