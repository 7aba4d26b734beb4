# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.availability import keeping, maintenance
from giamsat_collector.availability.minutes import MINUTE_NS, Seen
from support.console import Console

ONE = frozenset({"portal"})


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    for asset in ("A1", "A2", "A3"):
        console.place(asset, level=3, unit="40.1")
    now = console.clock.wall_ns() // MINUTE_NS

    def work(connection):
        told = [
            Seen("A1", now - 50, now, ONE, ONE, frozenset()),
            Seen("A2", now - 50, now - 10, ONE, ONE, frozenset()),
            Seen("A2", now - 9, now, ONE, frozenset(), ONE),
        ]
        keeping.record(connection, told)
        times = ((now - 5) * MINUTE_NS, (now - 4) * MINUTE_NS)
        maintenance.declare(connection, "S-A2", *times, reason="<b>thay ổ đĩa</b>", author="an", at_ns=now * MINUTE_NS)

    console.store.now(work)
    yield console
    console.close()


async def test_a_month_shows_the_worst_first_with_its_outages_and_maintenance(console):
    page = await (await console.logged_in()).get("/availability")

    assert page.status == 200
    assert page.text.index("S-A2") < page.text.index("S-A1")
    assert "S-A3" not in page.text
    assert "1 hệ thống không được kiểm tra" in page.text
    assert "82,000 %" in page.text
    assert "<small>11/2023</small>" in page.text
    assert ">0:09<" in page.text
    assert "&lt;b&gt;thay ổ đĩa&lt;/b&gt; (an), khai báo muộn" in page.text


async def test_a_month_without_data_says_the_next_step_and_one_that_is_none_is_this_one(console):
    client = await console.logged_in()
    empty = await client.get("/availability?month=2020-01&lang=en")
    wrong = await client.get("/availability?month=%3Cscript%3E&lang=en")

    assert "No system was checked in this month." in empty.text
    assert "S-A1" in wrong.text
    assert "There is no such month" in wrong.text
    assert "There is no such month" not in empty.text
    assert "script>" not in wrong.text.split("<main")[1]


async def test_nobody_sees_it_without_logging_in(console):
    assert (await console.client().get("/availability")).status in {303, 401}


@pytest.fixture
def planned(console):
    """A maintenance of a system of level 4 that is to come."""
    console.place("A4", level=4)
    now = console.clock.wall_ns()
    span = (now + MINUTE_NS, now + 9 * MINUTE_NS)
    console.store.now(lambda c: maintenance.declare(c, "S-A4", *span, reason="nâng cấp", author="an", at_ns=now))
    return 2


def standing(console):
    return console.store.now(lambda c: maintenance.standing(c, console.clock.wall_ns()))


async def test_a_second_person_agrees_in_the_console_to_a_maintenance_of_a_high_level(console, planned):
    client = await console.logged_in()
    page = await client.get("/availability")
    assert "chờ người thứ hai" in page.text
    assert 'value="agree"' in page.text

    done = await client.act(f"/availability/maintenance/{planned}", {"action": "agree"}, page="/availability")

    assert done.status == 303
    assert console.told[-1][1] == {"giamsat.command": "availability.agree", "user.name": "admin"}
    assert standing(console)[0].second == "admin"
    after = (await client.get("/availability")).text
    assert "an + admin" in after
    assert 'value="agree"' not in after


async def test_what_cannot_be_agreed_to_is_said_and_it_can_be_withdrawn(console, planned):
    client = await console.logged_in()
    where = f"/availability/maintenance/{planned}"

    forged = await client.post(where, {"csrf": "x", "action": "withdraw"})
    withdrawn = await client.act(where, {"action": "withdraw"}, page="/availability")
    again = await client.act(where, {"action": "agree"})

    assert (forged.status, withdrawn.status, again.status) == (403, 303, 400)
    assert "lần bảo trì số" in again.text
    assert console.told[-1][1] == {"giamsat.command": "availability.withdraw", "user.name": "admin"}
    assert console.news.edition == 1
    assert standing(console) == ()
