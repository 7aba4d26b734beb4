# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.enrol import agreement, tokens
from giamsat_collector.errors import RefusedError

HOUR_NS = 3600 * 1_000_000_000
GIVEN = {"unit": "40.412", "system": "S1", "uses": 1, "lifetime_ns": HOUR_NS, "root_pin": bytes(32), "now_ns": 0}


def issued(connection, by="an", *, two_persons=True):
    _, token_id, secret, _ = tokens.issue(connection, **GIVEN, by=by, two_persons=two_persons).split(".")
    return token_id, secret


def test_until_somebody_agrees_a_token_is_neither_spent_nor_told_apart_from_others(connection):
    token_id, secret = issued(connection)

    with pytest.raises(tokens.TokenError) as refused:
        tokens.spend(connection, token_id, secret, 1)
    with pytest.raises(tokens.TokenError) as unknown:
        tokens.spend(connection, "nobody", secret, 1)
    found = agreement.agree(connection, token_id, "bình", 1)

    assert (refused.value.reason, str(refused.value)) == ("not_agreed", str(unknown.value))
    assert (found.id, found.created_by) == (token_id, "an")
    assert tokens.spend(connection, token_id, secret, 2).token == token_id


def test_who_guesses_the_secret_of_a_token_that_waits_is_counted_as_ever(connection):
    token_id, _ = issued(connection)

    with pytest.raises(tokens.TokenError) as refused:
        tokens.spend(connection, token_id, "x" * 26, 1)

    assert refused.value.reason == "wrong_secret"


@pytest.mark.parametrize(
    ("by", "person", "at_ns", "words"),
    [
        ("an", "AN", 1, "a second person has to agree"),
        ("uid 0", "an", 1, "nobody knows which person issued"),
        ("an", "bình", HOUR_NS, "waits for anybody"),
    ],
)
def test_one_alone_nobody_and_too_late_are_refused(connection, by, person, at_ns, words):
    token_id, _ = issued(connection, by)

    with pytest.raises(RefusedError, match=words):
        agreement.agree(connection, token_id, person, at_ns)

    assert len(agreement.waiting(connection, 1)) == 1


def test_what_needs_no_second_person_and_what_has_one_does_not_wait(connection):
    low, _ = issued(connection, two_persons=False)
    high, _ = issued(connection)
    agreement.agree(connection, high, "bình", 1)

    assert agreement.waiting(connection, 1) == ()
    for token_id in (low, high):
        with pytest.raises(RefusedError, match="waits for anybody"):
            agreement.agree(connection, token_id, "chi", 1)


def test_what_agreeing_costs_does_not_grow_with_the_tokens_that_wait(connection):
    """Counted in instructions of SQLite's machine: it runs inside the one writer, for up to 2,000 tokens at once."""
    steps = [0]

    def step():
        steps[-1] += 1

    database = connection.connection.dbapi_connection
    for others in (0, 200):
        for _ in range(others):
            issued(connection)
        token_id, _ = issued(connection)
        steps.append(0)
        database.set_progress_handler(step, 1)
        agreement.agree(connection, token_id, "bình", 1)
        database.set_progress_handler(None, 0)

    _, alone, among_many = steps
    assert 0 < among_many < 2 * alone
