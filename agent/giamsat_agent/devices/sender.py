# SPDX-License-Identifier: Apache-2.0
"""The way from the process that asks devices to the agent; what cannot be told now waits, up to a bound."""

import errno
import socket
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from giamsat_agent.devices import report
from giamsat_wire.record import Event, Sample

WAITING: Final = 4_096
"""Events kept while the agent is away; the oldest goes first, and is counted."""
WAITING_BYTES: Final = 4 << 20


class Telling:
    """A socket that is opened when it can be."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._measured: deque[bytes] = deque()
        self._untold = 0

    def happened(self, events: Sequence[Event]) -> None:
        """Tell of events, now or later."""
        for event in events:
            message = report.happened(event)
            self._waiting.append(message)
            self._waiting_bytes += len(message)
            while len(self._waiting) > WAITING or self._waiting_bytes > WAITING_BYTES:
                self._let_go()
        self.flush()

    def measured(self, samples: Iterable[Sample], problems: Mapping[str, str]) -> None:
        """Tell everything there is to measure now; what is left of the time before is not told any more."""
        if not self._measured:
            self._measured.extend(report.measured(samples, problems, self._untold))
        self.flush()

    def flush(self) -> None:
        """Send what waits, events first, as far as the agent takes it."""
        if self._socket is None:
            self._socket = _connected(self._path)
        while self._socket is not None and (self._waiting or self._measured):
            of_events = bool(self._waiting)
            queue = self._waiting if of_events else self._measured
            try:
                self._socket.send(queue[0])
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.EMSGSIZE:
                    self.close()
                    return
                # Larger than a socket of this host takes, now and later.
                self._untold += of_events
            sent = queue.popleft()
            self._waiting_bytes -= len(sent) if of_events else 0

    def close(self) -> None:
        """Hang up; a part of what was measured says nothing by itself."""
        self._measured.clear()
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _let_go(self) -> None:
        self._waiting_bytes -= len(self._waiting.popleft())
        self._untold += 1


def _connected(path: str) -> socket.socket | None:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.setblocking(False)  # noqa: FBT003 - the standard library's signature
    try:
        line.connect(path)
    except OSError:
        line.close()
        return None
    return line
