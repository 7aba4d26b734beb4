# SPDX-License-Identifier: Apache-2.0
import re
from dataclasses import replace

import pytest

from support.console import SECOND, Console
from support.stored import holding

HOUR = 3_600 * SECOND


@pytest.fixture
async def console():
    console = Console()
    console.has_user()
    console.place()
    yield console
    console.close()


def heard(console, number, seconds, **fields):
    return holding(number, received_ns=console.clock.wall_ns() + seconds * SECOND, **fields)


async def test_events_and_other_alerts_of_the_host_stand_in_order_of_time(console):
    alert = console.raise_alert()
    console.raise_alert(rule="later", title_vi="sau đó", at=console.clock.wall_ns() + 120 * SECOND)
    console.raise_alert(rule="days", title_vi="mấy ngày sau", at=console.clock.wall_ns() + 86_400 * SECOND)
    original = "Accepted <b>password</b>"
    console.archived = (
        heard(console, 1, -60, user__name="binh"),
        heard(console, 2, 60, user__name="lan", event__original=original),
        heard(console, 3, 600, user__name="mai"),
        heard(console, 4, 5, user__name="not-ours", agent="A2"),
    )
    client = await console.logged_in()
    page = await client.get(f"/alerts/{alert.id}/around?minutes=5")
    told = re.findall(
        r"<summary><bdi>(.*?)</bdi>|<a href=\"/alerts/[0-9a-f]+\"><bdi>(.*?)</bdi></a></strong>", page.text
    )

    assert [event or other for event, other in told if event != "admin"] == [
        "user-login · binh",
        "Dò mật khẩu SSH",
        "user-login · lan",
        "sau đó",
    ]
    assert "Accepted &lt;b&gt;password" in page.text
    assert "user-login · mai" in (await client.get(f"/alerts/{alert.id}/around")).text
    assert f"/alerts/{alert.id}/around" in (await client.get(f"/alerts/{alert.id}")).text


async def test_what_a_host_did_while_it_was_cut_off_is_found_where_it_arrived_with_the_alert(console):
    opened_ns = console.clock.wall_ns()
    alert = console.raise_alert(at=opened_ns - 8 * HOUR, late=True)
    cut_off = heard(console, 1, -8 * 3600, user__name="binh")
    console.archived = (
        replace(heard(console, 2, -8 * 3600 + 60, user__name="lan"), received_ns=opened_ns - 8 * HOUR + 60 * SECOND),
        replace(cut_off, received_ns=opened_ns - 60 * SECOND),
        replace(cut_off, id=3, received_ns=opened_ns - 4 * HOUR),
    )
    page = await (await console.logged_in()).get(f"/alerts/{alert.id}/around")

    assert re.findall(r"<summary><bdi>user-login · (.*?)</bdi>", page.text) == ["binh", "lan"]


async def test_that_nothing_is_kept_is_said_and_what_is_unknown_is_not_found(console):
    alert = console.raise_alert()
    client = await console.logged_in()

    assert "Kho nhật ký không có sự kiện nào" in (await client.get(f"/alerts/{alert.id}/around")).text
    assert (await client.get("/alerts/0000000000000000/around")).status == 404


async def test_an_archive_that_cannot_be_read_is_an_answer(console):
    def gone():
        yield heard(console, 1, 0)
        raise FileNotFoundError(2, "No such file")

    alert = console.raise_alert()
    console.archived = gone()

    assert (await (await console.logged_in()).get(f"/alerts/{alert.id}/around")).status == 503
