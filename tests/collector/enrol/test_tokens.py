# SPDX-License-Identifier: Apache-2.0
"""Tokens expired, used up, guessed or used from elsewhere: refused alike, and after five guesses dead."""

import pytest
from sqlalchemy import select

from giamsat_collector.enrol import tokens
from giamsat_collector.enrol.tables import tokens as table
from giamsat_collector.enrol.tokens import FAILURES, LONGEST_NS, MOST_USES, Grant, TokenError
from giamsat_collector.errors import RefusedError

HOUR_NS = 3600 * 1_000_000_000


def issue(connection, **changes):
    given = {"unit": "40.412", "system": "S1", "uses": 1, "lifetime_ns": HOUR_NS, "root_pin": bytes(32), "by": "an"}
    return tokens.issue(connection, **{**given, "now_ns": 0, **changes})


def parts(token):
    _, token_id, secret, _ = token.split(".")
    return token_id, secret


def reason(connection, token_id, secret, now_ns=1, address=None):
    with pytest.raises(TokenError) as caught:
        tokens.spend(connection, token_id, secret, now_ns, address)
    return caught.value.reason


def test_a_token_gives_its_unit_and_system_as_often_as_it_says(connection):
    token_id, secret = parts(issue(connection, uses=2))

    grants = [tokens.spend(connection, token_id, secret, 1) for _ in range(2)]

    assert grants == [Grant(token_id, "40.412", "S1")] * 2
    assert reason(connection, token_id, secret) == "used_up"


def test_the_database_holds_nothing_a_token_could_be_made_from(connection):
    token = issue(connection)
    _, secret = parts(token)

    row = connection.execute(select(table)).one()

    assert all(secret not in str(value) and secret.encode() != value for value in row)


def test_a_token_lives_to_its_last_nanosecond_and_no_longer(connection):
    early, late = parts(issue(connection)), parts(issue(connection))

    assert tokens.spend(connection, *early, HOUR_NS - 1).unit == "40.412"
    assert reason(connection, *late, HOUR_NS) == "expired"


def test_after_five_wrong_secrets_the_right_one_is_refused_too(connection):
    token_id, secret = parts(issue(connection))
    for _ in range(FAILURES):
        assert reason(connection, token_id, "x" * 26) == "wrong_secret"
        tokens.failed(connection, token_id)

    assert reason(connection, token_id, secret) == "dead"
    assert not tokens.knows(connection, token_id, secret, None)


def test_every_refusal_reads_the_same_to_the_one_who_asks(connection):
    token_id, secret = parts(issue(connection))
    said = set()
    for wanted, its_secret, now in [("nobody", secret, 1), (token_id, "wrong", 1), (token_id, secret, 2 * HOUR_NS)]:
        with pytest.raises(TokenError) as caught:
            tokens.spend(connection, wanted, its_secret, now)
        said.add(str(caught.value))

    assert len(said) == 1


def test_a_used_up_token_still_knows_its_secret_for_a_repeated_answer(connection):
    token_id, secret = parts(issue(connection))
    tokens.spend(connection, token_id, secret, 1)

    assert tokens.knows(connection, token_id, secret, None)
    assert not tokens.knows(connection, token_id, "wrong", None)
    assert not tokens.knows(connection, "nobody", secret, None)


@pytest.mark.parametrize("changes", [{"uses": 0}, {"uses": MOST_USES + 1}, {"lifetime_ns": 0}, {"uses": -1}])
def test_what_no_token_may_give_is_refused_before_anything_is_written(connection, changes):
    with pytest.raises(RefusedError):
        issue(connection, **changes)

    assert connection.execute(select(table)).all() == []


def test_the_longest_life_is_seven_days(connection):
    issue(connection, lifetime_ns=LONGEST_NS)

    with pytest.raises(RefusedError, match="7 days"):
        issue(connection, lifetime_ns=LONGEST_NS + 1)


NETWORKS = ("10.40.0.0/16", "2001:db8:40::/48")


@pytest.mark.parametrize("address", ["10.41.0.1", "2001:db8:41::1", "", "unix", None])
def test_from_elsewhere_a_token_does_not_count_and_is_not_spent(connection, address):
    token_id, secret = parts(issue(connection, networks=NETWORKS))

    assert reason(connection, token_id, secret, address=address) == "wrong_network"
    assert reason(connection, token_id, "x" * 26, address=address) == "wrong_secret"
    assert tokens.spend(connection, token_id, secret, 1, "10.40.3.7").unit == "40.412"


@pytest.mark.parametrize("address", ["10.40.255.255", "::ffff:10.40.0.1", "2001:db8:40::7"])
def test_from_its_networks_it_counts(connection, address):
    token_id, secret = parts(issue(connection, networks=NETWORKS))

    assert tokens.spend(connection, token_id, secret, 1, address).token == token_id


@pytest.mark.parametrize(
    ("networks", "words"),
    [
        (["10.40.0.1/16"], r"did you mean 10\.40\.0\.0/16"),
        (["10.40"], "'10.40' is not a network"),
        (["10.40.0.0/33"], "is not a network; write e.g."),
        ([""], "is not a network"),
        (["10.0.0.0/8"] * 17, "at most 16 networks, not 17"),
    ],
)
def test_what_is_no_network_is_refused_with_what_is_meant(connection, networks, words):
    with pytest.raises(RefusedError, match=words):
        issue(connection, networks=networks)


def test_two_tokens_share_only_the_pin_of_the_root(connection):
    one, other = issue(connection).split("."), issue(connection).split(".")

    assert [a == b for a, b in zip(one, other, strict=True)] == [True, False, False, True]


@pytest.mark.parametrize("address", ["192.0.2.1", None])
def test_an_answer_is_not_repeated_to_another_network_either(connection, address):
    token_id, secret = parts(issue(connection, networks=NETWORKS))
    tokens.spend(connection, token_id, secret, 1, "10.40.1.2")

    assert tokens.knows(connection, token_id, secret, "10.40.1.2")
    assert not tokens.knows(connection, token_id, "wrong", address)
    with pytest.raises(TokenError) as refused:
        tokens.knows(connection, token_id, secret, address)
    assert refused.value.reason == "wrong_network"
