# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.indicators.import_plan import Wanted
from support.console import Console
from support.listing import file


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    yield console
    console.close()


async def test_lists_are_shown_and_a_value_is_looked_up(console):
    await console.services.lists.bring(file("evil.example\n"), Wanted("ncsc", source="<b>Trung tâm</b>"), "an")
    client = await console.logged_in()

    page, met = await client.get("/indicators"), await client.get("/indicators?value=x.evil.example")
    free, wrong = await client.get("/indicators?value=good.example"), await client.get("/indicators?value=10.0.0.1")
    english = await client.get("/indicators?lang=en")

    assert "&lt;b&gt;Trung tâm&lt;/b&gt;" in page.text
    assert "7 ngày" in page.text
    assert "▲ <strong><bdi>evil.example</bdi></strong>" in met.text
    assert "không có trong danh sách nào" in free.text
    assert "hosts of your own" in wrong.text
    assert "Lists of known evil" in english.text


async def test_without_any_the_next_step_is_said(console):
    page = await (await console.logged_in()).get("/indicators")

    assert "giamsat-collector indicators import" in page.text
