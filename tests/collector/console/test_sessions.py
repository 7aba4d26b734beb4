# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from giamsat_collector.console import sessions, users
from giamsat_collector.console.sessions import Lifetime
from giamsat_collector.console.tables import sessions as table
from support.console import Console

MINUTE = 60 * 1_000_000_000
LIFETIME = Lifetime(idle=timedelta(minutes=15), absolute=timedelta(hours=10))


@pytest.fixture
def rows():
    console = Console()
    console.has_user()
    with console.store.engine.begin() as connection:
        begin(connection, "token", 0)
        yield connection
    console.close()


def begin(rows, token, at):
    sessions.begin(rows, "admin", token, address="192.0.2.1", lifetime=LIFETIME, now_ns=at)


def resume(rows, at, token="token"):
    return sessions.resume(rows, token, lifetime=LIFETIME, now_ns=at)


def test_a_session_is_found_by_its_token_and_by_nothing_else(rows):
    assert resume(rows, 1).user == "admin"
    assert resume(rows, 1, "other") is None
    assert resume(rows, 1, rows.scalar(select(table.c.token))) is None


def test_the_token_is_not_in_the_database(rows):
    assert "token" not in set(rows.scalars(select(table.c.token)))


def test_a_session_that_is_not_used_ends(rows):
    assert resume(rows, 15 * MINUTE - 1) is not None
    assert resume(rows, 15 * MINUTE) is None


def test_a_clock_that_is_set_back_makes_no_session_last_longer(rows):
    assert resume(rows, -15 * MINUTE) is not None
    assert resume(rows, -15 * MINUTE - 1) is None


def test_use_keeps_a_session_until_its_last_hour(rows):
    for minute in range(10, 600, 10):
        assert resume(rows, minute * MINUTE) is not None
        sessions.used(rows, "token", minute * MINUTE)

    assert resume(rows, 600 * MINUTE) is None


def test_a_disabled_user_has_no_session(rows):
    users.disable(rows, "admin", 1)

    assert resume(rows, 1) is None


def test_a_new_password_ends_every_session(rows):
    users.choose_password(rows, "admin", "x", 1)

    assert resume(rows, 1) is None


def test_sessions_that_are_over_are_cleared_away(rows):
    begin(rows, "later", 20 * MINUTE)

    assert len(rows.scalars(select(table.c.token)).all()) == 1


def test_each_session_has_its_own_proof(rows):
    begin(rows, "other", 1)
    mine, other = resume(rows, 2), resume(rows, 2, "other")

    assert mine.proves(mine.csrf)
    assert not mine.proves(other.csrf)
    assert not mine.proves("é\udc80")


def test_sessions_that_are_good_are_counted_for_each_user(rows):
    begin(rows, "another", 1)

    assert sessions.count(rows, lifetime=LIFETIME, now_ns=2) == {"admin": 2}
    assert sessions.count(rows, lifetime=LIFETIME, now_ns=15 * MINUTE) == {"admin": 1}


def test_a_session_says_when_its_password_was_given_last_and_whose_it_is(rows):
    assert (resume(rows, 1).proved_ns, resume(rows, 1).person) == (0, "admin")

    assert sessions.prove(rows, "token", "fresh", 7)

    assert resume(rows, 8, "fresh").proved_ns == 7


def test_with_the_password_a_session_gets_another_token_and_keeps_all_else_the_proof_of_its_forms_too(rows):
    before = resume(rows, 1)

    assert sessions.prove(rows, "token", "fresh", 7)
    assert not sessions.prove(rows, "token", "once more", 8)

    assert resume(rows, 8) is None
    assert resume(rows, 8, "once more") is None
    assert resume(rows, 8, "fresh") == replace(before, proved_ns=7)
    assert resume(rows, 600 * MINUTE, "fresh") is None
