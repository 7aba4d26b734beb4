# SPDX-License-Identifier: Apache-2.0
"""Runs every configured check at its interval, each for itself: one that hangs, drips or floods delays no other.

A run ends at its time limit at the latest. After a first failure the check is run again soon: one lost packet tells
nobody anything, two failures in a row do.
"""

import asyncio
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent import ecs
from giamsat_agent.check import Check, CheckError, Failure, Run
from giamsat_agent.check_settings import AnyCheck
from giamsat_agent.checks import build
from giamsat_agent.input import Deliver, rest_s
from giamsat_agent.own_log import logger
from giamsat_wire import limits
from giamsat_wire.clock import Clock
from giamsat_wire.record import Event, FieldValue, Labels, Sample

log = logger()

CONFIRM_S: Final = 5.0
"""After a first failure a check is run again so soon."""
MISSED: Final = 2
"""Failures in a row that make a failed check."""
SPREAD_S: Final = 5.0
"""Checks begin within this time, not all at once."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one run ended. `failure` is None when all is well."""

    duration_s: float
    samples: tuple[Sample, ...]
    failure: Failure | None = None
    reason: str = ""


@dataclass(slots=True)
class Checked:
    """One check, and how it is doing."""

    its: AnyCheck
    check: Check
    result: Result | None = None
    at_ns: int = 0
    failures: int = 0
    told: bool = False
    _last: Run | None = field(default=None)

    async def once(self, clock: Clock) -> Result:
        """Run it, whatever happens: raises nothing but cancellation."""
        began_ns = clock.mono_ns()
        if self._last is not None and self._last.stuck is not None and not self._last.stuck.done():
            return Result(
                0.0, (), Failure.TIMED_OUT, "the run before hangs in the operating system and has not returned"
            )
        run = self._last = Run(clock)
        failure: Failure | None = None
        reason = ""
        try:
            async with asyncio.timeout(self.its.timeout_s):
                await self.check.run(run)
        except CheckError as error:
            failure, reason = error.failure, str(error)
        except TimeoutError:
            failure, reason = Failure.TIMED_OUT, f"it was not done within {self.its.timeout_s:g} s"
        except Exception as error:  # noqa: BLE001 - whatever a check does, the others go on
            failure, reason = Failure.UNUSABLE, f"{type(error).__name__}: {error}"
        return Result(run.seconds_since(began_ns), run.samples, failure, reason)

    def take(self, result: Result, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """What a result changes."""
        self.result, self.at_ns = result, mono_ns
        if result.failure is None:
            self.failures = 0
            if self.told:
                self.told = False
                yield self._event("check-recovered", result, wall_ns=wall_ns, mono_ns=mono_ns)
            return
        self.failures += 1
        if self.failures == MISSED and not self.told:
            self.told = True
            yield self._event("check-failed", result, wall_ns=wall_ns, mono_ns=mono_ns)

    def _event(self, name: str, result: Result, *, wall_ns: int, mono_ns: int) -> Event:
        fields: dict[str, FieldValue] = {
            "event.provider": "check",
            "event.outcome": "failure" if result.failure else "success",
            "event.duration": int(result.duration_s * 1e9),
            "service.name": self.its.name,
            "service.type": self.its.what,
            "service.address": self.its.target,
        }
        if result.failure:
            fields |= {"error.code": result.failure.value, "event.reason": result.reason}
        return ecs.event(name, wall_ns=wall_ns, mono_ns=mono_ns, fields=fields)


class Checking:
    """Implements giamsat_agent.input.Input."""

    def __init__(self, checks: Iterable[AnyCheck], *, clock: Clock, rng: random.Random, deliver: Deliver) -> None:
        self._clock = clock
        self._rng = rng
        self._deliver = deliver
        self._checked = [Checked(its, build(its)) for its in checks]

    async def run(self) -> None:
        """Check for ever."""
        async with asyncio.TaskGroup() as tasks:
            for checked in self._checked:
                tasks.create_task(self._keep_checking(checked))

    def samples(self) -> Iterator[Sample]:
        """What is checked, and the newest result of each."""
        for checked in self._checked:
            yield about(checked.its)
            fresh = self._clock.mono_ns() - checked.at_ns <= limits.STALE_PERIODS * checked.its.interval_s * 1e9
            if checked.result is not None and fresh:
                yield from figures(checked.its, checked.result)

    def problems(self) -> Mapping[str, str]:
        """Checks that fail, and why."""
        return {
            f"check {each.its.name}": each.result.reason
            for each in self._checked
            if each.result and each.result.failure
        }

    async def _keep_checking(self, checked: Checked) -> None:
        await asyncio.sleep(self._rng.random() * min(SPREAD_S, checked.its.interval_s))
        while True:
            began_ns = self._clock.mono_ns()
            before = checked.result
            result = await checked.once(self._clock)
            events = list(checked.take(result, wall_ns=self._clock.wall_ns(), mono_ns=self._clock.mono_ns()))
            _say(checked, before)
            if events:
                self._deliver(events)
            wait_s = min(CONFIRM_S, checked.its.interval_s) if checked.failures == 1 else checked.its.interval_s
            took_s = (self._clock.mono_ns() - began_ns) / 1e9
            await asyncio.sleep(rest_s(wait_s, took_s, self._rng))


def _say(checked: Checked, before: Result | None) -> None:
    """Say once when a check begins or ceases to fail."""
    was, result = before.reason if before else "", checked.result
    if result is None or was == result.reason:
        return
    if result.failure is None:
        log.info("check_recovered", check=checked.its.name)
    else:
        log.warning("check_failing", check=checked.its.name, failure=result.failure.value, reason=result.reason)


def about(its: AnyCheck) -> Sample:
    """What a check asks: there from the start, and gone when the check is no longer configured."""
    return Sample("giamsat_check_info", 1.0, (("check", its.name), ("target", its.target[:200]), ("what", its.what)))


def figures(its: AnyCheck, result: Result) -> Iterator[Sample]:
    """A result as samples that carry the check's name."""
    own: Labels = (("check", its.name), ("what", its.what))
    yield Sample("probe_success", float(result.failure is None), own)
    yield Sample("probe_duration_seconds", result.duration_s, own)
    for sample in result.samples:
        yield Sample(sample.name, sample.value, tuple(sorted((*sample.labels, *own))))
