# SPDX-License-Identifier: Apache-2.0
import threading

import pytest

from giamsat_collector.console.host import Condition
from giamsat_collector.console.hosts import WatchedHosts
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.registry.snapshot import Registry
from support.console import SECOND, Console


@pytest.fixture
def console():
    console = Console()
    yield console
    console.close()


def greeting(agent):
    values = dict.fromkeys(Greeting.__dataclass_fields__, 0)
    return Greeting(
        **{**values, "agent": agent, "hostname": f"{agent}.local", "version": "1.2", "frame_period_s": 15.0}
    )


async def test_a_registered_host_that_was_never_heard_is_there(console):
    console.place("A1", "web", level=4)

    (status,) = await WatchedHosts(console.registry, Fleet(console.clock), console.clock).statuses()

    assert (status.name, status.level, status.condition) == ("web", 4, Condition.NEVER)


async def test_a_host_is_silent_when_its_frames_are_overdue(console):
    fleet = Fleet(console.clock)
    console.place("A1", "web")
    fleet.greeted(greeting("A1"))
    hosts = WatchedHosts(console.registry, fleet, console.clock)

    assert (await hosts.statuses())[0].condition == Condition.REPORTING
    console.clock.advance(60 * SECOND)
    assert (await hosts.statuses())[0].condition == Condition.SILENT
    assert (await hosts.statuses())[0].version == "1.2"


async def test_an_agent_nobody_registered_is_shown_as_unclassified(console):
    fleet = Fleet(console.clock)
    fleet.greeted(greeting("A9"))

    (status,) = await WatchedHosts(console.registry, fleet, console.clock).statuses()

    assert (status.name, status.level) == ("A9.local", None)


async def test_thousands_are_counted_beside_the_event_loop(console, monkeypatch):
    asked = []
    monkeypatch.setattr(Registry, "__iter__", lambda _: asked.append(threading.get_ident()) or iter(()))

    await WatchedHosts(console.registry, Fleet(console.clock), console.clock).statuses()

    assert asked != [threading.get_ident()]
    assert len(asked) == 1
