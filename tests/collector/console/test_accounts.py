# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console import accounts, users
from giamsat_collector.console.accounts import Accounts
from giamsat_collector.console.role import Role
from giamsat_collector.errors import RefusedError
from support.console import Console

LOGINS = {"nguyen.an"}


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    yield console
    console.close()


@pytest.fixture
def kept(console):
    return Accounts(console.store, console.clock, console.passwords, console.services.draw, LOGINS.__contains__)


async def test_whoever_is_added_comes_in_by_a_secret_that_is_told_once(console, kept):
    added = await kept.add("nguyen.an", "analyst")
    (admin, an) = await kept.every()

    assert (admin["name"], an) == ("admin", {name: value for name, value in added.items() if name != "secret"})
    assert (an["role"], an["must_choose"], an["disabled"]) == ("analyst", True, False)
    page = await (await console.logged_in("nguyen.an", added["secret"])).get("/alerts")
    assert page.header("location").startswith("/password")
    assert added["secret"] not in console.store.now(lambda rows: users.find(rows, "nguyen.an")).password


@pytest.mark.parametrize("name", ["", "An", "1an", ".an", "an ", "an\n", "ân", "a/b", "uid 5", "a" * 33])
async def test_a_name_that_cannot_be_one_is_refused_with_what_can(kept, name):
    with pytest.raises(RefusedError, match="at most 32 of a-z"):
        await kept.add(name, "analyst")

    assert len(await kept.every()) == 1


async def test_a_name_is_given_once_and_a_role_is_one_of_two(kept):
    await kept.add("a" * 32, "analyst")

    with pytest.raises(RefusedError, match="accounts reset admin"):
        await kept.add("admin", "analyst")
    with pytest.raises(RefusedError, match="no such role: analist; did you mean analyst"):
        await kept.add("an", "analist")


async def test_there_is_a_most(console, kept):
    def fill(rows):
        for number in range(accounts.MOST - 1):
            users.add(rows, f"n{number}", Role.ANALYST, "x", 1)

    console.store.now(fill)

    with pytest.raises(RefusedError, match="1000 accounts"):
        await kept.add("an", "analyst")


async def test_whoever_is_disabled_is_out_until_enabled_with_the_same_password(console, kept):
    console.has_user("binh", role=Role.ANALYST)
    client = await console.logged_in("binh")

    out = await kept.disable("binh")
    shut = [(await one.get("/alerts")).status for one in (client, await console.logged_in("binh"))]
    back = await kept.enable("binh")

    assert (out["disabled"], back["disabled"], shut) == (True, False, [303, 303])
    assert (await (await console.logged_in("binh")).get("/alerts")).status == 200


async def test_the_last_administrator_who_may_come_in_stays_one(kept):
    await kept.add("binh", "administrator")
    await kept.disable("binh")
    for deed in (kept.disable("admin"), kept.role("admin", "analyst")):
        with pytest.raises(RefusedError, match=r"admin is the last administrator.*accounts role NAME"):
            await deed

    assert (await kept.role("admin", "administrator"))["role"] == "administrator"
    await kept.enable("binh")
    assert (await kept.role("admin", "analyst"))["role"] == "analyst"
    with pytest.raises(RefusedError, match="binh is the last"):
        await kept.disable("binh")


async def test_a_reset_ends_what_the_old_password_opened(console, kept):
    client = await console.logged_in()

    secret = (await kept.reset("admin"))["secret"]

    assert (await client.get("/alerts")).status == 303
    assert (await (await console.logged_in()).get("/password")).status == 303
    assert (await (await console.logged_in(password=secret)).get("/password")).status == 200


@pytest.mark.parametrize("deed", ["reset", "disable", "enable"])
async def test_a_misspelt_name_gets_its_neighbour_and_changes_nobody(kept, deed):
    before = await kept.every()

    with pytest.raises(RefusedError, match=r"no such account: admni; did you mean admin.*accounts list"):
        await getattr(kept, deed)("admni")

    assert await kept.every() == before


async def test_what_is_only_tried_is_refused_alike_and_changes_nothing(console, kept):
    await kept.add("binh", "analyst")

    tried = await kept.disable("binh", dry_run=True), await kept.role("binh", "administrator", dry_run=True)
    with pytest.raises(RefusedError, match="last administrator"):
        await kept.disable("admin", dry_run=True)

    assert (tried[0]["disabled"], tried[1]["role"]) == (True, "administrator")
    binh = next(one for one in await kept.every() if one["name"] == "binh")
    assert (binh["disabled"], binh["role"]) == (False, "analyst")


async def test_whose_an_account_is_is_told_and_must_be_a_name(console, kept):
    await kept.add("an2", "analyst", "nguyen.an")
    with pytest.raises(RefusedError, match="names nobody"):
        await kept.add("an3", "analyst", "An\x1b[2J")
    with pytest.raises(RefusedError, match="name of their first account"):
        await kept.add("an3", "analyst", "Nguyen.An")

    assert {one["name"]: one["person"] for one in await kept.every()} == {"admin": "admin", "an2": "nguyen.an"}


async def test_when_somebody_came_in_last_is_told(console, kept):
    before = (await kept.every())[0]["last_login"]
    await console.logged_in()

    assert (before, (await kept.every())[0]["last_login"]) == (None, "2023-11-14T22:13:20.000Z")


async def whose(kept):
    return {one["name"]: one["person"] for one in await kept.every()}


async def test_a_slip_of_the_pen_makes_no_second_person(kept):
    with pytest.raises(RefusedError, match=r"no such account or login of this host: admni; did you mean admin.*getent"):
        await kept.add("an2", "analyst", "admni")
    with pytest.raises(RefusedError, match=r"no such account or login of this host: nguyen\.ann.*accounts list"):
        await kept.person("admin", "nguyen.ann")

    assert await whose(kept) == {"admin": "admin"}


async def test_an_account_there_is_can_say_whose_it_is_and_take_it_back(kept):
    await kept.add("an2", "analyst")

    tried = await kept.person("an2", "admin", dry_run=True)
    before = await whose(kept)
    said = await kept.person("an2", "admin")
    after = await whose(kept)
    await kept.person("an2", "an2")

    assert (tried["person"], said["person"]) == ("admin", "admin")
    assert (before["an2"], after["an2"], (await whose(kept))["an2"]) == ("an2", "admin", "an2")


async def test_all_accounts_of_a_person_are_one_persons_whichever_of_them_is_named(kept):
    await kept.add("an2", "analyst", "admin")
    await kept.add("an3", "analyst", "an2")
    first = await whose(kept)
    await kept.person("admin", "nguyen.an")
    then = await whose(kept)
    await kept.person("admin", "an3")

    assert set(first.values()) == {"admin"}
    assert set(then.values()) == set((await whose(kept)).values()) == {"nguyen.an"}


async def test_whose_account_is_told_of_must_be_one(kept):
    with pytest.raises(RefusedError, match="no such account: admni; did you mean admin"):
        await kept.person("admni", "nguyen.an")
