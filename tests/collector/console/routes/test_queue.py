# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_collector.console.host import HostStatus
from support.console import SECOND, Console

LIVE = {"x_gs_live": "1"}


@pytest.fixture
async def console():
    console = Console()
    console.has_user()
    console.place()
    yield console
    console.close()


def refresh(page):
    return re.search(r'id="queue" hx-get="([^"]+)"', page.text)[1].replace("&amp;", "&")


def titles(page):
    return re.findall(r'<a id="open-[0-9a-f]+" href="[^"]+"><bdi>(.*?)</bdi>', page.text)


async def test_open_alerts_are_shown_most_urgent_first(console):
    console.raise_alert(rule="a", title_vi="thấp", severity="low")
    console.clock.advance(SECOND)
    console.raise_alert(rule="b", title_vi="khẩn", severity="critical")

    page = await (await console.logged_in()).get("/alerts")

    assert titles(page) == ["khẩn", "thấp"]
    assert "■" in page.text
    assert "P1" in page.text


async def test_a_page_says_how_many_of_how_many_it_shows_and_leads_to_the_rest(console):
    console.raise_alerts(60)
    client = await console.logged_in()
    first = await client.get("/alerts?severity=high")
    following = re.search(r'href="([^"]+)" rel="next"', first.text)[1].replace("&amp;", "&")
    second = await client.get(following)

    assert "50 trong 60 cảnh báo" in first.text
    assert "severity=high" in following
    assert len({*titles(first), *titles(second)}) == 60


async def test_new_alerts_do_not_move_what_somebody_looks_at_but_are_announced(console):
    console.raise_alerts(2)
    client = await console.logged_in()
    page = await client.get("/alerts")
    address = refresh(page)
    console.clock.advance(SECOND)
    console.raise_alert(rule="new", title_vi="mới đến", severity="critical")

    again = await client.get(address, **LIVE)

    assert titles(again) == titles(page)
    assert "1 cảnh báo mới" in again.text
    assert titles(await client.get("/alerts")) == ["mới đến", *titles(page)]


async def test_a_refresh_shows_what_became_of_the_alerts_on_the_page(console):
    alert = console.raise_alert()
    client = await console.logged_in()
    address = refresh(await client.get("/alerts"))
    console.raise_alert(change="continued", count=41)

    assert ">42<" in (await client.get(address, **LIVE)).text
    await client.act(f"/alerts/{alert.id}/moves", {"action": "acknowledge"})
    assert "đã tiếp nhận" in (await client.get(address, **LIVE)).text


async def test_filters_stand_in_the_address_and_on_the_page(console):
    console.raise_alert()
    client = await console.logged_in()
    page = await client.get("/alerts?state=open&priority=2&unit=40.412&text=mat+khau")

    assert len(titles(page)) == 1
    assert '<option value="2" selected>' in page.text
    assert 'value="mat khau"' in page.text
    assert "đơn vị: Đơn vị 40.412" in page.text
    assert 'href="/alerts?state=open&amp;priority=2&amp;text=mat+khau"' in page.text


async def test_nothing_found_and_nothing_there_are_told_apart(console):
    client = await console.logged_in()
    console.hosts.known = [HostStatus("A1", "a", "u", "U", None, 3, heard_ns=1, silent=False)]
    never = await client.get("/alerts?text=khong+co")
    console.raise_alert()
    none = await client.get("/alerts?text=khong+co")

    assert "Chưa có cảnh báo nào từ trước đến nay." in never.text
    assert "1 máy đang báo cáo" in never.text
    assert "Không có cảnh báo nào khớp" in none.text


async def test_before_the_first_host_the_queue_says_what_to_do(console):
    page = await (await console.logged_in()).get("/alerts")

    assert "giamsat-collector enrol issue" in page.text


async def test_my_alerts_are_mine(console):
    alert = console.raise_alert()
    console.raise_alert(rule="other", title_vi="của người khác")
    client = await console.logged_in()
    await client.act(f"/alerts/{alert.id}/moves", {"action": "acknowledge"})

    assert titles(await client.get("/alerts?state=open&owner=admin")) == ["Dò mật khẩu SSH"]


@pytest.mark.parametrize(
    "query",
    [
        *("as_of=-1", "as_of=" + "9" * 30, "after=x", "after=1." + "9" * 30 + ".x", "limit=5", "level=9", "state=%00"),
        *("since=9999-12-31", "since=0001-01-01", "until=9999-12-31T23:59:59-11:00", "opened_since=2500-01-01"),
    ],
)
async def test_a_damaged_address_is_refused(console, query):
    assert (await (await console.logged_in()).get(f"/alerts?{query}")).status == 400
