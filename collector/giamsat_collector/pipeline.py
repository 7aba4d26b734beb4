# SPDX-License-Identifier: Apache-2.0
"""From committed frames to alerts. Reads frames by its own cursor, so a fault in judging loses nothing.

The cursor is written in the same transaction in which the alerts change, and after frames that left nothing a little
later: killed at any point, the collector goes on with neither a lost nor a doubled count.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection

from giamsat_collector import recording
from giamsat_collector.alerts import evidence, folds
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.coverage import minute_rows
from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.errors import RefusedError, StoreError
from giamsat_collector.ingest import frames, progress
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.ingest.notices import Notices
from giamsat_collector.ingest.tail import Tail
from giamsat_collector.judge import Judge, Judged
from giamsat_collector.judged_batch import Turn, judge_all
from giamsat_collector.rebuilding import Rebuilding
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.silence import consequences
from giamsat_collector.silence.consequences import Settled
from giamsat_collector.store import Store
from giamsat_collector.suppressing import ledger as suppressing
from giamsat_rules.behind import Behind
from giamsat_rules.verdict import Verdict
from giamsat_wire.clock import Clock

log = structlog.get_logger()
T = TypeVar("T")

READER: Final = "judge"
SILENT: Final = "source"
"""What verdicts on silence are grouped by."""
FRAMES_PER_TURN: Final = 200
ALERTS_PER_TURN: Final = 100
"""So many are told of silence, or moved, before frames and everybody else who writes have their turn: some 0.2 s."""
SILENCE_EVERY_S: Final = 5.0
STILL_COMING_NS: Final = 2_000_000_000
"""How long after a minute frames received in it may still be committed."""
LINGER_S: Final = 0.02
RETRY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What the pipeline has done since it started."""

    frames: int
    verdicts: int
    poison: int
    cursor: int
    evidence: int = 0
    evidence_refused: int = 0
    sightings: int = 0
    flow_minutes: int = 0
    traffic_refused: int = 0
    waited_ns: int = 0
    """How long the oldest frame that is not judged had waited when it was last looked at."""


