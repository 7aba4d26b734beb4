# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.alerts import ledger, search
from giamsat_collector.config import Config
from giamsat_collector.parts import Parts
from giamsat_collector.selfwatch import condition, look
from support.clock import ManualClock

SECOND = 1_000_000_000


@pytest.fixture
async def parts(tmp_path):
    parts = await Parts.open(Config(data=str(tmp_path)), ManualClock())
    yield parts
    if parts.authority.process is not None:
        await parts.authority.process.stop()
    await parts.store.close()


async def test_a_collector_that_is_well_says_so_and_raises_nothing(parts):
    now = condition(parts)

    await look(parts, now)

    assert (now.waited_ns, now.archive_failures, now.quarantined, now.rules_disabled) == (0, 0, 0, 0)
    assert now.room > now.free > 0
    assert await parts.store.read(search.every_open) == ()


async def test_what_is_wrong_with_it_is_one_alert_of_its_own_which_clears(parts):
    ill = replace(condition(parts), waited_ns=61 * SECOND, free=90, room=100)
    for _ in range(15):
        parts.clock.advance(5 * SECOND)
        await look(parts, ill)

    (alert,) = await parts.store.read(search.every_open)
    assert (alert.rule, alert.asset, alert.level) == ("collector_judges_late", "collector", 3)
    assert parts.news.edition == 1

    parts.clock.advance(5 * SECOND)
    await look(parts, replace(ill, waited_ns=0))
    assert (await parts.store.read(lambda connection: ledger.get(connection, alert.id))).condition_cleared
    assert await parts.store.read(search.every_open) == ()


async def test_a_disk_of_its_data_that_is_nearly_full_is_told_as_of_any_host(parts):
    full = replace(condition(parts), free=5, room=100)
    for _ in range(90):
        parts.clock.advance(5 * SECOND)
        await look(parts, full)

    (alert,) = await parts.store.read(search.every_open)
    assert (alert.rule, alert.asset) == ("disk_nearly_full", "collector")
    assert alert.groups[0].group["mountpoint"] == str(parts.folder)
