# SPDX-License-Identifier: Apache-2.0
"""The collector watches itself: its condition is judged by rules as a host's is, and alerts say what is wrong."""

import asyncio
import contextlib
import shutil
from typing import Final

import structlog
from sqlalchemy import Connection

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.errors import StoreError
from giamsat_collector.itself import SELF, Condition, samples
from giamsat_collector.parts import Parts
from giamsat_rules.verdict import Verdict
from giamsat_wire.record import SampleSet

log = structlog.get_logger()

EVERY_S: Final = 5.0


async def watch(parts: Parts) -> None:
    """Judge for ever how the collector is; what cannot be written now is judged again and written later."""
    while True:
        await asyncio.sleep(EVERY_S)
        await look(parts, condition(parts))


def condition(parts: Parts) -> Condition:
    """How the collector is now."""
    figures = parts.pipeline.figures
    room = free = 0
    with contextlib.suppress(OSError):
        room, _, free = shutil.disk_usage(parts.folder)
    return Condition(
        waited_ns=figures.waited_ns,
        archive_failures=parts.keeper.failures_total,
        quarantined=parts.intake.quarantined_total + figures.poison,
        rules_disabled=len(parts.force.disabled),
        folder=str(parts.folder),
        free=free,
        room=room,
    )


async def look(parts: Parts, now: Condition) -> None:
    """Judge a condition, and record what the rules say of it."""
    clock, at_ns = parts.clock, parts.clock.wall_ns()
    reading = SampleSet(at_ns, clock.mono_ns(), tuple(samples(now)))
    verdicts = parts.judge.engine.judge_samples(parts.registry.subject(SELF, at_ns), reading)
    if not verdicts:
        return
    try:
        alerts = await parts.store.write(lambda connection: _recorded(parts, connection, verdicts, at_ns))
    except StoreError as error:
        log.error("own_alert_not_written", reason=str(error))  # noqa: TRY400 - the reason says it all
        return
    if any(alerts):
        parts.news.publish()


def _recorded(parts: Parts, connection: Connection, verdicts: tuple[Verdict, ...], now_ns: int) -> list[Alert | None]:
    place = parts.registry.placement(SELF, now_ns)
    return [ledger.record(connection, verdict, place, now_ns) for verdict in verdicts]
