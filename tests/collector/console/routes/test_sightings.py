# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.sightings import keeping
from support.console import Console
from support.sighting import DESK, PRINTER, sighting


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place("A1", unit="40.1")
    now = console.clock.wall_ns()
    told = [
        sighting(addresses=("10.0.0.5",), name="<b>ketoan</b>", services=("tcp/445",), last_ns=now),
        sighting(mac=PRINTER, addresses=("10.0.0.9",), last_ns=now),
    ]
    console.store.now(lambda rows: keeping.record(rows, told))
    yield console
    console.close()


async def test_hosts_of_the_network_are_shown_with_what_they_showed_of_themselves(console):
    page = await (await console.logged_in()).get("/sightings")

    assert page.status == 200
    assert "2 máy chưa có agent" in page.text
    assert "&lt;b&gt;ketoan&lt;/b&gt;" in page.text
    assert all(said in page.text for said in (DESK, PRINTER, "10.0.0.5", "tcp/445", "Brother", "Đơn vị 40.1"))


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("text=brother", PRINTER, DESK),
        ("text=KETOAN", DESK, PRINTER),
        ("state=agent", "Xem mọi máy", DESK),
        ("unit=40.9&skip=zz", "Xem mọi máy", PRINTER),
    ],
)
async def test_hosts_are_filtered(console, query, shown, hidden):
    page = await (await console.logged_in()).get(f"/sightings?{query}")

    assert shown in page.text
    assert hidden not in page.text


async def test_coverage_leads_to_the_hosts_that_nobody_watches(console):
    client = await console.logged_in()
    before = await client.get("/coverage")
    await console.services.sighted.look()
    after = await client.get("/coverage")

    assert "/sightings" not in before.text.split("<main")[1]
    assert '<a href="/sightings?state=unknown">2 máy chưa có agent</a>' in after.text


async def test_nobody_sees_it_without_logging_in(console):
    assert (await console.client().get("/sightings")).status in {303, 401}
