# SPDX-License-Identifier: Apache-2.0
"""Rules about the collector itself fire from a real one that is left alone, whose disk fails it and who falls behind.

Days pass by a clock of the test's own; all else is what a collector consists of, on real files.
"""

import asyncio
import random
import shutil
import threading
import time

import pytest

from giamsat_collector.alerts import search
from giamsat_collector.config import Config
from giamsat_collector.indicators.import_plan import Wanted
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.frames import Arrival
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.ingest.session import Incoming
from giamsat_collector.own_host import SELF
from giamsat_collector.parts import Parts
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, Unit, UnitKind
from giamsat_collector.self_monitoring import EVERY_S, SelfMonitoring, condition
from giamsat_rules.engine import Engine
from giamsat_rules.guard import Timing
from giamsat_rules.load import load_rules
from giamsat_rules.verdict import Occurrence, Subject
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.codec import encode_happenings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Sample
from support import lasting
from support.candidate import NEW_RULE
from support.clock import ManualClock
from support.judging import ASSET, failed_login, until
from support.listing import file
from support.patience import Patience
from support.verdicts import PLACEMENT, recorded, verdict

HOUR_S = 3_600
SLOW, LONG, OFTEN = "(a|b)*a(a|b){900}z", 15_000, 200
"""An expression whose states are too many to be remembered, on a text that goes through them all."""
LOOKS, MINUTE_OF_LOOKS = 36, 13


@pytest.fixture
async def parts(tmp_path):
    async with Parts.opened(Config(data=str(tmp_path)), ManualClock()) as parts:
        yield parts


@pytest.fixture
def told(parts):
    """A function that gives what a collector tells of itself that goes on for some minutes."""
    watch = SelfMonitoring(parts)

    async def told(meanwhile=asyncio.sleep, looks=LOOKS):
        for _ in range(looks):
            parts.clock.advance(int(EVERY_S) * SECOND_NS)
            await meanwhile(0)
            await watch.look(condition(parts))
        return {alert.rule for alert in await parts.store.read(search.every_open) if alert.asset == SELF}

    return told


async def arrive(parts, seq):
    """An event of a host becomes durable."""
    (encoded,) = encode_happenings([failed_login(parts.clock.wall_ns())])
    frame = Incoming(Lane.EVENT, 5, seq, int(encoded.flags), encoded.payload, 0)
    arrival = Arrival(ASSET, frame, parts.clock.wall_ns(), 0)
    parts.endpoints.intake.tail.add(await parts.store.write(lambda connection: frames.append(connection, [arrival])))


async def test_a_collector_that_nobody_looks_after(parts, told):
    await parts.lists.bring(file("203.0.113.9\n"), Wanted("ncsc", renewed_days=1), "an")
    now = parts.clock.wall_ns()
    alert = await parts.store.write(lambda rows: recorded(rows, verdict(at=now), PLACEMENT, now))
    await parts.incidents.open([alert.id], {"title": "x", "group": "dos", "serious": True}, "an")

    assert await told() == set()
    parts.clock.advance(21 * HOUR_S * SECOND_NS)
    assert await told() == {"incident_report_due"}
    parts.clock.advance(40 * HOUR_S * SECOND_NS)
    assert await told() >= {"incident_report_overdue", "collector_not_backed_up", "known_bad_list_old"}


async def test_a_collector_whose_archive_cannot_be_written(parts, told):
    shutil.rmtree(parts.folder / "archive", ignore_errors=True)
    (parts.folder / "archive").write_text("")
    await arrive(parts, 1)

    assert await told(lambda _: parts.keeper.keep()) == {"collector_archive_fails"}
    (parts.folder / "archive").unlink()
    assert await told(lambda _: parts.keeper.keep()) == set()


async def test_a_collector_whose_database_makes_it_wait(parts, told):
    free = threading.Event()
    await arrive(parts, 1)
    parts.clock.advance(300 * SECOND_NS)
    held = asyncio.ensure_future(parts.store.write(lambda _: free.wait(600)))
    judging = asyncio.ensure_future(parts.pipeline.run())
    try:
        await until(lambda: parts.pipeline.figures.waited_ns)
        last_ns = parts.clock.wall_ns() + MINUTE_OF_LOOKS * int(EVERY_S) * SECOND_NS
        telling = asyncio.ensure_future(told(looks=MINUTE_OF_LOOKS))
        # At the last look it tells, and what it tells waits for the database, too.
        await until(lambda: parts.clock.wall_ns() == last_ns)
        await asyncio.sleep(0.01)
        free.set()
        assert await telling == {"collector_judges_late"}
    finally:
        free.set()
        judging.cancel()
        await asyncio.gather(judging, held, return_exceptions=True)


async def test_a_collector_that_hears_from_no_unit_any_more(parts):
    def work(connection):
        units = [Unit(f"40.{number}", f"Đơn vị {number}", UnitKind.COMMUNE) for number in range(3)]
        rows.put_units(connection, units)
        rows.put_assets(connection, [Asset(f"host-{one.id}", "máy", AssetKind.HOST, one.id, ()) for one in units], 0)

    await parts.store.write(work)
    await parts.store.read(parts.registry.load)
    for number in range(3):
        parts.fleet.greeted(Greeting(f"host-40.{number}", "máy", "1", 15.0, 0, "b"))
    parts.clock.advance(60 * SECOND_NS)
    judging = asyncio.ensure_future(parts.pipeline.run())

    async def told():
        return {(alert.rule, alert.asset) for alert in await parts.store.read(search.every_open)}

    try:
        patience = Patience(20)
        while await told() != {("centre_cut_off", SELF)}:
            assert patience.lasts()
            await asyncio.sleep(0.01)
    finally:
        judging.cancel()
        await asyncio.gather(judging, return_exceptions=True)


def test_a_collector_with_a_rule_of_its_own_that_takes_too_long(shipped_rules, tmp_path):
    (tmp_path / "heard_of.yml").write_text(NEW_RULE.replace("source.ip: 192.0.2.9", f"message|re: '{SLOW}'"))
    _, pack = shipped_rules
    engine = Engine(load_rules(tmp_path), pack, timing=Timing(time.thread_time_ns))
    long = {"event.action": "user-login", "message": "".join(random.Random(1).choices("ab", k=LONG))}
    readings = []
    for number in range(OFTEN):
        readings.append([Sample("giamsat_rules_disabled", len(engine.counters.disabled))])
        if engine.counters.disabled:
            break
        engine.judge(Occurrence(Subject("host", 5), number * SECOND_NS, long))

    assert lasting.told(shipped_rules, "collector_rule_disabled", readings[0], readings[-1])
    assert not lasting.told(shipped_rules, "collector_rule_disabled", readings[0], readings[0])
