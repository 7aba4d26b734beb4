# SPDX-License-Identifier: Apache-2.0
"""Ports that somebody begins or ceases to listen on in the agent's network namespace.

The first reading is the baseline and yields nothing. UDP has no listeners: a client that sends looks like a server
that waits. It counts as one when it stays, and on a port that the kernel gives to clients, when it stays long.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from giamsat_agent import ecs
from giamsat_agent.machine import sock_diag, sockets
from giamsat_agent.machine.sockets import Holder, Listener
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Event, FieldValue

UDP_READINGS: Final = 2
"""In how many readings running a UDP socket stands before it counts as a listener."""
UDP_EPHEMERAL_READINGS: Final = 12
"""The same on a port of the kernel's range for clients: a minute."""
EVENTS_PER_READING: Final = 500
LISTENERS_MOST: Final = 10_000
"""Sockets that are looked at in one reading; those after it are as if they were not there."""
_EVERY_S: Final = 5.0
_LIVE: Final = Path("/proc")
_TABLES: Final[tuple[tuple[str, Callable[[Path], Iterable[tuple[Listener, int]]]], ...]] = (
    ("tcp", sockets.tcp),
    ("tcp6", sockets.tcp),
    ("udp", sockets.udp),
    ("udp6", sockets.udp),
)


class ListeningPorts:
    """Compares what listens now with what listened before."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._known: set[Listener] | None = None
        self._seen: dict[Listener, int] = {}

    def read(self) -> Iterator[Event]:
        """Yield what changed since the last reading, at most EVENTS_PER_READING; the rest comes with the next one."""
        now = self._listeners()
        if self._known is None:
            self._known = set(now)
            return
        self._seen = {listener: self._seen.get(listener, 0) + 1 for listener in now if listener not in self._known}
        ephemeral = sockets.ephemeral_ports(self._host.proc)
        opened = [listener for listener, seen in self._seen.items() if seen >= readings(listener, ephemeral)]
        opened = opened[:EVENTS_PER_READING]
        closed = [listener for listener in self._known if listener not in now][: EVENTS_PER_READING - len(opened)]
        holders = sockets.holders(self._host.proc, frozenset(now[listener] for listener in opened)) if opened else {}
        for listener in opened:
            self._known.add(listener)
            yield self._event("listening-port-opened", listener, holders.get(now[listener]))
        for listener in closed:
            self._known.discard(listener)
            yield self._event("listening-port-closed", listener, None)

    def _listeners(self) -> Mapping[Listener, int]:
        """Everything that listens now, by inode."""
        if self._host.proc == _LIVE:
            with contextlib.suppress(OSError):
                return dict(itertools.islice(sock_diag.listeners().items(), LISTENERS_MOST))
        return self._tables()

    def _tables(self) -> Mapping[Listener, int]:
        """The same from /proc/net: of a pretend host, or of a kernel that does not answer."""
        found: dict[Listener, int] = {}
        missing = 0
        for name, read in _TABLES:
            try:
                for listener, inode in read(self._host.proc / "net" / name):
                    if len(found) < LISTENERS_MOST:
                        found.setdefault(listener, inode)
            except FileNotFoundError:
                missing += 1  # a kernel without IPv6, or without anything
        if missing == len(_TABLES):
            raise NothingToRead(
                f"{self._host.proc}/net/tcp: không có, do nhân Linux cấp / does not exist; it is provided "
                "by the Linux kernel"
            )
        return found

    def _event(self, kind: str, listener: Listener, holder: Holder | None) -> Event:
        fields: dict[str, FieldValue] = {
            "event.provider": "procfs",
            "network.transport": listener.transport,
            "network.type": "ipv6" if ":" in listener.ip else "ipv4",
            "server.ip": listener.ip,
            "server.port": listener.port,
        }
        if holder is not None:
            fields["process.pid"] = holder.pid
            told = {
                "process.name": holder.name,
                "process.executable": holder.executable,
                "process.command_line": holder.command_line,
            }
            fields |= {name: value for name, value in told.items() if value}
        clock = self._host.clock
        return ecs.event(kind, wall_ns=clock.wall_ns(), mono_ns=clock.mono_ns(), fields=fields)


def readings(listener: Listener, ephemeral: range) -> int:
    """In how many readings running a socket stands before it counts as a listener."""
    if listener.transport != "udp":
        return 1
    return UDP_EPHEMERAL_READINGS if listener.port in ephemeral else UDP_READINGS


SPEC: Final = SensorSpec(name="listening_ports", build=ListeningPorts, every_s=_EVERY_S)
