# SPDX-License-Identifier: Apache-2.0
"""Frames that were carried by hand, taken in like those of a stream: each number once, in order, durable.

A parcel may come again, after a later one, or while its agent is connected: what is held already is recognised by its
number. Who it is from is said by the key the host was enrolled with, and by nothing else in it.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection

from giamsat.v1 import ingest_pb2
from giamsat_collector.enrol.agents import Enrolled
from giamsat_collector.errors import RefusedError
from giamsat_collector.ingest import frames, notices, resuming
from giamsat_collector.ingest.frames import CARRIED, Arrival
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.outbox import Live, Outbox
from giamsat_collector.ingest.session import (
    Accepted,
    Duplicate,
    Incoming,
    LaneOffer,
    Mark,
    Quarantined,
    Refusal,
    Refused,
)
from giamsat_collector.store import Store
from giamsat_wire import limits, parcel
from giamsat_wire.clock import Clock
from giamsat_wire.codec import reading_times
from giamsat_wire.errors import WireError
from giamsat_wire.lane import Lane
from giamsat_wire.parcel import Carried, Head, Opener, ParcelError, Run
from giamsat_wire.receipt import Held, written

log = structlog.get_logger()

PATIENCE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one piece: frames that are new, that were held already, and that belong to an epoch that is over.

    `missing` are numbers before them that will never come.
    """

    lane: Lane | None = None
    new: int = 0
    held: int = 0
    over: int = 0
    missing: int = 0


