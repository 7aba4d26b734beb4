# SPDX-License-Identifier: Apache-2.0
import asyncio

from giamsat_collector.coverage.recent import KEPT_NS, Recent
from giamsat_collector.coverage.statement import Statement
from support.clock import ManualClock


async def test_who_asks_together_or_soon_after_gets_one_statement_and_later_another():
    clock, made = ManualClock(), []

    async def state():
        await asyncio.sleep(0)
        made.append(Statement(clock.wall_ns(), "p", ()))
        return made[-1]

    recent = Recent(state, clock)
    together = await asyncio.gather(recent.now(), recent.now())
    clock.advance(KEPT_NS - 1)
    soon = await recent.now()
    clock.advance(1)
    later = await recent.now()

    assert [*together, soon] == [made[0]] * 3
    assert later is made[1]
