# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console.role import Role
from support.console import SECOND, Console


@pytest.fixture
async def console():
    console = Console()
    console.has_user()
    console.place()
    yield console
    console.close()


def ticks(*alerts):
    return {f"alert-{alert.id}": "0" for alert in alerts}


def states(console, alerts):
    return [console.alert(alert.id).state.value for alert in alerts]


async def test_what_was_ticked_is_closed_with_one_reason_and_what_changed_meanwhile_is_told(console):
    alerts = console.raise_alerts(3)
    client = await console.logged_in()
    await client.act(f"/alerts/{alerts[1].id}/moves", {"action": "acknowledge"})
    form = {**ticks(*alerts[:2]), "action": "resolve", "note": "quét nội bộ", "next": "/alerts?state=open"}
    done = await client.act("/alerts/moves", form)

    assert (done.status, done.header("location")) == (303, "/alerts?state=open&done=1&left=1")
    assert states(console, alerts) == ["resolved", "acknowledged", "new"]
    page = await client.get(done.header("location"))
    assert "Đã thực hiện với 1 cảnh báo. 1 cảnh báo giữ nguyên" in page.text
    assert "done=" not in page.text


async def test_all_that_a_filter_finds_are_moved_beyond_the_page_but_none_that_came_later(console):
    alerts = console.raise_alerts(60)
    client = await console.logged_in()
    page = await client.get("/alerts?state=open&severity=high")
    known = {name: page.hidden(name).replace("&amp;", "&") for name in ("filters", "as_of", "number")}
    console.clock.advance(SECOND)
    later = console.raise_alert(rule="later")
    form = {**known, "every": "1", "action": "assign", "owner": "bình"}

    assert (known["number"], "cả 60 cảnh báo" in page.text) == ("60", True)
    assert (await client.act("/alerts/moves", form)).header("location") == "/alerts?done=60&left=0"
    assert {console.alert(alert.id).owner for alert in alerts} == {"bình"}
    assert console.alert(later.id).owner is None


async def test_of_all_that_a_filter_finds_none_is_closed_that_somebody_took_up_or_that_came_back_since_it_was_shown(
    console,
):
    alerts = console.raise_alerts(4)
    client = await console.logged_in()
    reason = {"action": "resolve", "note": "quét nội bộ"}
    await client.act(f"/alerts/{alerts[3].id}/moves", reason)
    page = await client.get("/alerts?state=open")
    known = {name: page.hidden(name).replace("&amp;", "&") for name in ("filters", "as_of", "number")}
    console.clock.advance(SECOND)
    await client.act(f"/alerts/{alerts[0].id}/moves", {"action": "acknowledge"})
    await client.act(f"/alerts/{alerts[1].id}/moves", reason)
    await client.act(f"/alerts/{alerts[3].id}/moves", {"action": "reopen", "note": "vẫn còn"})
    done = await client.act("/alerts/moves", {**known, **reason, "every": "1"})

    assert done.header("location") == "/alerts?done=1&left=2"
    assert states(console, alerts) == ["acknowledged", "resolved", "resolved", "new"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"number": "2"}, 409),
        ({"filters": "state=closed"}, 400),
        ({"filters": "colour=red"}, 400),
        ({"as_of": "x"}, 400),
        ({"action": "resolve", "note": " "}, 400),
        ({"action": "explode"}, 400),
        ({"every": ""}, 400),
        ({"every": "", "alert-0000000000000000": "x"}, 400),
    ],
)
async def test_what_does_not_fit_what_was_shown_changes_nothing(console, changed, status):
    alerts = console.raise_alerts(3)
    client = await console.logged_in()
    form = {"every": "1", "filters": "state=open", "number": "3", "action": "acknowledge", **changed}

    assert (await client.act("/alerts/moves", form)).status == status
    assert states(console, alerts) == ["new"] * 3


async def test_an_analyst_may_and_a_form_of_another_site_may_not(console):
    (alert,) = console.raise_alerts(1)
    console.has_user("an", role=Role.ANALYST)
    client = await console.logged_in("an")

    assert (await client.post("/alerts/moves", {**ticks(alert), "action": "acknowledge"})).status == 403
    assert (await client.act("/alerts/moves", {**ticks(alert), "action": "acknowledge"})).status == 303
    assert console.alert(alert.id).owner == "an"
