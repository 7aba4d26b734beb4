# SPDX-License-Identifier: Apache-2.0
"""What either daemon tells the service manager that started it: ready, alive, stopping. See sd_notify(3).

Alive is said by whoever has just done a piece of work, never by a timer: a daemon that hangs says nothing and is
started anew. Without a service manager nothing is said to anybody.
"""

import contextlib
import os
import socket
from collections.abc import Mapping
from typing import Final

from giamsat_wire.clock import Clock

EVERY_NS: Final = 10 * 1_000_000_000
"""Being alive is said this often at most; the units allow for nine times as long."""


class Supervisor:
    """The service manager, if there is one."""

    def __init__(self, clock: Clock, environment: Mapping[str, str] = os.environ) -> None:
        named = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + named[1:] if named.startswith("@") else named
        self._clock = clock
        self._said_ns = -EVERY_NS

    def ready(self) -> None:
        """Everything is listening and at work."""
        self._say("READY=1")

    def alive(self) -> None:
        """A piece of work was done."""
        now = self._clock.mono_ns()
        if now - self._said_ns >= EVERY_NS:
            self._said_ns = now
            self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The end has begun, in order."""
        self._say("STOPPING=1")

    def _say(self, words: str) -> None:
        if not self._address:
            return
        # A manager that does not listen is no reason to stop: it will find out by itself.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)  # noqa: FBT003 - the standard library's signature
            line.sendto(words.encode(), self._address)
