# SPDX-License-Identifier: Apache-2.0
"""A made-up life of an agent and a collector: both real, from the spool to the rows, on a simulated disk and network.

A life is a seed. Bytes are delayed and lost with their connection, what a dead connection still held arrives after the
next one has begun, frames are replayed, commits fail, either end stops anywhere, the collector is set back to a backup.
What must hold whatever happens:

- the agent lets go of nothing that is not durable at the collector, unless that was set back;
- each number is stored once, in order, with the bytes it was given; what is not stored is declared lost;
- once both ends and the network are well, everything arrives;
- the collector raises no alarm: nobody misused an identity, and the books are right.
"""

import contextlib
from collections import deque
from random import Random
from typing import Any, Final

from giamsat_agent.errors import SpoolError, TransportError
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_agent.uplink.conversation import Conversation
from giamsat_agent.uplink.session import Session, Stream
from giamsat_agent.uplink.wire import Introduction
from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import notices
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.outbox import HELD_UP_NS
from giamsat_collector.ingest.service import IngestService
from giamsat_wire.lane import Lane
from support import metric_frames
from support.clock import ManualClock
from support.crash_history import BrokenPromiseError
from support.files import Disk
from support.session_promises import check, settled
from support.simulated_collector import Aborted, Database, Nobody, Wire, at_once

AGENT: Final = "11111111-1111-4111-8111-111111111111"
STEPS: Final = 120
ROUNDS: Final = 300
LANES: Final = (Lane.URGENT, Lane.EVENT, Lane.METRIC)
CAPS: Final = Caps(urgent=1 << 22, event=24_000, metric=24_000, bulk=16_000)
MOVES: Final = {
    "append": 20, "connect": 12, "speak": 22, "deliver": 22, "commit": 14, "write": 14, "listen": 16, "cut": 4,
    "start_collector": 2, "stop_agent": 2, "replay": 3, "refuse": 2, "wait": 4, "back_up": 1, "set_back": 0.3,
}  # fmt: skip
"""What may happen next, and how often."""
MINUTE_NS: Final = 60 * 1_000_000_000


