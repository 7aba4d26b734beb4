# SPDX-License-Identifier: Apache-2.0
"""Keeps what is known of switches' ports in a file, so that a restart neither forgets nor tells it anew."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from giamsat_agent.devices import ports
from giamsat_agent.devices.ports import Ports

BYTES: Final = 64 << 20
EVERY_NS: Final = 300 * 10**9
"""What came since the last writing is told again after a crash; it is not lost."""


class PortMemory:
    """One file for all switches of this agent."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as file:
                self._said = ports.parse(file.read(BYTES))
        except OSError:
            self._said = {}
        self._kept_ns: int | None = None

    def ports(self, name: str, named: Iterable[str]) -> Ports:
        """What is known of a switch; `named` are its ports that are not judged."""
        return ports.restored(self._said.get(name), named)

    def keep(self, every: Mapping[str, Ports], *, mono_ns: int) -> str:
        """Write, if it was not done lately; why that failed, if it did."""
        if self._kept_ns is not None and mono_ns - self._kept_ns < EVERY_NS:
            return ""
        self._kept_ns = mono_ns
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_bytes(ports.written(every))
            fresh.replace(self._path)
        except OSError as error:
            return f"{self._path}: cannot be written: {error.strerror}; ports are learned anew at the next start"
        return ""
