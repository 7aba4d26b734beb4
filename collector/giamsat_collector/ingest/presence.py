# SPDX-License-Identifier: Apache-2.0
"""What an agent says of itself when it opens a stream, and who wants to hear that it is there."""

from dataclasses import dataclass
from typing import Protocol

from giamsat.v1 import ingest_pb2
from giamsat_collector.ingest.outbox import Live


@dataclass(frozen=True, slots=True)
class Greeting:
    """What an agent said of itself when it opened a stream; labels and figures, never identity."""

    agent: str
    hostname: str
    version: str
    frame_period_s: float
    offset_ns: int
    boot_id: str


class Presence(Protocol):
    """Hears that agents are there."""

    def greeted(self, greeting: Greeting) -> None:
        """An agent opened a stream."""
        ...

    def heard(self, agent: str, at_ns: int) -> None:
        """Something arrived from an agent."""
        ...

    def clocked(self, agent: str, offset_ns: int) -> None:
        """An agent told its time: how far its clock is off, the way of the message included."""
        ...

    def left(self, agent: str, reason: str) -> None:
        """An agent said goodbye."""
        ...


def greeting(live: Live, hello: ingest_pb2.Hello) -> Greeting:
    """What an agent's Hello says of it, cut to what a row can hold."""
    return Greeting(
        agent=live.agent,
        hostname=hello.hostname[:255],
        version=hello.agent_version[:40],
        frame_period_s=min(max(hello.frame_period_ms, 1_000), 3_600_000) / 1_000,
        offset_ns=live.offset_ns,
        boot_id=hello.boot_id[:64],
    )
