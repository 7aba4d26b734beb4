# SPDX-License-Identifier: Apache-2.0
import pytest

from support.console import SECOND, Console

HOUR = 3600 * SECOND


@pytest.fixture
async def console():
    console = Console()
    console.has_user()
    console.place()
    yield console
    console.close()


async def test_the_next_shift_reads_what_is_open_whose_and_what_was_written(console):
    alert, _ = console.raise_alerts(2)
    client = await console.logged_in()
    await client.act(f"/alerts/{alert.id}/moves", {"action": "acknowledge"})
    await client.act(f"/alerts/{alert.id}/moves", {"action": "note", "note": "đã gọi <đơn vị>"})
    page = await client.get("/handover")

    assert page.status == 200
    assert "Cảnh báo mới: 2" in page.text
    assert page.text.count("đã gọi &lt;đơn vị&gt;") == 2  # beside its alert, and among the notes
    assert 'aria-current="page">Giao ca' in page.text
    assert "New alerts: 2" in (await client.get("/handover?lang=en")).text


async def test_a_shift_ends_where_it_is_said_to_have_begun(console):
    console.raise_alerts(1)
    console.clock.advance(10 * HOUR)
    client = await console.logged_in()
    told = [(await client.get(f"/handover{query}")).text for query in ("", "?hours=12", "?hours=9999999")]

    assert [text.split("Cảnh báo mới: ")[1][0] for text in told] == ["0", "1", "0"]


async def test_who_is_not_logged_in_reads_nothing(console):
    assert (await console.client().get("/handover")).status == 303


async def test_the_next_shift_reads_which_incidents_are_open_and_what_is_due(console):
    alerts = console.raise_alerts(1)
    said = {"title": "Cổng <b>", "group": "dos", "serious": True}
    await console.services.incidents.open([alerts[0].id], said, "an")
    console.clock.advance(21 * HOUR)
    page = await (await console.logged_in()).get("/handover")

    assert "1. <bdi>Cổng &lt;b&gt;</bdi>" in page.text
    assert "sắp đến hạn · còn 2 giờ" in page.text