class History:
    """Both ends, and what lies between them."""

    def __init__(self, seed: int) -> None:
        self.rng, self.clock = Random(seed), ManualClock()
        self.disk = Disk(rng=self.rng)
        self.database: Any = Database()
        self.promised: dict[tuple[Lane, int], bytes] = {}
        self.said: list[Any] = []
        self.wires: dict[Stream, Wire] = {}
        self.old: list[Wire] = []
        self.made = self.nonce = self.claimed = 0
        self.backup: list[tuple[Any, list[Any]]] | None = None
        self.alarms, self.acked, self.was_set_back = set[str](), list[int](), False
        self._start_agent()
        self._start_collector()

    def live(self) -> None:
        """From the first frame to the last acknowledgement.

        Raises:
            BrokenPromiseError: a promise was broken.
        """
        moves = [getattr(self, f"_{name}") for name in MOVES]
        for _ in range(STEPS):
            self.clock.advance(self.rng.randint(1, 200_000_000))
            self.rng.choices(moves, list(MOVES.values()))[0]()
            self._let_go_of_nothing()
        self._settle()
        check(self.database, self.promised, alone=not self.was_set_back)
        if not self.was_set_back and (self.alarms or self.service.violations):
            raise BrokenPromiseError(f"a false alarm: {', '.join(sorted(self.alarms)) or 'books'}")

    def _start_agent(self) -> None:
        self.nonce += 1
        owner, bits = Owner(AGENT, "boot"), self.rng.getrandbits
        self.spool = Spool(self.disk.folder, owner=owner, clock=self.clock, random_bits=bits, caps=CAPS)
        self.session, self.metrics = Session(), metric_frames.Maker(self.rng)

    def _start_collector(self) -> None:
        self.intake = Intake(self.database)
        self.service = IngestService(
            store=self.database,
            intake=self.intake,
            fleet=Nobody(),
            clock=self.clock,
            authenticate=self.saw,  # type: ignore[arg-type]  # never asked: streams are served directly
            saw=self.saw,
        )
        for wire in [*self.wires.values(), *self.old]:
            wire.served = None
            wire.up.clear()
        self._forget_wires()
        self.old.clear()

    async def saw(self, agent: str, kind: str) -> None:
        self.alarms.add(kind)

    def _append(self) -> None:
        lane = self.rng.choice(LANES)
        made = []
        for _ in range(self.rng.randint(1, 5)):
            self.made += 1
            flags, payload, said = self.metrics.any(lane, self.made, self.spool, (30, 300, 3_000))
            made.append((self.spool.append(lane, flags, payload), said))
        if self.rng.random() < 0.9:
            self.spool.commit(lane)
            self.promised.update({(lane, seq): said for seq, said in made})

    def _connect(self) -> None:
        """A connection and its greetings, which are under way by now."""
        if self.wires:
            return
        for stream in Stream:
            talk = Conversation(
                stream,
                spool=self.spool,
                session=self.session,
                introduction=Introduction("1", "host", "boot", self.nonce, 15.0),
                clock=self.clock,
            )
            self.wires[stream] = Wire(talk, self.nonce, up=deque([talk.hello()]))

    def _speak(self) -> None:
        """The agent hands some of what it has to say to the connection."""
        for wire in list(self.wires.values()):
            if wire.greeted:
                with self._reconnecting():
                    for up in wire.talk.says():
                        wire.up.append(up)
                        if self.rng.random() < 0.1:
                            break

    def _deliver(self) -> None:
        """Some of what is under way reaches the collector, in the order of its stream."""
        wires = [wire for wire in [*self.wires.values(), *self.old] if wire.up]
        if not wires:
            return
        wire = self.rng.choice(wires)
        for _ in range(self.rng.randint(1, 8)):
            if wire.up:
                self._arrive(wire, wire.up.popleft())

    def _arrive(self, wire: Any, up: Any) -> None:
        live = at_once(self.service.live(AGENT))
        if up.WhichOneof("message") == "hello":
            held_up_ns = self.clock.mono_ns() - wire.talk._asked_ns if wire in self.old else 0
            if wire.nonce < self.claimed or held_up_ns > HELD_UP_NS // 2:
                self._abort(wire)  # a later instance of the agent has its place, or TCP has given it up
                return
            self.claimed = wire.nonce
            for other in [one for one in self.old if one.nonce != wire.nonce]:
                self._hang_up(other)
            try:
                outbox, said = at_once(self.service._greet(live, up.hello, wire))
            except (StoreError, Aborted):
                self._abort(wire)
                return
            wire.served = (live, outbox)
            live.outboxes.append(outbox)
            at_once(wire.write(said))
        elif wire.served is not None:
            if up.WhichOneof("message") in {"frame", "frames"}:
                self.said.append(up)
            live, outbox = wire.served
            if self.service._take(live, outbox, up):
                self.alarms.add(notices.UNBALANCED)

    def _write(self) -> None:
        for wire in [*self.wires.values(), *self.old]:
            if wire.served is not None:
                live, outbox = wire.served
                wire.down.extend(outbox.take(live.session))

    def _listen(self) -> None:
        for wire in list(self.wires.values()):
            for _ in range(self.rng.randint(1, 6)):
                if not wire.down or wire not in self.wires.values():
                    break
                down = wire.down.popleft()
                with self._reconnecting():
                    if not wire.greeted:
                        wire.greeted = True
                        wire.talk.greeted(down.hello_ack)
                    else:
                        wire.talk.hears(down)

    def _commit(self) -> None:
        """Some of what waits becomes durable, or nothing of it."""
        waiting, size = self.intake._waiting, self.rng.randint(1, 12)
        batch, self.intake._waiting = waiting[:size], waiting[size:]
        if not batch:
            return
        with contextlib.suppress(RuntimeError):  # without an event loop it does not rest after a refusal
            at_once(self.intake._commit(batch))

    def _cut(self) -> None:
        self._forget_wires()

    def _forget_wires(self) -> None:
        self.old.extend(self.wires.values())
        self.wires.clear()
        while len(self.old) > 4:
            self._hang_up(self.old[0])

    def _abort(self, wire: Wire) -> None:
        """The collector ends a stream, and the agent hears of it."""
        wire.up.clear()
        if wire in self.wires.values():
            self._forget_wires()

    def _hang_up(self, wire: Wire) -> None:
        wire.up.clear()
        self.old.remove(wire)
        live, outbox = wire.served or (None, None)
        if live is not None and outbox in live.outboxes:
            live.outboxes.remove(outbox)

    def _stop_agent(self) -> None:
        self._forget_wires()
        (self.disk.kill if self.rng.random() < 0.5 else self.disk.cut)()
        self._start_agent()

    def _replay(self) -> None:
        served = [wire for wire in self.wires.values() if wire.served is not None]
        if served and self.said:
            live, outbox = self.rng.choice(served).served
            self.service._take(live, outbox, self.rng.choice(self.said))

    def _refuse(self) -> None:
        self.database.refuses = not self.database.refuses

    def _wait(self) -> None:
        self.clock.advance(self.rng.randint(1, 20) * MINUTE_NS)

    def _back_up(self) -> None:
        self.backup = self.database.copy()

    def _set_back(self) -> None:
        if self.backup is not None:
            self.was_set_back = True
            self.database.set_back(self.backup)
            self._start_collector()

    @contextlib.contextmanager
    def _reconnecting(self) -> Any:
        try:
            yield
        except (TransportError, SpoolError):
            self._forget_wires()

    def _let_go_of_nothing(self) -> None:
        acked = [self.spool.state(lane).acked for lane in LANES]
        if self.was_set_back or acked == self.acked:
            return
        self.acked = acked
        marks = settled(self.database)
        for lane in LANES:
            state = self.spool.state(lane)
            if state.acked > marks.get((lane, state.epoch), 0):
                raise BrokenPromiseError(f"{lane.name} {state.acked}: acknowledged, and not durable")

    def _settle(self) -> None:
        """Everything is well again, and everything is sent."""
        self.database.refuses = False
        for lane in LANES:
            self.spool.commit(lane)
        for _ in range(ROUNDS):
            self.clock.advance(1_000_000_000)
            for move in (self._connect, self._speak, self._deliver_all, self._commit_all, self._write, self._listen):
                move()
            states = [self.spool.state(lane) for lane in LANES]
            if all(state.acked == state.next - 1 for state in states) and not self.intake._waiting:
                break
        else:
            raise BrokenPromiseError("it does not come to an end although all is well")
        self.clock.advance(MINUTE_NS)
        self._speak()
        self._deliver_all()

    def _deliver_all(self) -> None:
        for wire in [*self.wires.values(), *self.old]:
            while wire.up:
                self._arrive(wire, wire.up.popleft())

    def _commit_all(self) -> None:
        while self.intake._waiting:
            self._commit()
