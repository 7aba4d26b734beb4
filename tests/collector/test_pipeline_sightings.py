# SPDX-License-Identifier: Apache-2.0
"""Hosts of networks, and who talked with whom, on their way through the pipeline."""

import pytest

from giamsat_collector.sightings import keeping as sightings
from giamsat_collector.traffic import search
from giamsat_collector.traffic.search import Wanted
from giamsat_wire.codec import encode_happenings
from giamsat_wire.lane import Lane
from support.clock import ManualClock
from support.flowing import WEB
from support.flowing import event as flows_told
from support.judging import ASSET, Works
from support.sighting import DAY_NS, DESK, PRINTER
from support.sighting import event as host_seen


@pytest.fixture
async def works(tmp_path):
    works = await Works(tmp_path / "giamsat.db", ManualClock()).begin()
    yield works
    await works.store.close()


async def test_hosts_of_a_network_are_kept_and_a_new_one_is_told_also_after_a_restart(works):
    async def see(mac):
        at_ns = works.clock.wall_ns()
        return await works.arrive(encode_happenings([host_seen(mac, wall_ns=at_ns)]))

    async with works.running():
        await works.judged(await see(DESK))
    works.clock.advance(8 * DAY_NS)
    await works.again()
    async with works.running():
        await works.judged(await see(DESK))
        known = await works.alerts("host_new_on_segment")
        await works.judged(await see(PRINTER))

    (alert,) = await works.alerts("host_new_on_segment")
    seen = await works.store.read(sightings.every)
    assert known == []
    assert (alert.rule, alert.groups[0].group) == ("host_new_on_segment", {"source.mac": PRINTER})
    assert {(one.mac, one.last_ns - one.first_ns) for one in seen} == {(DESK, 8 * DAY_NS), (PRINTER, 0)}


async def test_a_sighting_that_is_none_is_counted_and_nothing_else_stops(works):
    async with works.running():
        wrong, right = (host_seen(mac, wall_ns=works.clock.wall_ns()) for mac in ("nobody", DESK))
        await works.judged(await works.arrive(encode_happenings([wrong, right])))
        for number in (float("nan"), float("inf")):
            endless = host_seen(PRINTER, wall_ns=works.clock.wall_ns(), ago_seconds=number, seconds=number)
            await works.judged(await works.arrive(encode_happenings([endless])))

    figures = works.pipeline.figures
    assert (figures.sightings, figures.traffic_refused, figures.poison) == (3, 1, 0)


async def test_flows_are_kept_as_they_were_told_and_raise_nothing(works):
    now = works.clock.wall_ns()
    async with works.running():
        await works.judged(await works.arrive(encode_happenings([flows_told(WEB.line(), wall_ns=now)]), Lane.BULK))
        await works.judged(await works.arrive(encode_happenings([flows_told("none", wall_ns=now)]), Lane.BULK))

    found = await works.store.read(lambda rows: search.search(rows, Wanted(0, 1 << 62), 9))
    assert [(asset, row) for asset, _, _, row in found.flows] == [(ASSET, WEB)]
    assert (works.pipeline.figures.flow_minutes, works.pipeline.figures.traffic_refused) == (1, 1)
    assert works.judge.flows_seen == {ASSET: now}
