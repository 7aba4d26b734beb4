# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.availability import keeping
from giamsat_collector.availability.minutes import MINUTE_NS, Seen
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind
from support.office import Office

ONE = frozenset({"portal"})


@pytest.fixture
async def office(tmp_path):
    office = Office(tmp_path)
    await office.do("registry.example", dry_run=False)
    yield office
    office.console.close()


async def test_a_month_of_one_system_with_the_maintenance_that_was_declared(office):
    system = next(iter(office.registry.systems.values()))
    now = office.clock.wall_ns() // MINUTE_NS

    def work(connection):
        rows.put_assets(connection, [Asset("h1", "máy", AssetKind.HOST, system.unit, (system.id,))], 0)
        keeping.record(connection, [Seen("h1", now - 5, now - 1, ONE, ONE, frozenset())])

    office.store.now(work)
    declared = await office.do(
        "availability.declare",
        system=system.id,
        begin="2000-01-01T00:00",
        end="2000-01-02T00:00",
        reason="x",
        author="an",
    )
    found = await office.do("availability.show", system=system.id)
    everything = await office.do("availability.declared")
    await office.do("availability.withdraw", number=1, author="bình")

    (one,) = found["systems"]
    assert (one["system"], one["name"], one["level"], one["up_minutes"]) == (system.id, system.name, system.level, 5)
    assert found["unchecked"] == 511
    assert declared == everything
    assert declared[0]["in_advance"] is False
    assert (await office.do("availability.declared"))[0]["withdrawn_by"] == "bình"
    assert await office.do("availability.declared", wanted="2000-02") == []


async def test_a_system_that_is_none_is_refused_with_a_remedy(office):
    arguments = {"begin": "2000-01-01", "end": "2000-01-02", "reason": "x", "author": "an"}

    for command, more in (("availability.show", {}), ("availability.declare", arguments)):
        with pytest.raises(RefusedError, match="registry systems"):
            await office.do(command, system="HT-9999", **more)
