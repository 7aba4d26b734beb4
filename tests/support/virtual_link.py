# SPDX-License-Identifier: Apache-2.0
"""An agent and a collector joined by a thin, slow, lossy line, in time that is made up: days pass in seconds.

Both ends are the real ones: spool, session, conversation, service, intake and rows. The line carries so many bits a
second each way, first come, first served, as a full socket buffer does; a message takes so long to travel; one lost on
the way comes later, and everything behind it, as TCP has it.
"""

from random import Random
from typing import Any, Final

from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_agent.uplink.conversation import Conversation
from giamsat_agent.uplink.session import Session, Stream
from giamsat_agent.uplink.wire import Introduction
from giamsat_wire.lane import Lane
from support.metric_frames import RAW
from support.simulated_collector import Wire, at_once
from support.virtual_collector import S, VirtualCollector

AGENT: Final = "11111111-1111-4111-8111-111111111111"
OVERHEAD: Final = 70
"""Bytes that gRPC, HTTP/2, TLS and TCP add to a small message, about."""
RESENT_S: Final = 1.2
"""A lost packet is noticed and sent again: two round trips of a slow line."""
GIVES_UP_S: Final = 20.0
"""A keepalive that waits longer for its answer ends the connection (uplink/client.py)."""


class Line:
    """`bits_per_s` each way, `delay_s` of travel, and the part of messages that is `lost` at first."""

    def __init__(self, bits_per_s: float, delay_s: float, lost: float, rng: Random) -> None:
        self._rate = bits_per_s / 8 / S
        self._delay_ns = int(delay_s * S)
        self._lost = lost
        self._rng = rng
        self._free_ns = {"up": 0, "down": 0}
        self._last_ns: dict[tuple[str, Stream], int] = {}
        self.carried = 0
        self.longest_ns = 0

    def arrives(self, way: str, size: int, now_ns: int) -> int:
        """When something that is sent now is there."""
        begins = max(now_ns, self._free_ns[way])
        self._free_ns[way] = begins + int((size + OVERHEAD) / self._rate)
        late = 0
        while self._rng.random() < self._lost:
            late += int(RESENT_S * S)
        # All streams share one connection: what was lost holds up what follows.
        at = max(self._free_ns[way] + self._delay_ns + late, self._last_ns.get((way, Stream.REST), 0))
        self._last_ns[way, Stream.REST] = at
        self.carried += size if way == "up" else 0
        self.longest_ns = max(self.longest_ns, at - now_ns)
        return at

    def becomes(self, bits_per_s: float) -> None:
        """From now on it carries so much."""
        self._rate = bits_per_s / 8 / S

    def forgets(self, now_ns: int) -> None:
        """What was handed over is gone with its connection."""
        self._free_ns = dict.fromkeys(self._free_ns, now_ns)
        self._last_ns.clear()


class VirtualLink:
    """One agent, its line, and the collector at the other end."""

    def __init__(
        self,
        files: Any,
        *,
        line: Line,
        caps: Caps = Caps(),  # noqa: B008 - a frozen value
        collector: VirtualCollector | None = None,
        agent: str = AGENT,
    ) -> None:
        """`collector` is one that other agents have as well; without it there is one for this agent alone."""
        self.collector = collector or VirtualCollector()
        self.collector.links[agent] = self
        self.agent, self.clock, self.line = agent, self.collector.clock, line
        self.database, self.remarks = self.collector.database, self.collector.remarks
        self.at, self.run, self.every = self.collector.at, self.collector.run, self.collector.every
        bits = Random(agent).getrandbits
        self.spool = Spool(files, owner=Owner(agent, "boot"), clock=self.clock, random_bits=bits, caps=caps)
        self.session = Session()
        self.cuts = 0
        self.urgent_s: list[float] = []
        self._urgent: dict[int, int] = {}
        self._wires: dict[Stream, Wire] = {}

    def put(self, lane: Lane, payload: bytes) -> int:
        """A frame of this host, committed."""
        seq = self.spool.append(lane, RAW, payload)
        self.spool.commit(lane)
        if lane is Lane.URGENT:
            self._urgent[seq] = self.clock.mono_ns()
        self._speak()
        return seq

    def connect(self) -> None:
        """Both streams begin with their greetings."""
        for stream in Stream:
            talk = Conversation(
                stream,
                spool=self.spool,
                session=self.session,
                introduction=Introduction("1", "host", "boot", 1, 15.0),
                clock=self.clock,
            )
            wire = self._wires[stream] = Wire(talk, 1)
            self._up(wire, talk.hello())
        if not self.cuts:
            self.every(1.0, self._speak)

    def _cut(self, wire: Wire) -> None:
        """A keepalive was not answered in time: another connection begins."""
        if wire in self._wires.values():
            self.cuts += 1
            self.line.forgets(self.clock.mono_ns())
            self.connect()

    def _up(self, wire: Wire, message: Any) -> None:
        now = self.clock.mono_ns()
        arrives = self.line.arrives("up", message.ByteSize(), now)
        self.at(arrives, self._arrived, wire, message)
        if arrives - now > GIVES_UP_S * S:
            self.at(now + int(GIVES_UP_S * S), self._cut, wire)

    def _arrived(self, wire: Wire, message: Any) -> None:
        if wire not in self._wires.values():
            return
        service = self.collector.service
        live = at_once(service.live(self.agent))
        if message.WhichOneof("message") == "hello":
            outbox, greeting = at_once(service._greet(live, message.hello, wire))
            at_once(wire.write(greeting))
            live.outboxes.append(outbox)
            wire.served = (live, outbox)
        else:
            service._take(*wire.served, message)
            self.collector.stores()
        self.answered()

    def answered(self) -> None:
        """What the collector has to say to this agent leaves it."""
        for each in self._wires.values():
            if each.served is not None:
                live, outbox = each.served
                each.down.extend(outbox.take(live.session))
            while each.down:
                down = each.down.popleft()
                at = self.line.arrives("down", down.ByteSize(), self.clock.mono_ns())
                self.at(at, self._heard, each, down)

    def _heard(self, wire: Wire, down: Any) -> None:
        if wire not in self._wires.values():
            return
        if not wire.greeted:
            wire.greeted = True
            wire.talk.greeted(down.hello_ack)
        else:
            wire.talk.hears(down)
        acked = self.spool.state(Lane.URGENT).acked
        for seq in [seq for seq in self._urgent if seq <= acked]:
            self.urgent_s.append((self.clock.mono_ns() - self._urgent.pop(seq)) / S)
        self._speak()

    def _speak(self) -> None:
        for wire in self._wires.values():
            if wire.greeted:
                said = list(wire.talk.says())
                while said:
                    for message in said:
                        self._up(wire, message)
                    said = list(wire.talk.says())
