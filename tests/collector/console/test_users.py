# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console import users
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
