# SPDX-License-Identifier: Apache-2.0
"""Has evidence dissected by the helper process, one piece after the other, and never waits for it.

Evidence comes out in any case: without lines when the helper is not there, dies, or takes too long.
"""

import contextlib
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from giamsat_agent.packets.anomaly import FRAMES
from giamsat_agent.packets.telling.report import Evidence
from giamsat_wire.clock import Clock

HELPER: Final = (sys.executable, "-I", "-m", "giamsat_agent.packets.dissection")
WAITING: Final = 32
ANSWER_BYTES: Final = 32 << 10
PATIENCE_NS: Final = 10_000_000_000
"""Loading scapy takes a second or two on a slow host."""
AGAIN_NS: Final = 30_000_000_000
"""How long to go without after a failure."""


class Dissector:
    """The capture process's end of the helper."""

    def __init__(self, clock: Clock, helper: Sequence[str] = HELPER) -> None:
        self._clock = clock
        self._helper = helper
        self._child: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._waiting: deque[Evidence] = deque()
        self._asked: Evidence | None = None
        self._asked_ns = self._again_ns = 0
        self.failures = 0

    def take(self, evidence: Evidence) -> None:
        """Have this dissected."""
        self._waiting.append(evidence)

    @property
    def busy(self) -> bool:
        """Whether something is to be ready soon."""
        return self._asked is not None or bool(self._waiting)

    def done(self) -> Iterator[Evidence]:
        """What is ready now, dissected or not."""
        if self._asked is not None:
            try:
                lines = self._answer()
            except (OSError, msgspec.DecodeError):
                lines = self._failed()
            if lines is not None:
                yield msgspec.structs.replace(self._asked, lines=lines)
                self._asked = None
        while self._waiting and (len(self._waiting) > WAITING or self._clock.mono_ns() < self._again_ns):
            yield self._waiting.popleft()
        if self._asked is None and self._waiting:
            self._asked = self._waiting.popleft()
            self._ask(self._asked.pcap)

    def close(self) -> None:
        """End the helper."""
        if self._line is not None:
            self._line.close()
        if self._child is not None:
            self._child.kill()
            self._child.wait()
        self._line = self._child = None

    def _answer(self) -> tuple[str, ...] | None:
        """The lines; None when they are not there yet.

        Raises:
            OSError, msgspec.DecodeError: the helper is gone, too slow, or does not say what it should.
        """
        if self._line is None:
            raise ConnectionError
        try:
            said = self._line.recv(ANSWER_BYTES)
        except BlockingIOError:
            if self._clock.mono_ns() - self._asked_ns > PATIENCE_NS:
                raise TimeoutError from None
            return None
        return tuple(line[:300] for line in msgspec.json.decode(said, type=list[str])[:FRAMES])

    def _ask(self, pcap: bytes) -> None:
        self._asked_ns = self._clock.mono_ns()
        # A helper that nobody needed for a while has ended: then a new one is asked.
        for _ in range(2):
            with contextlib.suppress(OSError):
                if self._line is None:
                    self._start()
                assert self._line is not None  # noqa: S101 - just started
                self._line.send(pcap)
                return
            self.close()

    def _start(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.setblocking(False)  # noqa: FBT003 - the standard library's signature
        with theirs:
            self._child = subprocess.Popen(  # noqa: S603 - our own program
                list(self._helper),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"HOME": "/nonexistent", "LC_ALL": "C.UTF-8"},
            )

    def _failed(self) -> tuple[str, ...]:
        self.failures += 1
        self._again_ns = self._clock.mono_ns() + AGAIN_NS
        self.close()
        return ()
