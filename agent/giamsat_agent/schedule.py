# SPDX-License-Identifier: Apache-2.0
"""When each sensor is read: one loop, an interval and a time limit for each, and a phase of its own for each host.

Sensors are read one after the other on a thread of their own. A reading that exceeds its limit is left behind with
that thread and a new thread goes on with the others; the sensor is not read again before the old reading returns, so
a hung sensor costs one thread and nothing else. What the old reading yielded is still delivered when it returns.
"""

import asyncio
import queue
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from giamsat_agent.sensor import ITEMS_PER_READING, NothingToRead, Sensor, SensorSpec, is_log
from giamsat_wire.clock import SECOND_NS, Clock
from giamsat_wire.record import Event, Position, Sample

ABSENT_RETRY_S: Final = 300.0
"""How often a sensor that has nothing to read on this host is asked again."""
LONGEST_REST_S: Final = 10.0
"""Where nothing is due for longer, it is looked all the same: who watches over this process hears that it lives."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One reading of one sensor: what it yielded, how long it took, and how it ended.

    `failure` is None when the reading is whole; `absent` when this host does not have what the sensor watches.
    `position` is how far a log had been read by then: to be noted once the items are durable, and not before.
    """

    sensor: str
    items: tuple[Sample | Event, ...]
    duration_s: float
    failure: str | None = None
    absent: bool = False
    position: Position | None = None


@dataclass(slots=True)
class Planned:
    """A sensor and when it is due next, by the monotonic clock; a `patient` one is read more rarely on request."""

    spec: SensorSpec
    sensor: Sensor
    patient: bool = False
    due_ns: int = 0
    running: "asyncio.Future[Outcome] | None" = None


DeliverOutcomes: TypeAlias = Callable[[Sequence[Outcome]], None]


class Schedule:
    """Reads sensors when they are due and hands on what one wake-up yielded.

    `stretch` says, at each wake-up, how many times as long the intervals of patient sensors are; `alive` hears of each.
    """

    def __init__(
        self,
        planned: Sequence[Planned],
        *,
        clock: Clock,
        rng: random.Random,
        deliver: DeliverOutcomes,
        stretch: Callable[[], int] = lambda: 1,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._stretch = stretch
        self._alive = alive
        self._factor = 1
        self._planned = tuple(planned)
        self._clock = clock
        self._phase = rng.random()  # where in its interval this host reads, so that hosts do not beat in step
        self._deliver = deliver
        self._reader = _Reader(clock)

    async def run(self) -> None:
        """Read for ever."""
        while True:
            rest_s = (self.next_due_ns() - self._clock.mono_ns()) / SECOND_NS
            await asyncio.sleep(min(max(0.0, rest_s), LONGEST_REST_S))
            await self.turn()
            self._alive()

    def next_due_ns(self) -> int:
        """When the next sensor is due, by the monotonic clock."""
        return min((planned.due_ns for planned in self._planned), default=self._clock.mono_ns() + SECOND_NS)

    async def turn(self) -> None:
        """Read every sensor that is due now and deliver the outcomes together."""
        now = self._clock.mono_ns()
        self._factor = self._stretch()
        outcomes = [
            outcome for planned in self._planned if planned.due_ns <= now for outcome in await self._read(planned)
        ]
        if outcomes:
            self._deliver(outcomes)

    async def _read(self, planned: Planned) -> list[Outcome]:
        every_s = planned.spec.every_s * (self._factor if planned.patient else 1)
        outcomes: list[Outcome] = []
        if planned.running is not None:
            if not planned.running.done():
                planned.due_ns = self._after(every_s)
                failure = f"the reading before has not returned after {planned.spec.limit_s:g} s"
                return [Outcome(planned.spec.name, (), planned.spec.limit_s, failure)]
            outcomes.append(planned.running.result())
        reading = self._reader.submit(planned)
        planned.running = None
        done, _ = await asyncio.wait({reading}, timeout=planned.spec.limit_s)
        if done:
            outcomes.append(reading.result())
        else:
            self._reader.leave()
            planned.running, self._reader = reading, _Reader(self._clock)
            failure = f"no answer within {planned.spec.limit_s:g} s"
            outcomes.append(Outcome(planned.spec.name, (), planned.spec.limit_s, failure))
        planned.due_ns = self._after(ABSENT_RETRY_S if outcomes[-1].absent else every_s)
        return outcomes

    def _after(self, every_s: float) -> int:
        """The next beat of the interval: sensors of one interval are read together."""
        period = int(every_s * SECOND_NS)
        offset = int(period * self._phase)
        return ((self._clock.mono_ns() - offset) // period + 1) * period + offset


class _Reader:
    """A thread that reads what it is given, one after the other, until it is left behind."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: queue.SimpleQueue[tuple[Planned, asyncio.Future[Outcome]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="sensors", daemon=True)
        self._thread.start()

    def submit(self, planned: Planned) -> "asyncio.Future[Outcome]":
        """Begin a reading."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.put((planned, future))
        return future

    def leave(self) -> None:
        """End the thread once the reading it hangs in returns."""
        self._queue.put(None)

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            planned, future = item
            outcome = read_once(planned.spec, planned.sensor, self._clock)
            loop = future.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, future, outcome)


def _settle(future: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
    if not future.done():
        future.set_result(outcome)


def read_once(spec: SensorSpec, sensor: Sensor, clock: Clock) -> Outcome:
    """One reading, whatever it does: never raises."""
    items: list[Sample | Event] = []
    began = clock.mono_ns()
    failure, absent = None, False
    try:
        for item in sensor.read():
            if len(items) == ITEMS_PER_READING:
                failure = f"more than {ITEMS_PER_READING} items in one reading"
                break
            items.append(item)
    except NothingToRead as missing:
        failure, absent = str(missing), True
    except Exception as error:  # noqa: BLE001 - whatever a sensor does, the others go on
        failure = f"{type(error).__name__}: {error}"
    position = sensor.position() if is_log(sensor) else None
    return Outcome(spec.name, tuple(items), (clock.mono_ns() - began) / SECOND_NS, failure, absent, position)
