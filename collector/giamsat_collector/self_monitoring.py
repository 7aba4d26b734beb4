# SPDX-License-Identifier: Apache-2.0
"""The collector watches itself: its condition is judged by rules as a host's is, and alerts say what is wrong."""

import asyncio
import contextlib
import shutil
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Connection

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.errors import StoreError
from giamsat_collector.incidents.duties import Standing
from giamsat_collector.own_host import SELF, Condition, samples
from giamsat_collector.parts import Parts
from giamsat_collector.recording import record
from giamsat_rules.verdict import Verdict
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.record import SampleSet

log = structlog.get_logger()

EVERY_S: Final = 5.0
KEPT: Final = 100
"""Verdicts that wait for a disk; a rule tells when it begins and when it ends, so that these are days of them."""

REPORTS: Final = 200
"""Reports on incidents that are watched, the first due first; more are not owed at once, or nobody works on them."""
LATE: Final = Standing.LATE


def condition(parts: Parts) -> Condition:
    """How the collector is now."""
    figures, now_ns = parts.pipeline.figures, parts.clock.wall_ns()
    unsent = sorted(parts.incidents.unsent(now_ns), key=lambda each: each[1].due_ns)[:REPORTS]
    room = free = 0
    with contextlib.suppress(OSError):
        room, _, free = shutil.disk_usage(parts.folder)
    return Condition(
        waited_ns=figures.waited_ns,
        archive_failures=parts.keeper.failures_total,
        quarantined=parts.endpoints.intake.quarantined_total.total() + figures.poison,
        rules_disabled=len(parts.rules.force.disabled),
        folder=str(parts.folder),
        free=free,
        room=room,
        backup_age_s=parts.backups.age_s(now_ns),
        lists={one.name: one.overdue(now_ns) for one in parts.lists.listed},
        due={(number, one.duty.report.value): one.due_ns / SECOND_NS for number, one, how in unsent if how is not LATE},
        overdue={
            (number, one.duty.report.value): -one.left_ns(now_ns) / SECOND_NS
            for number, one, how in unsent
            if how is LATE
        },
    )


@dataclass(slots=True)
class SelfMonitoring:
    """Judges for ever how the collector is; what a disk refuses to take is kept and written when it takes it."""

    parts: Parts
    _unwritten: tuple[Verdict, ...] = ()

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.look(condition(self.parts))

    async def look(self, now: Condition) -> None:
        """Judge a condition, and record what the rules say of it, and said before."""
        parts, at_ns = self.parts, self.parts.clock.wall_ns()
        reading = SampleSet(at_ns, parts.clock.mono_ns(), tuple(samples(now)))
        told = parts.rules.judge.engine.judge_samples(parts.registry.subject(SELF, at_ns), reading)
        verdicts = (*self._unwritten, *told)[-KEPT:]
        if not verdicts:
            return

        def work(connection: Connection) -> list[Alert]:
            return record(connection, ((verdict, True) for verdict in verdicts), parts.registry, at_ns)

        try:
            alerts = await parts.store.write(work)
        except StoreError as error:
            self._unwritten = verdicts
            log.error("own_alert_not_written", reason=str(error))  # noqa: TRY400 - the reason says it all
            return
        self._unwritten = ()
        if alerts:
            parts.news.publish()
