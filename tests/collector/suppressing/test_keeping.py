# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.suppressing.keeping import Keeping
from giamsat_collector.suppressing.record import Record
from giamsat_rules.suppression import Suppressions
from support.clock import ManualClock
from support.memory_store import MemoryStore


async def test_the_engine_follows_every_change_that_is_durable_and_no_other():
    store, clock, suppressions = MemoryStore(), ManualClock(), Suppressions()
    keeping, now = Keeping(store, clock, lambda: suppressions), clock.wall_ns()
    record = Record(0, (), {"giamsat.asset": "A1"}, "bảo trì", "12/QĐ", "an", now, now, now + 10**12)

    await keeping.propose(record)
    proposed = suppressions.every
    with pytest.raises(RefusedError):
        await keeping.agree(1, "an")
    refused = suppressions.every
    await keeping.agree(1, "binh")
    agreed = suppressions.every
    await keeping.end(1, "an")

    assert [each.agreed_ns for each in (*proposed, *refused, *agreed)] == [None, None, now]
    assert [each.until_ns for each in suppressions.every] == [now]
    assert [each.ended_by for each in await keeping.every()] == ["an"]
    await store.close()
