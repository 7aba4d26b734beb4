# SPDX-License-Identifier: Apache-2.0
import pytest

from support.console import PASSWORD, Console

NEW = "mười bốn con ngựa trắng"


@pytest.fixture
def console():
    console = Console()
    yield console
    console.close()


async def choose(client, current, password=NEW, again=None):
    form = {"current": current, "password": password, "again": again or password}
    return await client.act("/password", form, page="/password")


async def test_the_first_secret_opens_only_the_page_for_a_password(console):
    client = await console.logged_in(password=console.first_login_secret())

    for page in ("/alerts", "/hosts"):
        assert (await client.get(page)).header("location").startswith("/password")
    assert (await client.get("/api/v1/alerts")).status == 403
    assert 'href="/hosts"' not in (await client.get("/password")).text


async def test_a_chosen_password_opens_the_console_and_the_secret_nothing_any_more(console):
    secret = console.first_login_secret()
    client = await console.logged_in(password=secret)
    answer = await choose(client, secret)

    assert answer.header("location") == "/alerts"
    assert (await client.get("/alerts")).status == 200
    assert (await (await console.logged_in(password=secret)).get("/alerts")).status == 303
    assert (await (await console.logged_in(password=NEW)).get("/alerts")).status == 200


async def test_a_new_password_ends_the_other_sessions(console):
    console.has_user()
    here, elsewhere = await console.logged_in(), await console.logged_in()
    await choose(here, PASSWORD)

    assert (await here.get("/alerts")).status == 200
    assert (await elsewhere.get("/alerts")).status == 303


@pytest.mark.parametrize(
    ("current", "password", "again", "said"),
    [
        (PASSWORD, "ngắn", None, "ít nhất 14 ký tự"),
        (PASSWORD, NEW, NEW + "x", "không giống nhau"),
        ("wrong password", NEW, None, "hiện tại không đúng"),
        (PASSWORD, PASSWORD, None, "phải khác"),
    ],
)
async def test_a_password_that_is_not_accepted_changes_nothing(console, current, password, again, said):
    console.has_user()
    client = await console.logged_in()
    answer = await choose(client, current, password, again)

    assert answer.status == 400
    assert said in answer.text
    assert (await (await console.logged_in()).get("/alerts")).status == 200


async def test_the_current_password_cannot_be_guessed_here_either(console):
    console.has_user()
    client = await console.logged_in()
    statuses = [(await choose(client, "wrong password")).status for _ in range(7)]

    assert statuses[-1] == 429
