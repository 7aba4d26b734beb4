# SPDX-License-Identifier: Apache-2.0
import asyncio

import pytest

from giamsat_collector.console.attempts import ACCOUNT
from support.console import PASSWORD, SECOND, Console


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    yield console
    console.close()


async def log_in(client, password=PASSWORD, name="admin", **form):
    return await client.post("/login", {"name": name, "password": password, **form})


async def test_the_right_password_opens_the_page_that_was_wanted(console):
    client = console.client()
    answer = await log_in(client, next="/alerts?state=new")

    assert (answer.status, answer.header("location")) == (303, "/alerts?state=new")
    assert (await client.get("/alerts")).status == 200


async def test_who_is_wrong_is_not_told_what_was_wrong(console):
    known, unknown = await log_in(console.client(), "x" * 14), await log_in(console.client(), "x" * 14, "nobody")

    assert known.status == unknown.status == 401
    assert known.text == unknown.text.replace('value="nobody"', 'value="admin"')


@pytest.mark.parametrize("form", [{}, {"name": "admin"}, {"name": "\x00", "password": "\ud7ff" * 900}])
async def test_an_odd_form_is_a_wrong_login(console, form):
    assert (await console.client().post("/login", form)).status == 401


async def test_a_clock_that_is_set_back_makes_nobody_wait_until_it_is_where_it_was(console):
    client = console.client()
    for _ in range(ACCOUNT.free):
        await log_in(client, "wrong")
    console.clock.jump(-3_600 * SECOND)
    console.clock.advance(SECOND)

    assert (await log_in(client)).status == 303


async def test_guessing_is_slowed_down_even_for_the_right_password(console):
    client = console.client()
    for _ in range(ACCOUNT.free):
        assert (await log_in(client, "wrong")).status == 401

    refused = await log_in(client)
    console.clock.advance(SECOND)
    later = await log_in(client)

    assert (refused.status, refused.header("retry-after")) == (429, "1")
    assert later.status == 303


async def test_each_try_is_an_event_with_name_address_and_outcome_and_never_the_password(console):
    await log_in(console.client(), "wrong-wrong-wrong", "x" * 300)
    await log_in(console.client())

    (kind, wrong), (_, right) = console.told
    assert kind == "user-login"
    assert (wrong["event.outcome"], wrong["user.name"]) == ("failure", "x" * 64)
    assert (right["event.outcome"], right["user.name"], right["source.ip"]) == ("success", "admin", wrong["source.ip"])
    assert PASSWORD not in str(console.told)
    assert "wrong-wrong" not in str(console.told)


async def test_each_login_gets_a_token_of_its_own(console):
    client = console.client()
    await log_in(client)
    first = dict(client.cookies)
    await log_in(client)

    assert client.cookies != first
    old = console.client()
    old.cookies = first
    assert (await old.get("/alerts")).status == 303  # what it replaced is over


async def test_who_is_logged_in_is_led_on_from_the_form(console):
    client = await console.logged_in()

    answer = await client.get("/login?next=%2Ftokens")

    assert (answer.status, answer.header("location")) == (303, "/tokens")


async def test_a_token_from_before_a_logout_opens_nothing(console):
    client = await console.logged_in()
    token = dict(client.cookies)
    answer = await client.act("/logout", {})

    assert answer.header("location") == "/login"
    assert "__Host-gs" not in client.cookies
    client.cookies = token
    assert (await client.get("/alerts")).status == 303


async def test_a_name_is_printed_as_text(console):
    answer = await log_in(console.client(), "x", '"><script>alert(1)</script>')

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


async def test_of_two_hundred_attempts_at_once_five_are_looked_at(console):
    """Each is counted before the password is looked at, so that none slips through beside another."""
    looked, match = [], console.passwords.match

    async def counted(kept, password):
        looked.append(password)
        return await match(kept, password)

    console.passwords.match = counted
    tries = [console.client().post("/login", {"name": "admin", "password": f"{number}"}) for number in range(200)]
    statuses = [answer.status for answer in await asyncio.gather(*tries)]

    assert (len(looked), statuses.count(401), statuses.count(429)) == (5, 5, 195)
