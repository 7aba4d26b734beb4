# SPDX-License-Identifier: Apache-2.0
"""What is told to the agent, and waits while it is away: a UNIX socket of messages (unix(7), SOCK_SEQPACKET)."""

import errno
import socket
from collections import Counter, deque
from typing import Final

import msgspec

from giamsat_agent.packets.telling import report
from giamsat_agent.packets.telling.report import Counted, Report, Sight
from giamsat_wire.clock import Clock

WAITING: Final = 512
"""Reports kept while the agent is away; the oldest goes first, and is counted in `untold` of its interface."""
WAITING_BYTES: Final = 4 << 20


class Post:
    """The way to the agent: a socket that is opened when it can be."""

    def __init__(self, path: str, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._socket: socket.socket | None = None
        self._again_ns = 0
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._waiting_bytes = 0
        self._untold: Counter[str] = Counter()

    def send(self, told: Report) -> None:
        """Tell the agent, now or when it is back."""
        if isinstance(told, Counted):
            told = msgspec.structs.replace(told, untold=self._untold[told.interface])
        message = report.encode(told)
        # Counts and sights are told again and again: nothing is lost with one of them.
        self._waiting.append(("" if isinstance(told, Counted | Sight) else told.interface, message))
        self._waiting_bytes += len(message)
        while len(self._waiting) > WAITING or self._waiting_bytes > WAITING_BYTES:
            self._let_go()

    def flush(self) -> bool:
        """Send what waits; whether the connection is a new one, so that the agent knows nothing yet."""
        fresh = self._open()
        while self._socket is not None and self._waiting:
            try:
                self._socket.send(self._waiting[0][1])
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno == errno.EMSGSIZE:  # larger than a socket of this host takes, now and later
                    self._let_go()
                    continue
                self.close()
                break
            self._popped()
        return fresh

    def _let_go(self) -> None:
        """Forget the oldest unsent, and count it if nobody says it again."""
        if interface := self._popped():
            self._untold[interface] += 1

    def _popped(self) -> str:
        """Take out the oldest; the interface it told something of that nobody says again."""
        interface, message = self._waiting.popleft()
        self._waiting_bytes -= len(message)
        return interface

    def _open(self) -> bool:
        if self._socket is not None or self._clock.mono_ns() < self._again_ns:
            return False
        self._again_ns = self._clock.mono_ns() + 1_000_000_000
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.setblocking(False)  # noqa: FBT003 - the standard library's signature
        try:
            line.connect(self._path)
        except OSError:
            line.close()
            return False
        self._socket = line
        return True

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
