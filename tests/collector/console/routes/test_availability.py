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
    assert ">0:09<" in page.text
    assert "&lt;b&gt;thay ổ đĩa&lt;/b&gt; (an), khai báo muộn" in page.text


async def test_a_month_without_data_says_the_next_step_and_one_that_is_none_is_this_one(console):
    client = await console.logged_in()
    empty = await client.get("/availability?month=2020-01&lang=en")
    wrong = await client.get("/availability?month=%3Cscript%3E&lang=en")

    assert "No system was checked in this month." in empty.text
    assert "S-A1" in wrong.text
    assert "script>" not in wrong.text.split("<main")[1]


async def test_nobody_sees_it_without_logging_in(console):
    assert (await console.client().get("/availability")).status in {303, 401}
