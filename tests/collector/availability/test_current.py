# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

from giamsat_collector.availability.current import Current
from giamsat_collector.availability.minutes import MINUTE_NS
from support.clock import ManualClock
from support.memory_store import MemoryStore


async def test_a_month_is_added_up_once_a_minute():
    store, clock = MemoryStore(), ManualClock()
    current = Current(store, clock, UTC)

    first, second = await current.now(), await current.now()
    clock.advance(MINUTE_NS)
    third = await current.now()

    assert first is second
    assert third.span.end == first.span.end + 1
