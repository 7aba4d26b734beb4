# SPDX-License-Identifier: Apache-2.0
"""Keeps what is known of switches' ports in a file, so that a restart neither forgets nor tells it anew."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from giamsat_agent.devices import ports
from giamsat_agent.devices.ports import Ports
from giamsat_wire import durable

BYTES: Final = 64 << 20
"""A longer file is neither read nor written; it has room for some fifty switches with all that is ever remembered."""
EVERY_NS: Final = 300 * 10**9
"""What came since the last writing is told again after a crash; it is not lost."""


class PortMemory:
    """One file for all switches of this agent."""

    def __init__(self, path: Path) -> None:
        """Read the file, if there is one; `problem` says what is wrong with it, until it is written."""
        self._path = path
        self._said, self.problem = _read(path)
        self._kept_ns: int | None = None

    def ports(self, name: str, named: Iterable[str]) -> Ports:
        """What is known of a switch; `named` are its ports that are not judged."""
        return ports.restored(self._said.get(name), named)

    def keep(self, every: Mapping[str, Ports], *, mono_ns: int) -> str:
        """Write, if it was not done lately; what is wrong with the file, if anything is."""
        if self._kept_ns is None or mono_ns - self._kept_ns >= EVERY_NS:
            self._kept_ns = mono_ns
            self.write(every)
        return self.problem

    def write(self, every: Mapping[str, Ports]) -> None:
        """Write now; if that fails, `problem` says why."""
        self.problem = ""
        data = ports.written(every)
        if len(data) > BYTES:
            self.problem = f"{self._path}: it would be longer than {BYTES} bytes; watch the ports of fewer switches"
            return
        try:
            durable.replace(self._path, data)
        except OSError as error:
            self.problem = (
                f"{self._path}: cannot be written: {error.strerror}; ports are learned anew at the next start"
            )


def _read(path: Path) -> tuple[Mapping[str, object], str]:
    """What the file says by switch, and what is wrong with it."""
    try:
        with path.open("rb") as file:
            data = file.read(BYTES + 1)
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"{path}: cannot be read: {error.strerror}; ports are learned anew"
    if len(data) > BYTES:
        return {}, f"{path}: it is longer than {BYTES} bytes; ports are learned anew"
    return ports.parse(data), ""
