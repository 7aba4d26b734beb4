# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console import users
from giamsat_collector.console.role import Role
from support.console import Console


@pytest.fixture
def console():
    console = Console()
    yield console
    console.close()


def test_the_first_start_makes_a_user_who_must_choose_a_password(console):
    secret = console.first_login_secret()
    admin = console.store.now(lambda rows: users.find(rows, "admin"))

    assert secret == "first-login-secret"
    assert admin.must_choose
    assert secret not in admin.password


def test_until_a_password_is_chosen_each_start_prints_a_new_secret(console):
    console.first_login_secret()

    assert console.first_login_secret() is not None


def test_once_a_password_is_chosen_no_secret_opens_anything(console):
    console.has_user()
    kept = console.store.now(lambda rows: users.find(rows, "admin")).password

    assert console.first_login_secret() is None
    assert console.store.now(lambda rows: users.find(rows, "admin")).password == kept


def test_a_disabled_user_is_offered_as_owner_no_more(console):
    console.has_user()
    assert console.store.now(users.names) == ("admin",)

    console.store.now(lambda rows: users.disable(rows, "admin", 1))

    assert console.store.now(users.names) == ()


def test_the_first_login_is_over_once_somebody_else_was_added_and_gives_nobody_back_what_was_taken(console):
    console.first_login_secret()
    console.store.now(lambda rows: users.add(rows, "binh", Role.ADMINISTRATOR, "kept", 1))
    console.store.now(lambda rows: users.disable(rows, "admin", 1))

    assert console.first_login_secret() is None
    assert console.store.now(lambda rows: users.find(rows, "admin")).disabled
    assert console.store.now(users.administrators) == ("binh",)


async def test_a_new_secret_ends_the_sessions_and_opens_only_the_page_for_a_password(console):
    console.has_user()
    client = await console.logged_in()
    kept = console.passwords.kept("a new secret")

    console.store.now(lambda rows: users.give_secret(rows, "admin", kept, 1))

    assert (await client.get("/alerts")).header("location").startswith("/login")
    again = await console.logged_in(password="a new secret")
    assert (await again.get("/alerts")).header("location").startswith("/password")