class Pipeline:
    """Judges frames as they are committed and records what the rules say."""

    def __init__(
        self,
        *,
        store: Store,
        judge: Judge,
        books: Books,
        registry: Registry,
        notices: Notices,
        clock: Clock,
        tail: Tail,
        recorded: Callable[[], None],
        alive: Callable[[], None],
    ) -> None:
        self._store = store
        self._judge = judge
        self._books = books
        self._registry = registry
        self._notices = notices
        self._clock = clock
        self._tail = tail
        self._recorded = recorded
        self._alive = alive
        self.rebuilding = Rebuilding(store, judge, books, clock, alive)
        self._cursor = self._reached = 0
        self._apart = 1  # whatever waits behind another since before this start is looked at once
        self._behind: Mapping[str, Behind] | None = None
        self._untold: list[Verdict] = []
        self._misplaced: list[frozenset[str]] = []
        self._unsettled = False
        self.suppressed: Counter[str] = Counter()
        self._frames = self._verdicts = self._poison = self._evidence = self._evidence_refused = 0
        self._sightings = self._flow_minutes = self._traffic_refused = self._waited_ns = 0

    @property
    def figures(self) -> Figures:
        """What was done so far."""
        return Figures(
            self._frames,
            self._verdicts,
            self._poison,
            self._cursor,
            self._evidence,
            self._evidence_refused,
            self._sightings,
            self._flow_minutes,
            self._traffic_refused,
            self.rebuilding.waited_ns or self._waited_ns,
        )

    async def rebuild(self) -> None:
        """Take up what was judged before this start, and from where to go on."""
        self._cursor = self._reached = await self.rebuilding.run(READER)

    async def run(self) -> None:
        """Judge for ever."""
        silence_due = self._clock.mono_ns()
        while True:
            self._tail.news.clear()
            self._alive()
            batch = self._tail.after(self._cursor, FRAMES_PER_TURN) or await self._read(self._cursor)
            self._waited_ns = max(0, self._clock.wall_ns() - batch[0].received_ns) if batch else 0
            if batch:
                await self._turn(batch)
            else:
                self._books.pass_to(self._clock.wall_ns() - STILL_COMING_NS)
            due = self._clock.mono_ns() >= silence_due
            if due:
                silence_due = self._clock.mono_ns() + int(SILENCE_EVERY_S * 1e9)
                self._untold += self._judge.silence(self._clock.wall_ns())
            if due or self._unsettled:
                await self._silence()
            if len(batch) < FRAMES_PER_TURN:
                # A moment for more frames to come: each turn costs a transaction, whatever it holds.
                await asyncio.sleep(LINGER_S)
            if not (batch or self._unsettled):
                await self._wait_until(silence_due)

    async def _wait_until(self, due_ns: int) -> None:
        """Sleep until frames are committed, or until a time by the monotonic clock."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, (due_ns - self._clock.mono_ns()) / 1e9)):
                await self._tail.news.wait()

    async def _read(self, after: int) -> tuple[StoredFrame, ...]:
        try:
            return await self._store.read(lambda connection: frames.after(connection, after, FRAMES_PER_TURN))
        except StoreError as error:
            log.error("frames_not_read", reason=str(error))  # noqa: TRY400 - the reason says it all
            await asyncio.sleep(RETRY_S)
            return ()

    async def _other_rules(self) -> None:
        """See which alerts stand elsewhere than the rules say that are in force by now."""
        behind = self._judge.engine.behind
        if behind != self._behind:  # rules exchanged for such as say the same of this move nothing
            try:
                self._misplaced = await self._store.read(lambda connection: folds.misplaced(connection, behind))
            except StoreError as error:
                log.error("alerts_not_read", reason=str(error))  # noqa: TRY400 - looked at again with the next silence
            else:
                self._behind = behind

    async def _turn(self, batch: Sequence[StoredFrame]) -> None:
        judged = await judge_all(self._judge, self._books, batch)
        through, minutes = self._books.closed
        turn = Turn(
            judged=judged,
            packets=list(self._packets(judged)),
            hidden=self._hidden(),
            hits=self._judge.indicators.taken(),
            told=self._judge.first_seen_memory.taken(),
            through=through,
            minutes=minutes,
            behind=self._judge.engine.behind,
        )
        now, reached = self._clock.wall_ns(), batch[-1].id

        def work(connection: Connection) -> list[Alert]:
            progress.reach(connection, READER, reached)
            return turn.record(connection, self._registry, self._notices, now)

        # A turn that leaves nothing is not worth a transaction: after a restart it is judged again, to the same end.
        alerts = [] if turn.is_empty else await self._until_written(work)
        self._reached = self._reached if turn.is_empty else reached
        self._books.kept(turn.minutes)
        self._cursor = reached
        self._frames += len(batch)
        self._verdicts += sum(len(one.verdicts) for _, one in judged)
        self._poison += sum(one.poison is not None for _, one in judged)
        self._evidence += len(turn.packets)
        self._sightings += sum(len(one.sighted) for _, one in judged)
        self._flow_minutes += sum(len(one.flows) for _, one in judged)
        self._traffic_refused += sum(one.malformed for _, one in judged)
        if alerts or turn.packets:
            self._recorded()

    async def _silence(self) -> None:
        """Record what was judged of silence, and move what it moves, as much as fits into one turn.

        Killed before the rest was recorded, the collector judges that silence anew when it has listened long enough.
        """
        await self._other_rules()
        now, behind = self._clock.wall_ns(), self._judge.engine.behind
        verdicts, untold = self._untold[:ALERTS_PER_TURN], self._untold[ALERTS_PER_TURN:]
        misplaced, rest = self._misplaced[:ALERTS_PER_TURN], self._misplaced[ALERTS_PER_TURN:]
        hidden = self._hidden()
        through, minutes = self._books.closed
        silences, rules = self._judge.silences, self._judge.engine.absences
        common = silences.outages or silences.behind_devices or self._apart
        self._unsettled = False
        if not (verdicts or misplaced or hidden or minutes or common) and self._reached == self._cursor:
            return

        def work(connection: Connection) -> tuple[list[Alert], Settled, int]:
            if minutes:
                minute_rows.keep(connection, through, minutes)
            suppressing.count(connection, hidden, now)
            progress.reach(connection, READER, self._cursor)
            told = ((verdict, SILENT in verdict.group) for verdict in verdicts)
            alerts = recording.record(connection, told, self._registry, now)
            # While there is more to tell, only what was opened now is moved: nobody shall see it in the queue before.
            most = sum(not one.state.closed for one in alerts) if untold else ALERTS_PER_TURN
            settled = consequences.settle(connection, silences.away, rules, now, most)
            moved = folds.settle(connection, alerts, behind, now)
            return alerts, settled, moved + folds.settle_these(connection, misplaced, behind, now)

        self._verdicts += len(verdicts)
        alerts, settled, moved = await self._until_written(work)
        self._untold, self._misplaced = untold, rest
        self._unsettled = bool(untold or rest) or settled.moved >= ALERTS_PER_TURN
        self._apart = settled.apart
        self._reached = self._cursor
        self._books.kept(minutes)
        if alerts or settled.moved or moved:
            self._recorded()

    def _hidden(self) -> Counter[int]:
        """How often each suppression hid something since this was last asked."""
        by_number: Counter[int] = Counter()
        for hidden, count in self._judge.engine.suppressions.taken().items():
            by_number[hidden.number] += count
            self.suppressed[hidden.rule] += count
        return by_number

    async def _until_written(self, work: Callable[[Connection], T]) -> T:
        while True:
            try:
                return await self._store.write(work)
            except StoreError as error:
                log.error("verdicts_not_stored", reason=str(error))  # noqa: TRY400 - the reason says it all
                self._alive()  # a disk that is full is waited for; starting anew would not empty it
                await asyncio.sleep(RETRY_S)

    def _packets(self, judged: Sequence[tuple[StoredFrame, Judged]]) -> Iterator[tuple[StoredFrame, Mapping[str, Any]]]:
        """The evidence that can be kept; what is not what it should be is counted and said."""
        for frame, one in judged:
            for event in one.evidence:
                try:
                    yield frame, evidence.carried(event)
                except RefusedError as error:
                    self._evidence_refused += 1
                    log.warning("evidence_refused", agent=frame.agent, reason=str(error))