@dataclass(slots=True)
class Carrying:
    """Takes in parcels. `live` gives an agent's session, `offset_ns` how far its clock was off when last heard."""

    store: Store
    intake: Intake
    clock: Clock
    carrier: ec.EllipticCurvePrivateKey
    find: Callable[[str], Enrolled | None]
    live: Callable[[str], Awaitable[Live]]
    offset_ns: Callable[[str], int]
    saw: Callable[[str, str], Awaitable[None]]
    refused_total: Counter[str] = field(default_factory=Counter)

    def sender(self, encoded: bytes, signature: bytes) -> tuple[Head, Enrolled]:
        """Who sealed a parcel that begins so.

        Raises:
            RefusedError: nobody who may; the reason is counted.
        """
        try:
            head = parcel.head(encoded, signature)
            bound = parcel.fingerprint(parcel.public_key(head.bound_spki_der))
            Opener(head, self.carrier)
        except ParcelError as error:
            raise self._refusal(error.reason, str(error)) from error
        agent = self.find(head.agent_id)
        if agent is None:
            raise self._refusal("unknown_agent", f"no agent {head.agent_id[:36]} was ever enrolled here")
        if agent.bound_spki_sha256 != bound:
            raise self._refusal("foreign_bound_key", f"it is not signed by the key that {agent.id} was enrolled with")
        if agent.refused is not None:
            raise self._refusal("refused_agent", f"the agent {agent.id} may not send: {agent.refused}")
        return head, agent

    async def take(
        self, head: Head, number: int, sealed: bytes, *, last: bool, dry_run: bool, without_earlier: bool
    ) -> Taken:
        """Open a piece of a parcel whose `sender` is known, and store its frames unless it is a dry run.

        Raises:
            RefusedError: it was changed, does not join what is held, or contradicts it; the reason is counted.
        """
        try:
            run = Opener(head, self.carrier).piece(number, sealed, last=last)
        except ParcelError as error:
            raise self._refusal(error.reason, str(error)) from error
        if run is None:
            return Taken()
        live = await self.live(head.agent_id)
        stands = live.session.stands(run.lane)
        if stands is not None and run.epoch < stands.epoch:
            return Taken(run.lane, over=len(run.frames))
        reached = stands.seq if stands is not None and stands.epoch == run.epoch else 0
        if run.first > reached + 1 and reached < run.acked and not without_earlier:
            raise self._refusal(
                "earlier_missing",
                f"{run.lane.name.lower()} lane: it begins at {run.first}, and here everything up to {reached} is held, "
                f"while the agent was told that {run.acked} is: import the earlier file first; if there is none any "
                "more, --without-earlier declares what is between as lost",
            )
        await self._compare(live, run, reached)
        if dry_run:
            held = sum(one.seq <= reached for one in run.frames)
            return Taken(run.lane, new=len(run.frames) - held, held=held, missing=max(0, run.first - reached - 1))
        return await self._store(live, run, self._offset_ns(head))

    async def receipt(self, agent: Enrolled) -> bytes:
        """What is held of an agent, as a file that it believes."""
        session = (await self.live(agent.id)).session
        stands = [mark for lane in Lane if (mark := session.stands(lane)) is not None]
        held = [Held(mark.lane, mark.epoch, mark.seq) for mark in stands]
        return written(agent.id, self.clock.wall_ns(), held, self.carrier)

    def _offset_ns(self, head: Head) -> int:
        """How far the host's clock is off. A parcel cannot have been sealed later than now, whatever it says."""
        offset = self.offset_ns(head.agent_id)
        return offset - max(0, head.sealed_ns + offset - self.clock.wall_ns())

    async def _compare(self, live: Live, run: Run, reached: int) -> None:
        """Frames of numbers that are held must be the frames that are held: otherwise two hosts gave the numbers."""
        again = {one.seq: one for one in run.frames if one.seq <= reached}
        if not again:
            return

        def stored(connection: Connection) -> dict[int, tuple[int, bytes]]:
            return frames.payloads(
                connection, Mark(run.lane, run.epoch, max(again)), agent=live.agent, first=min(again)
            )

        kept = await self.store.read(stored)
        wrong = [seq for seq, held in kept.items() if seq in again and not _same(run.lane, held, again[seq])]
        if wrong:
            await self.saw(live.agent, notices.TWO_INSTANCES)
            raise self._refusal(
                "contradiction",
                f"{run.lane.name.lower()} lane: frame {wrong[0]} is held with another content: two hosts have the "
                "identity of this agent; nothing of this file is taken, enrol one of them anew",
            )

    async def _store(self, live: Live, run: Run, offset_ns: int) -> Taken:
        now = self.clock.wall_ns()
        resumed = live.session.hello([LaneOffer(run.lane, run.epoch, run.first, limits.NUMBER)])
        await resuming.settle(self.store, live, resumed, [run.lane], now)
        outbox = Outbox(frozenset({run.lane}))
        live.outboxes.append(outbox)
        new = held = 0
        try:
            for one in run.frames:
                incoming = Incoming(run.lane, run.epoch, one.seq, one.flags | CARRIED, one.payload, one.crc)
                while isinstance(answer := live.session.offer(incoming), Refused):
                    if answer.reason is not Refusal.OVERLOAD:
                        raise self._refusal(answer.reason, f"frame {one.seq} does not follow {answer.expected - 1}")
                    await self._news(live, outbox)
                match answer:
                    case Accepted() | Quarantined():
                        poison = answer.reason.value if isinstance(answer, Quarantined) else None
                        self.intake.put(live, Arrival(live.agent, incoming, now, offset_ns, poison))
                        new += 1
                    case Duplicate():
                        held += 1
            while run.frames and live.session.marks()[run.lane] < run.frames[-1].seq:
                await self._news(live, outbox)
        finally:
            live.outboxes.remove(outbox)
        missing = sum(gap.last - gap.first + 1 for gap in resumed.missing if gap.lane is run.lane)
        return Taken(run.lane, new=new, held=held, missing=missing)

    async def _news(self, live: Live, outbox: Outbox) -> None:
        """Wait until something of this agent is durable; RefusedError when the store refuses."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await outbox.ready.wait()
        except TimeoutError as error:
            raise self._refusal("store", "it could not be stored in time; import it again") from error
        told = [down.nack.code for down in outbox.take(live.session) if down.HasField("nack")]
        if any(code != ingest_pb2.Nack.QUARANTINED for code in told):
            raise self._refusal("store", "the collector cannot write now; free space, then import it again")

    def _refusal(self, reason: str, sentence: str) -> RefusedError:
        self.refused_total[reason] += 1
        log.warning("parcel_refused", reason=reason)
        return RefusedError(sentence)


def _same(lane: Lane, held: tuple[int, bytes], again: Carried) -> bool:
    """Whether it is the same frame: a spool that became too large leaves out metrics and encodes the others anew."""
    flags, payload = held
    if payload == again.payload or (lane is Lane.METRIC and not (payload and again.payload)):
        return True
    with contextlib.suppress(WireError):
        return lane is Lane.METRIC and reading_times(flags, payload) == reading_times(again.flags, again.payload)
    return False
