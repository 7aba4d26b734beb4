# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.availability import keeping
from giamsat_collector.availability.minutes import MINUTE_NS, Seen
from giamsat_collector.control.caller import Caller
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind
from support.office import Office

ONE = frozenset({"portal"})
AN, BINH = Caller("an", person=True), Caller("bình", person=True)


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
        caller=AN,
    )
    found = await office.do("availability.show", system=system.id)
    everything = await office.do("availability.declared")
    await office.do("availability.withdraw", number=1, caller=BINH)
    assert office.changes == 1

    (one,) = found["systems"]
    assert (one["system"], one["name"], one["level"], one["up_minutes"]) == (system.id, system.name, system.level, 5)
    assert found["unchecked"] == 511
    assert declared == everything
    assert declared[0]["in_advance"] is False
    assert (await office.do("availability.declared"))[0]["withdrawn_by"] == "bình"
    assert await office.do("availability.declared", wanted="2000-02") == []


async def test_a_system_that_is_none_is_refused_with_a_remedy(office):
    arguments = {"begin": "2000-01-01", "end": "2000-01-02", "reason": "x", "caller": AN}

    for command, more in (("availability.show", {}), ("availability.declare", arguments)):
        with pytest.raises(RefusedError, match="registry systems"):
            await office.do(command, system="HT-9999", **more)


async def test_a_second_person_agrees_to_a_maintenance_and_the_first_or_nobody_cannot(office):
    system = next(iter(office.registry.systems))
    times = {"begin": "2000-01-01T00:00", "end": "2000-01-02T00:00"}
    office.clock.advance(-office.clock.wall_ns() + 946_684_800 * 10**9)
    await office.do("availability.declare", system=system, reason="nâng cấp", caller=AN, **times)

    for who, said in ((AN, "a second person has to agree"), (Caller("uid 0", person=False), "which person asks")):
        with pytest.raises(RefusedError, match=said):
            await office.do("availability.agree", number=1, caller=who)
    await office.do("availability.agree", number=1, caller=BINH)

    (declared,) = await office.do("availability.declared")
    assert (declared["author"], declared["second"]) == ("an", "bình")
    with pytest.raises(RefusedError, match="bình has agreed"):
        await office.do("availability.agree", number=1, caller=BINH)
    with pytest.raises(RefusedError, match="no maintenance 9 is in force"):
        await office.do("availability.agree", number=9, caller=BINH)
