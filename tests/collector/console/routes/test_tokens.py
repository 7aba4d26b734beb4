# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console.role import Role
from giamsat_collector.enrol import agreement, tokens
from support.console import Console

HOUR = 3600 * 10**9


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place("A1", level=4)
    yield console
    console.close()


def issued(console, by="an", system="S-A1"):
    now = console.clock.wall_ns()
    given = {"unit": "40.412", "system": system, "uses": 2, "lifetime_ns": HOUR, "root_pin": bytes(32)}
    networks = ("10.40.0.0/16",)
    token = console.store.now(
        lambda c: tokens.issue(c, **given, by=by, now_ns=now, networks=networks, two_persons=True)
    )
    return token.split(".")[1]


def waiting(console):
    return [one.id for one in console.store.now(lambda c: agreement.waiting(c, console.clock.wall_ns()))]


async def test_what_waits_is_shown_with_who_issued_it_for_what(console):
    of_system, of_unit = issued(console, by="<b>an</b>"), issued(console, system=None)

    page = (await (await console.logged_in()).get("/tokens")).text

    assert page.count('value="agree"') == 2
    for words in (of_system, of_unit, "&lt;b&gt;an&lt;/b&gt;", "Hệ thống A1", "10.40.0.0/16", 'class="number">4<'):
        assert words in page


async def test_without_any_the_next_step_is_said_in_both_languages(console):
    client = await console.logged_in()

    assert "giamsat-collector enrol issue" in (await client.get("/tokens")).text
    assert "No token waits." in (await client.get("/tokens?lang=en")).text
    assert 'href="/tokens"' in (await client.get("/hosts")).text


async def test_a_second_person_agrees_and_both_are_told(console):
    token = issued(console)
    client = await console.logged_in()
    before = len(console.told)

    answer = await client.act(f"/tokens/{token}", {"action": "agree"}, page="/tokens")

    both = {"giamsat.command": "enrol.agree", "user.name": "admin", "user.target.name": "an"}
    assert (answer.status, waiting(console)) == (303, [])
    assert console.told[before:] == [("collector-administered", both)]


async def test_whoever_issued_it_is_not_offered_to_agree_and_refused_all_the_same(console):
    token = issued(console, by="Admin")
    client = await console.logged_in()

    answer = await client.act(f"/tokens/{token}", {"action": "agree"}, page="/tokens")

    assert 'value="agree"' not in answer.text
    assert (answer.status, waiting(console)) == (400, [token])
    assert "phải có người thứ hai đồng ý" in answer.text


async def test_a_second_account_agrees_to_what_the_first_one_may_not_and_an_analyst_is_offered_nothing(console):
    token = issued(console, by="admin")
    console.has_user("binh")
    console.has_user("chi", role=Role.ANALYST)
    first, second, analyst = [await console.logged_in(name) for name in ("admin", "binh", "chi")]

    refused = [await one.act(f"/tokens/{token}", {"action": "agree"}) for one in (first, analyst)]
    seen = (await analyst.get("/tokens")).text
    agreed = await second.act(f"/tokens/{token}", {"action": "agree"})

    assert [answer.status for answer in (*refused, agreed)] == [400, 403, 303]
    assert (token in seen, f"/tokens/{token}" in seen, waiting(console)) == (True, False, [])


async def test_saying_no_needs_a_form_of_this_session_and_is_told(console):
    token = issued(console)
    client = await console.logged_in()

    forged = await client.post(f"/tokens/{token}", {"csrf": "x", "action": "withdraw"})
    kept = waiting(console)
    refused = await client.act(f"/tokens/{token}", {"action": "withdraw"}, page="/tokens")

    assert (forged.status, kept, refused.status, waiting(console)) == (403, [token], 303, [])
    assert console.told[-1][1] == {"giamsat.command": "enrol.withdraw", "user.name": "admin"}


async def test_of_two_accounts_of_one_person_none_is_a_second_person_to_the_other(console):
    token = issued(console, by="an")
    console.has_user("an2", person="An")
    other = await console.logged_in("an2")

    answer = await other.act(f"/tokens/{token}", {"action": "agree"}, page="/tokens")

    assert 'value="agree"' not in (await other.get("/tokens")).text
    assert (answer.status, waiting(console)) == (400, [token])
    assert "An là người cấp mã ghi danh" in answer.text
