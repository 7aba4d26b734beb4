# SPDX-License-Identifier: Apache-2.0
"""Security events out of the host's log: logins, sudo, su, accounts, services, what kernel and audit system tell.

The same facts often stand in two places, so one is read: the journal if this user may read it, else the files of a
syslog daemon. Which one it is, and whether it can still be read, are events too.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from giamsat_agent import ecs
from giamsat_agent.interpreter import Interpreter, authentication, everything, services
from giamsat_agent.log import Source
from giamsat_agent.logs.journal import Journal, journalctl, machine_id
from giamsat_agent.logs.text_log import TextLog, local_zone
from giamsat_agent.machine.users import Users
from giamsat_agent.message import Parser
from giamsat_agent.parsers import audit, kernel
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.clock import Clock
from giamsat_wire.record import Event, FieldValue, Position

NAME: Final = "system_log"
LINES_PER_READING: Final = 2_000
EVENTS_PER_READING: Final = 4_000
"""After these the rest waits for the next reading; two sources and their repetitions stay within ITEMS_PER_READING."""
AUTHENTICATION_FILES: Final = ("var/log/auth.log", "var/log/secure")
SERVICE_FILES: Final = ("var/log/syslog", "var/log/messages")


class Watched:
    """One source with what it needs to become events."""

    def __init__(self, source: Source, interpreter: Interpreter, *, clock: Clock, skip_until_ns: int = 0) -> None:
        """Entries up to `skip_until_ns` are passed over: they were seen through another source."""
        self.source = source
        self._interpreter = interpreter
        self._clock = clock
        self._skip_until_ns = skip_until_ns
        self._readable = False
        self._lost = False
        self._silent = False
        self.newest_ns = skip_until_ns

    def read(self) -> Iterator[Event]:
        """One reading, and before it the news that the source can or cannot be read."""
        lines = events = 0
        try:
            for entry in self.source.read():
                if not self._readable:
                    yield self._opened()
                lines += 1
                self.newest_ns = max(self.newest_ns, entry.wall_ns)
                if entry.wall_ns > self._skip_until_ns:
                    self._skip_until_ns = 0
                    for event in self._interpreter.events(entry, mono_ns=self._clock.mono_ns()):
                        yield event
                        events += 1
                if lines >= LINES_PER_READING or events >= EVENTS_PER_READING:
                    break
        except OSError as error:
            if not self._lost:
                yield self._ceased(str(error))
            raise
        # A first reading without an entry may be of a source that is just about to fail.
        if not self._readable and self._silent:
            yield self._opened()
        self._silent = True

    def _opened(self) -> Event:
        self._readable, self._lost = True, False
        return self._news("log-source-opened", {"event.outcome": "success"})

    def _ceased(self, reason: str) -> Event:
        self._readable, self._lost, self._silent = False, True, False
        return self._news("log-source-lost", {"event.outcome": "failure", "event.reason": reason})

    def _news(self, kind: str, fields: Mapping[str, FieldValue]) -> Event:
        told: dict[str, FieldValue] = {"event.provider": self.source.provider, **fields}
        if self.source.path:
            told["log.file.path"] = self.source.path
        return ecs.event(kind, wall_ns=self._clock.wall_ns(), mono_ns=self._clock.mono_ns(), fields=told)


class SystemLog:
    """Implements giamsat_agent.sensor.LogSensor."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._since_ns = host.clock.wall_ns()
        self._watched: tuple[Watched, ...] = ()
        self._resume: Mapping[str, object] = {}
        self._position: Position | None = None

    def read(self) -> Iterator[Event]:
        """One reading of every source; one that cannot be read does not keep the others from it."""
        if not self._watched:
            self._watched = self._begin()
        failure: OSError | None = None
        for watched in self._watched:
            try:
                yield from watched.read()
            except OSError as error:
                failure = error
        # Told only now: a position that is ahead of what was handed on would lose events, one behind repeats some.
        self._position = self._where()
        if failure is not None:
            raise failure

    def position(self) -> Position | None:
        """How far everything has been read."""
        return self._position

    def resume(self, position: Position) -> None:
        """Go on after `position`; in a source that it does not speak of, after the newest entry it has seen."""
        self._position = position
        try:
            self._resume = msgspec.json.decode(position.cursor, type=dict[str, object])
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._resume = {"until_ns": 0}

    def close(self) -> None:
        """Give back what the sources hold open."""
        for watched in self._watched:
            watched.source.close()

    def _begin(self) -> tuple[Watched, ...]:
        """The sources of this host, each told where to begin."""
        found = tuple(sources(self._host, self._since_ns))
        if not found:
            raise NothingToRead(
                "không đọc được nhật ký nào; đưa tài khoản của agent vào nhóm systemd-journal và adm, hoặc cài "
                "rsyslog / "
                "no log can be read: neither the systemd journal nor "
                + " or ".join(f"/{name}" for name in AUTHENTICATION_FILES)
                + "; add the agent's user to the groups systemd-journal and adm, or install rsyslog"
            )
        until = self._resume.get("until_ns")
        until_ns = until if isinstance(until, int) else 0
        begun = []
        for source, interpreter in found:
            cursor = self._resume.get(source.path or source.provider)
            skip_until_ns = 0
            if isinstance(cursor, dict):
                source.resume(cursor)
            elif self._resume:
                source.resume({})
                skip_until_ns = until_ns
            begun.append(Watched(source, interpreter, clock=self._host.clock, skip_until_ns=skip_until_ns))
        return tuple(begun)

    def _where(self) -> Position | None:
        cursor: dict[str, object] = {
            watched.source.path or watched.source.provider: place
            for watched in self._watched
            if (place := watched.source.cursor())
        }
        if not cursor:
            return self._position
        cursor["until_ns"] = max(watched.newest_ns for watched in self._watched)
        return Position(NAME, msgspec.json.encode(cursor))


def sources(host: Host, since_ns: int) -> Iterator[tuple[Source, Interpreter]]:
    """What can be read on this host: the journal from `since_ns`, or at most one file of each kind from its end."""
    if (program := journalctl(host.root)) is not None:
        elsewhere = () if host.root == Path("/") else (f"--root={host.root}",)
        machine = machine_id(host.root)
        journal = Journal(program, clock=host.clock, since_ns=since_ns, machine=machine, options=elsewhere)
        understood = everything().also(_kernel(host))
        yield journal, Interpreter(understood, provider=journal.provider)
        return
    general = services().also(_kernel(host))
    for names, understood in ((AUTHENTICATION_FILES, authentication()), (SERVICE_FILES, general)):
        path = _first_readable(host.root, names)
        if path is not None:
            log = TextLog(path, provider=_provider(path), clock=host.clock, zone=local_zone(host.root))
            yield log, Interpreter(understood, provider=log.provider, path=log.path)


def _kernel(host: Host) -> Mapping[str, Parser]:
    """Who understands what the kernel says itself, and what its audit system does."""
    return {kernel.PROGRAM: kernel.Kernel(), audit.PROGRAM: audit.Audit(Users(host.root).name)}


def _provider(path: Path) -> str:
    """auth.log is `auth_log`."""
    return path.name.replace(".", "_")


def _first_readable(root: Path, names: tuple[str, ...]) -> Path | None:
    for name in names:
        try:
            with (root / name).open("rb"):
                return root / name
        except OSError:
            continue
    return None


SPEC: Final = SensorSpec(name=NAME, build=SystemLog, every_s=1)
