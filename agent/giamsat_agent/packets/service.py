# SPDX-License-Identifier: Apache-2.0
"""Where the capture process reports: a UNIX socket of messages, open to one user only.

The capture process holds the right to read every frame and no key; this end holds the key and no such right. Who
connects is known by the kernel (SO_PEERCRED, unix(7)), not by what he says.
"""

import asyncio
import contextlib
import os
import pwd
import socket
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import structlog

from giamsat_agent.errors import AgentError
from giamsat_agent.input import Deliver
from giamsat_agent.packets.intake import Intake
from giamsat_agent.packets.report import MESSAGE_BYTES, ReportError, decode
from giamsat_wire.clock import Clock
from giamsat_wire.record import Event, Sample

log = structlog.get_logger()

RETRY_S: Final = 5.0
AWAY: Final = "the capture process went away; its service manager starts it again"


class ReportSocketError(AgentError):
    """The socket cannot be opened."""


class CaptureService:
    """Implements giamsat_agent.input.Input."""

    def __init__(
        self,
        path: Path,
        interfaces: Iterable[str],
        *,
        user: str,
        clock: Clock,
        deliver: Deliver,
        flow_bytes: int = 0,
    ) -> None:
        """Listen at `path` for the reports of `user` (and of this process's own user).

        `flow_bytes` are those the flows of one interface may take each minute.
        """
        self._path = path
        self._user = user
        self._clock = clock
        self._deliver = deliver
        self._intake = Intake(interfaces, mono_ns=clock.mono_ns(), flow_bytes=flow_bytes)
        self._problem = ""
        self._refused: dict[str, int] = {}

    async def run(self) -> None:
        """Take reports for ever; a socket that cannot be opened is said and tried again."""
        while True:
            try:
                with self._opened() as listener:
                    self._problem = ""
                    await self._serve(listener)
            except ReportSocketError as error:
                self._problem = str(error)
                log.error("capture_not_listened_to", reason=str(error))  # noqa: TRY400 - the reason says it all
                await asyncio.sleep(RETRY_S)

    def samples(self) -> Iterator[Sample]:
        """What was captured, told, and refused."""
        yield from self._intake.samples()
        for reason, count in self._refused.items():
            yield Sample("giamsat_capture_refused_total", float(count), (("reason", reason),))

    def problems(self) -> Mapping[str, str]:
        """Interfaces that are not watched, and why."""
        return {"packets": self._problem} if self._problem else self._intake.problems()

    @contextlib.contextmanager
    def _opened(self) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            try:
                self._path.unlink(missing_ok=True)
                listener.bind(str(self._path))
                # Anybody may knock: whom the kernel says it is decides.
                self._path.chmod(0o666)
                listener.listen(4)
            except OSError as error:
                raise ReportSocketError(
                    f"{self._path}: cannot be listened on: {error.strerror}; the folder must be this user's"
                ) from error
            listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
            yield listener

    async def _serve(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                peer, _ = await loop.sock_accept(listener)
            except OSError as error:  # no file to spare: nothing else of the agent ends for that
                raise ReportSocketError(f"{self._path}: nobody can be let in now: {error.strerror}") from error
            with peer:
                uid = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
                if uid not in self._allowed():
                    self._refuse("peer", f"user {uid} is not {self._user}")
                    continue
                await self._listen(peer)
            self._tell(self._intake.lost(AWAY, **self._now()))

    async def _listen(self, peer: socket.socket) -> None:
        """Take one capture process's reports until it goes away."""
        loop = asyncio.get_running_loop()
        while message := await _received(loop, peer):
            if len(message) > MESSAGE_BYTES:
                self._refuse("oversized", f"a message of more than {MESSAGE_BYTES} bytes")
                continue
            try:
                report = decode(message)
            except ReportError as error:
                self._refuse("malformed", str(error))
                continue
            self._tell(self._intake.take(report, **self._now()))

    def _allowed(self) -> set[int]:
        allowed = {os.geteuid()}
        with contextlib.suppress(KeyError):
            allowed.add(pwd.getpwnam(self._user).pw_uid)
        return allowed

    def _refuse(self, reason: str, words: str) -> None:
        if reason not in self._refused:
            log.warning("capture_report_refused", reason=words)
        self._refused[reason] = self._refused.get(reason, 0) + 1

    def _now(self) -> dict[str, int]:
        return {"wall_ns": self._clock.wall_ns(), "mono_ns": self._clock.mono_ns()}

    def _tell(self, events: Iterator[Event]) -> None:
        if told := list(events):
            self._deliver(told)


async def _received(loop: asyncio.AbstractEventLoop, peer: socket.socket) -> bytes:
    """The next message; empty when the other end is gone. A byte more than allowed shows that there was more."""
    try:
        return await loop.sock_recv(peer, MESSAGE_BYTES + 1)
    except OSError:
        return b""
