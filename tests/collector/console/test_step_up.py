# SPDX-License-Identifier: Apache-2.0
import asyncio

import pytest

from giamsat_collector.console.role import Role
from giamsat_collector.console.step_up import EVERY, LIGHT, WEIGHTY, is_recent, is_weighty
from support.console import PASSWORD, SECOND, Console

LATER = 301 * SECOND
UNITS = {"action": "change", "operation": "end", "units": "40.412", "document": "12/QĐ <b>", "effective": "2026-12-31"}


@pytest.fixture
async def visitor():
    """Somebody who gave the password longer ago than it counts."""
    console = Console()
    console.has_user()
    client = await console.logged_in()
    client.console = console
    console.clock.advance(LATER)
    yield client
    console.close()


def logins(console):
    return [fields["event.outcome"] for kind, fields in console.told if kind == "user-login"]


def test_what_is_not_named_is_weighty_and_what_is_named_once():
    assert is_weighty("/something/new", "")
    assert not is_weighty("/units", "preview")
    assert [is_weighty("/suppressions/{number}", action) for action in ("agree", "end")] == [True, False]
    assert WEIGHTY["/tokens/{token}"] is EVERY
    assert LIGHT.isdisjoint(WEIGHTY)


def test_a_password_counts_for_five_minutes_and_never_from_the_future():
    assert [is_recent(0, at * SECOND) for at in (0, 300, 301)] == [True, True, False]
    assert not is_recent(SECOND, 0)


async def test_right_after_a_login_nothing_is_asked():
    console = Console()
    console.has_user()
    client = await console.logged_in()

    assert (await client.act("/tokens/abc", {"action": "agree"})).status == 400  # no such token
    console.close()


@pytest.mark.parametrize("path", ["/tokens/abc", "/suppressions/7", "/availability/maintenance/7"])
async def test_a_weighty_act_is_not_done_before_the_password_is_given_again(visitor, path):
    asked = await visitor.act(path, {"action": "agree"})

    assert asked.status == 403
    assert f'action="{path}"' in asked.text
    assert asked.hidden("action") == "agree"
    assert "Nhập lại mật khẩu" in asked.text
    assert "Give your password again" in (await visitor.act(f"{path}?lang=en", {"action": "agree"})).text
    assert logins(visitor.console) == ["success"]  # asking is no attempt


async def test_with_the_password_it_goes_on_with_all_the_form_held_and_is_not_asked_again_for_a_while(visitor):
    asked = await visitor.act("/units", UNITS, "/units")
    carried = {name: asked.hidden(name) for name in UNITS}

    done = await visitor.post("/units", {"csrf": asked.hidden("csrf"), **carried, "password": PASSWORD})

    assert asked.status == 403
    assert carried["document"] == "12/QĐ &lt;b&gt;"
    assert (done.status, "Nhập lại mật khẩu" in done.text) == (400, False)  # there is no such unit
    assert (await visitor.act("/tokens/abc", {"action": "agree"})).status == 400
    visitor.console.clock.advance(LATER)
    assert (await visitor.act("/tokens/abc", {"action": "agree"})).status == 403


async def test_a_wrong_password_is_said_told_and_slowed_down_like_a_login(visitor):
    answers = [(await visitor.act("/tokens/abc", {"action": "agree", "password": f"sai {at}"})) for at in range(6)]

    assert [answer.status for answer in answers] == [403] * 5 + [429]
    assert "Mật khẩu không đúng." in answers[0].text
    assert "sai 0" not in answers[0].text
    assert answers[5].header("retry-after") == "1"
    assert logins(visitor.console) == ["success"] + ["failure"] * 5
    assert (await visitor.act("/tokens/abc", {"action": "agree", "password": PASSWORD})).status == 429
    visitor.console.clock.advance(2 * SECOND)
    assert (await visitor.act("/tokens/abc", {"action": "agree", "password": PASSWORD})).status == 400


async def test_a_stolen_session_proves_nothing_for_another_one(visitor):
    other = await visitor.console.logged_in()

    assert (await other.act("/tokens/abc", {"action": "agree"})).status == 400
    assert (await visitor.act("/tokens/abc", {"action": "agree"})).status == 403


async def test_an_analyst_is_told_that_it_is_not_theirs_before_any_password_is_asked(visitor):
    visitor.console.has_user("binh", role=Role.ANALYST)
    analyst = await visitor.console.logged_in("binh")
    visitor.console.clock.advance(LATER)

    answer = await analyst.act("/tokens/abc", {"action": "agree", "password": PASSWORD})

    assert "chỉ quản trị viên" in answer.text


async def test_what_weighs_little_is_never_asked_for(visitor):
    for path, form in (("/units", {"action": "preview"}), ("/suppressions/7", {"action": "end"}), ("/logout", {})):
        assert "Nhập lại mật khẩu" not in (await visitor.act(path, form)).text


async def test_with_the_password_the_session_gets_another_token_and_who_knew_the_old_one_is_out(visitor):
    thief = visitor.console.client()
    thief.cookies = dict(visitor.cookies)
    asked = await visitor.act("/tokens/abc", {"action": "agree", "password": "sai"})
    assert (asked.status, visitor.cookies) == (403, thief.cookies)

    done = await visitor.act("/tokens/abc", {"action": "agree", "password": PASSWORD})

    assert (done.status, done.header("set-cookie").partition(";")[2]) == (
        400,  # an error, too, brings it
        " HttpOnly; Path=/; SameSite=strict; Secure",
    )
    assert visitor.cookies != thief.cookies
    assert [(await one.get("/alerts")).status for one in (visitor, thief)] == [200, 303]
    assert (await visitor.act("/tokens/abc", {"action": "agree"})).header("set-cookie") is None


async def test_a_page_of_another_tab_goes_on_when_the_token_changed(visitor):
    proof = (await visitor.get("/alerts")).hidden("csrf")
    await visitor.act("/tokens/abc", {"action": "agree", "password": PASSWORD})

    answer = await visitor.post("/tokens/abc", {"csrf": proof, "action": "agree"})

    assert answer.status == 400  # no such token, and no other objection


async def test_all_other_sessions_are_ended_and_not_the_one_that_just_changed_its_token(visitor):
    other = await visitor.console.logged_in()

    await visitor.act("/sessions", {"action": "end", "password": PASSWORD}, "/sessions")

    assert [(await one.get("/alerts")).status for one in (visitor, other)] == [200, 303]


async def test_of_two_clicks_one_is_done_and_the_other_leads_back(visitor):
    asked = await visitor.act("/tokens/abc", {"action": "agree"})
    twin = visitor.console.client()
    twin.cookies = dict(visitor.cookies)
    form = {"csrf": asked.hidden("csrf"), "action": "agree", "password": PASSWORD}

    first, second = await asyncio.gather(visitor.post("/tokens/abc", form), twin.post("/tokens/abc", form))

    late = first if first.status == 303 else second
    assert sorted((first.status, second.status)) == [303, 400]
    assert late.header("location") == "/login?next=%2Ftokens"
    browser = visitor if "set-cookie" in dict(first.headers) else twin
    assert (await browser.get(late.header("location"))).header("location") == "/tokens"
