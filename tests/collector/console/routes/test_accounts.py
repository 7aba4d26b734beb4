# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console import users
from giamsat_collector.console.role import Role
from support.console import SECOND, Console


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.has_user("an2", person="nguyen.an")
    console.has_user("binh", role=Role.ANALYST)
    yield console
    console.close()


async def test_an_administrator_reads_who_there_is_when_they_came_in_last_and_who_is_out(console):
    await console.logged_in("an2")
    console.clock.advance(60 * SECOND)
    client = await console.logged_in()
    console.store.now(lambda rows: users.disable(rows, "binh", console.clock.wall_ns()))

    page = (await client.get("/accounts")).text
    rows = {row.split("<bdi>")[1].split("<")[0]: row for row in page.split("<tr>")[2:]}

    assert list(rows) == ["admin", "an2", "binh"]
    assert "nguyen.an" in rows["an2"]
    assert "05:13:20" in rows["an2"]
    assert "05:14:20" in rows["admin"]
    assert [row.split('class="number">')[1][0] for row in rows.values()] == ["1", "1", "0"]
    assert "<strong>bị khóa</strong>" in rows["binh"]
    assert 'class="time">—<' in rows["binh"]
    assert 'href="/accounts"' in page


async def test_it_can_be_read_in_english_and_nothing_can_be_changed_there(console):
    page = (await (await console.logged_in()).get("/accounts?lang=en")).text

    assert "may log in" in page
    assert 'action="/accounts' not in page


async def test_it_is_for_administrators_alone(console):
    analyst = await console.logged_in("binh")

    assert (await analyst.get("/accounts")).status == 403
    assert 'href="/accounts"' not in (await analyst.get("/alerts")).text
    assert (await console.client().get("/accounts")).header("location") == "/login?next=%2Faccounts"
