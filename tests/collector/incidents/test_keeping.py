# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.incidents.incident import State
from giamsat_collector.incidents.lifecycle import Action, Request
from support.console import Console

SAID = {"title": "Cổng bị xâm nhập", "group": "intrusion"}


@pytest.fixture
def console():
    console = Console()
    yield console
    console.close()


async def test_every_change_is_told_to_open_pages_and_what_is_refused_is_not(console):
    incidents, (alert,) = console.services.incidents, console.raise_alerts(1)
    with pytest.raises(RefusedError):
        await incidents.open([alert.id], {"title": "x"}, "an")
    assert console.news.edition == 0
    kept = await incidents.open([alert.id], SAID, "an")
    await incidents.move(kept.number, Request(Action.NOTE, "binh", "đã gọi đơn vị"))

    assert console.news.edition == 2
    assert [row.actor for row in (await incidents.whole(kept.number)).history] == ["an", "binh"]
    assert [row.incident.number for row in (await incidents.listed([State.OPEN])).rows] == [kept.number]


async def test_why_it_was_detected_at_another_moment_stands_in_its_history(console):
    incidents, (alert,) = console.services.incidents, console.raise_alerts(1)
    kept = await incidents.open([alert.id], {**SAID, "detected": "2023-01-01T07:00"}, "an", " gọi điện ")

    assert (kept.detected_ns, kept.detected_why) == (1_672_531_200 * 10**9, "gọi điện")
    assert (await incidents.whole(kept.number)).history[0].note == "gọi điện"
