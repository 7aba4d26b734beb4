# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.sightings import keeping
from giamsat_collector.sightings.hosts import Known, State
from giamsat_collector.sightings.watching import AGAIN_NS, PRESENT_NS
from giamsat_wire.record import Sample
from support.console import Console
from support.enrolled import enrolled
from support.sighting import DESK, PRINTER, sighted, sighting


@pytest.fixture
def console():
    console = Console()
    console.place("A1", unit="40.1")
    console.allow_list.keep(enrolled("A1"))
    yield console
    console.close()


def tell(console, *macs):
    now = console.clock.wall_ns()
    samples = tuple(Sample("node_network_info", 1.0, (("address", mac), ("device", "eth0"))) for mac in macs)
    console.pages.update("A1", lambda: samples, {}, received_ns=now, period_s=15.0)


def see(console, *told):
    console.store.now(lambda rows: keeping.record(rows, told))


async def test_hosts_without_an_agent_are_counted_until_an_agent_tells_of_their_address(console):
    now, its = console.clock.wall_ns(), sighted(console)
    see(console, sighting(last_ns=now), sighting(mac=PRINTER, last_ns=now))
    await its.look()
    before = dict(its.counts)
    tell(console, DESK)
    await its.look()

    assert (before, its.counts) == ({"40.1": 2}, {"40.1": 1})
    assert [host.state for host in await its.hosts()] == [State.UNKNOWN, State.AGENT]


async def test_a_host_unseen_for_a_week_is_shown_and_not_counted(console):
    now, its = console.clock.wall_ns(), sighted(console)
    see(console, sighting(last_ns=now - PRESENT_NS - 1))
    await its.look()

    assert (its.counts, len(await its.hosts())) == ({}, 1)


async def test_a_clock_that_is_set_back_keeps_no_changed_card_from_being_learnt(console):
    its = sighted(console)
    tell(console, PRINTER)
    await its.look()
    console.clock.jump(-10 * AGAIN_NS)
    console.clock.advance(AGAIN_NS)
    tell(console, DESK)
    await its.look()

    assert console.store.now(keeping.watched) == {DESK: ("A1", "")}


async def test_after_a_restart_agents_are_known_before_they_were_heard_and_a_changed_card_is_learnt(console):
    see(console, sighting(last_ns=console.clock.wall_ns()))
    tell(console, DESK)
    await sighted(console).look()
    console.pages.forget("A1")
    again = sighted(console)
    await again.look()
    known = again.counts
    tell(console, PRINTER)
    await again.look()
    console.clock.advance(AGAIN_NS)
    tell(console, DESK)
    await again.look()

    assert known == {}
    assert console.store.now(keeping.watched) == {DESK: ("A1", "")}


async def test_hosts_are_held_against_those_that_are_known_where_rows_are_read(console, monkeypatch):
    reading, asked, read = [], [], console.store.read

    async def counted(work):
        reading.append(work)
        try:
            return await read(work)
        finally:
            reading.clear()

    monkeypatch.setattr(console.store, "read", counted)
    monkeypatch.setattr(Known, "hosts", lambda *_: asked.append(bool(reading)) or ())
    await sighted(console).look()

    assert asked == [True]
