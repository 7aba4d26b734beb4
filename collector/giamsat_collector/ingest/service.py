# SPDX-License-Identifier: Apache-2.0
"""The gRPC edge: bytes and status codes only. What is done with a frame is decided in `session`."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Final

import grpc
import structlog

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_collector.enrol.admission import NotAdmittedError, not_admitted
from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import claims, frames, notices, presence, resuming, stream
from giamsat_collector.ingest.conservation import Claim, Waiting
from giamsat_collector.ingest.instances import PROBE_S, Instances, TwoInstancesError
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.outbox import LANES, Live, Outbox, committed
from giamsat_collector.ingest.presence import Presence
from giamsat_collector.ingest.session import Accepted, Duplicate, Incoming, LaneOffer, Quarantined, Refusal, Refused
from giamsat_collector.ingest.share import Shares
from giamsat_collector.ingest.stream import SILENT_S, Context
from giamsat_collector.store import Store
from giamsat_wire import limits
from giamsat_wire.clock import Clock
from giamsat_wire.lane import Lane

log = structlog.get_logger()

PROTOCOL: Final = 1
HEARTBEAT_MS: Final = 20_000
REPLACED: Final = "later streams of this agent took its place"
STREAMS: Final = 8
"""Of one agent: its two, those of a connection that takes their place, and a few that nobody knows to be dead yet."""


class IngestService(ingest_pb2_grpc.IngestServicer):
    """Serves Push to enrolled agents.

    `authenticate` turns a call's TLS context into the id of an enrolled agent, or raises NotAdmittedError.
    `saw` is told of an agent and the kind of event that its behaviour is, `lag_ns` tells how far the rules lag behind,
    `unit` of which unit an agent is.
    """

    def __init__(
        self,
        *,
        store: Store,
        intake: Intake,
        fleet: Presence,
        clock: Clock,
        authenticate: Callable[[Context], Awaitable[str]],
        saw: Callable[[str, str], Awaitable[None]],
        silent_s: float = SILENT_S,
        probe_s: float = PROBE_S,
        lag_ns: Callable[[], int] = lambda: 0,
        unit: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._store = store
        self._intake = intake
        self._presence = fleet
        self._clock = clock
        self._authenticate = authenticate
        self._silent_s = silent_s
        self._lives: dict[str, Live] = {}
        self._streams: dict[str, dict[asyncio.Task[None], int | None]] = {}
        self._saw = saw
        self._shares = Shares(lag_ns, unit)
        self._instances = Instances(self._dismiss, probe_s)
        self._cut: dict[str, str] = {}
        self.refused_total: Counter[str] = Counter()

    @property
    def streams(self) -> int:
        """Streams open now."""
        return sum(map(len, self._streams.values()))

    def waiting(self, agent: str) -> Mapping[Lane, Waiting]:
        """What an agent holds back, by its last heartbeat of this run; nothing for one that sent none."""
        live = self._lives.get(agent)
        return live.books.waiting(live.session.marks()) if live else {}

    @property
    def violations(self) -> dict[tuple[str, str], int]:
        """By how many frames the books of an agent's lane are off; those that are right are not named."""
        return {
            (agent, lane.name.lower()): off
            for agent, live in self._lives.items()
            for lane, off in live.books.violations.items()
        }

    def cut(self, agent: str, reason: str) -> None:
        """Close the streams of an agent now; `reason` is told to it."""
        for task in self._streams.get(agent, ()):
            self._cut[agent] = reason
            task.cancel()

    def _dismiss(self, agent: str, nonce: int) -> None:
        """Close the streams of one instance."""
        for task, its in self._streams.get(agent, {}).items():
            if its == nonce:
                task.cancel()

    async def Push(  # noqa: N802 - the name stands in the .proto file
        self,
        request_iterator: AsyncIterator[ingest_pb2.Up],  # noqa: ARG002 - read through the context, which can time out
        context: Context,
    ) -> None:
        """One stream of one agent, from its Hello until either end closes it."""
        try:
            agent = await self._authenticate(context)
        except NotAdmittedError as error:
            self._count(str(error))
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, error.sentence)
        if claims.in_metadata(context.invocation_metadata() or (), agent, self._shares.unit(agent)) is not None:
            self._count("forged_identity")
            await self._saw(agent, notices.FORGED)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs always runs in a task
        its = self._streams.setdefault(agent, {})
        its[task] = None
        for oldest in list(its)[:-STREAMS]:
            oldest.cancel(REPLACED)
        try:
            await self._serve(agent, task, context)
        except asyncio.CancelledError as error:
            if REPLACED in error.args:
                task.uncancel()
                self._count("too_many_streams")
                await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, REPLACED)
            reason = self._cut.get(agent)
            if reason is None:
                raise
            task.uncancel()
            self._count("cut")
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, not_admitted(reason).sentence)
        finally:
            del self._streams[agent][task]
            if not self._streams[agent]:
                del self._streams[agent]
                self._cut.pop(agent, None)

    async def _serve(self, agent: str, task: asyncio.Task[None], context: Context) -> None:
        first = await stream.first(context, self._silent_s)
        if first is None or first.WhichOneof("message") != "hello" or first.hello.protocol != PROTOCOL:
            self._count("no_hello")
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"a stream begins with a Hello of protocol {PROTOCOL}"
            )
        nonce = self._streams[agent][task] = first.hello.instance_nonce
        try:
            await self._instances.claim(agent, nonce)
        except TwoInstancesError as error:
            self._count(str(error))
            await self._saw(agent, notices.TWO_INSTANCES)
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, error.sentence)
        try:
            await self._converse(agent, first.hello, context)
        finally:
            self._instances.release(agent, nonce)

    async def _converse(self, agent: str, hello: ingest_pb2.Hello, context: Context) -> None:
        try:
            live = await self.live(agent)
            outbox, greeting = await self._greet(live, hello, context)
        except StoreError:
            self._count("store")
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the collector cannot read or write now; try again")
        await stream.tell(context, greeting)
        live.outboxes.append(outbox)
        try:
            async with asyncio.timeout(self._silent_s) as limit, asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(stream.write(live, outbox, context))
                while (message := await stream.following(context)) is not None:
                    stream.extend(limit, self._silent_s)
                    self._presence.heard(agent, self._clock.wall_ns())
                    self._instances.heard(agent, hello.instance_nonce)
                    if self._take(live, outbox, message):
                        log.error("books_do_not_balance", agent=agent, lanes=dict(live.books.violations))
                        await self._saw(agent, notices.UNBALANCED)
                writing.cancel()
        except TimeoutError:
            self._count("silent")
        finally:
            live.outboxes.remove(outbox)

    async def live(self, agent: str) -> Live:
        """The agent's session: restored from the database the first time it connects."""
        if agent not in self._lives:
            session = await self._store.read(lambda connection: resuming.restored(connection, agent))
            self._lives.setdefault(agent, Live(agent, session))
        return self._lives[agent]

    async def _greet(self, live: Live, hello: ingest_pb2.Hello, context: Context) -> tuple[Outbox, ingest_pb2.Down]:
        """What the agent is to be told from now on, and the answer to its Hello, which comes before."""
        now = self._clock.wall_ns()
        live.offset_ns = _offset_ns(now, hello.wall_ns)
        said = {int(state.lane): state for state in hello.lanes[: len(LANES)]}  # there are no more, and none is twice
        offers = [
            LaneOffer(LANES[lane], state.epoch, state.first, state.next, min(state.since, state.first))
            for lane, state in said.items()
            if lane in LANES and state.epoch and max(state.epoch, state.first, state.next) <= limits.NUMBER
        ]
        lanes = [offer.lane for offer in offers]
        if live.is_overtaken(frozenset(lanes), hello.instance_nonce, hello.mono_ns):
            self._count("overtaken")
            await context.abort(grpc.StatusCode.UNAVAILABLE, "a later greeting has been answered already")
        resumed = live.session.hello(offers)
        marks = await resuming.settle(self._store, live, resumed, lanes, now)
        for lane in resumed.regressed:
            self._count("sequence_regressed")
            log.warning("agent_spool_went_back", agent=live.agent, lane=lane.name)
            await self._saw(live.agent, notices.WENT_BACK)
        self._presence.greeted(presence.greeting(live, hello))
        answer = ingest_pb2.HelloAck(
            committed=[committed(mark) for mark in marks],
            server_wall_ns=now,
            heartbeat_ms=HEARTBEAT_MS,
            frames_at_once=limits.FRAMES_PER_MESSAGE,
        )
        return Outbox(frozenset(lanes)), ingest_pb2.Down(hello_ack=answer)

    def _take(self, live: Live, outbox: Outbox, message: ingest_pb2.Up) -> bool:
        """Do what a message asks; whether the agent's books just ceased to be right."""
        match message.WhichOneof("message"):
            case "frame":
                self._frame(live, outbox, message.frame)
            case "frames":
                self._frames(live, outbox, message.frames.frames)
            case "heartbeat":
                live.offset_ns = _offset_ns(self._clock.wall_ns(), message.heartbeat.wall_ns)
                self._presence.clocked(live.agent, live.offset_ns)
                return self._balanced(live, outbox, message.heartbeat)
            case "bye":
                self._presence.left(live.agent, message.bye.reason[:200])
            case _:
                self._count("unknown_message")
        return False

    def _balanced(self, live: Live, outbox: Outbox, beat: ingest_pb2.Heartbeat) -> bool:
        if not live.is_newest(outbox):
            return False
        claims = [
            Claim(LANES[said.lane], said.produced, said.acked, said.declared_lost)
            for said in beat.lanes[: len(LANES)]
            if LANES.get(int(said.lane)) in outbox.lanes
        ]
        return live.books.check(claims, live.session.marks())

    def _frames(self, live: Live, outbox: Outbox, several: Sequence[ingest_pb2.Frame]) -> None:
        for frame in several[: limits.FRAMES_PER_MESSAGE]:
            if not self._frame(live, outbox, frame):
                return  # those behind one that is refused have nothing to follow
        for frame in several[limits.FRAMES_PER_MESSAGE :][:1]:
            self._count("too_many_frames")
            lane = LANES.get(int(frame.lane))
            if lane in outbox.lanes:
                outbox.put(Refused(lane, frame.epoch, frame.seq, Refusal.POLICY))

    def _frame(self, live: Live, outbox: Outbox, frame: ingest_pb2.Frame) -> bool:
        """Whether it was taken, or is held already."""
        lane = LANES.get(int(frame.lane))
        if lane not in outbox.lanes:
            self._count("foreign_lane")
            return False
        incoming = Incoming(lane, frame.epoch, frame.seq, frame.flags & 0xFF, frame.payload, frame.crc)
        if live.session.awaits(incoming) and not self._may_send(live, incoming):
            outbox.put(Refused(lane, incoming.epoch, incoming.seq, Refusal.OVERLOAD))
            return False
        answer = live.session.offer(incoming)
        match answer:
            case Accepted() | Quarantined():
                poison = answer.reason.value if isinstance(answer, Quarantined) else None
                arrival = frames.Arrival(live.agent, incoming, self._clock.wall_ns(), live.offset_ns, poison)
                self._intake.put(live, arrival)
            case Duplicate(mark):
                outbox.put(mark)
            case Refused(reason=reason):
                self._count(reason)
                outbox.put(answer)
        return not isinstance(answer, Refused)

    def _may_send(self, live: Live, frame: Incoming) -> bool:
        urgent = frame.lane is Lane.URGENT
        if self._intake.full_for(frame.lane):
            self._count(Refusal.OVERLOAD)
            return False
        if not self._shares.takes(live.agent, frame.weight, self._clock.mono_ns(), urgent=urgent):
            self._count("over_share")
            return False
        return True

    def _count(self, reason: str) -> None:
        self.refused_total[reason] += 1


def _offset_ns(own_ns: int, its_ns: int) -> int:
    """How far a host's clock is off, as a number a row can hold whatever the host claims."""
    return max(-limits.NUMBER, own_ns - its_ns)
