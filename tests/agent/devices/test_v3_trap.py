# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from giamsat_agent.devices import v3_message
from giamsat_agent.devices.ber import BerError
from giamsat_agent.devices.credential import User
from giamsat_agent.devices.usm import question
from giamsat_agent.devices.v3_message import SecurityError
from giamsat_agent.devices.v3_trap import ENGINES, Users

ENGINE = bytes(11) + b"\x02"


def test_a_user_without_a_key_is_not_authenticated():
    users = Users([User("mo")])

    assert users.open(v3_message.parse(question(1, engine=ENGINE, user="mo"))).authenticated is False


@pytest.mark.parametrize(
    ("user", "outcome"), [(User("ai"), "unknown_user"), (User("mo", "SHA1", "", "matkhau-dai", ""), "unsigned")]
)
def test_who_is_not_known_or_does_not_sign_is_refused_with_the_reason(user, outcome):
    with pytest.raises(SecurityError) as raised:
        Users([user]).open(v3_message.parse(question(1, engine=ENGINE, user="mo")))

    assert raised.value.outcome == outcome


def test_engines_are_not_remembered_before_they_prove_themselves():
    users = Users([User("mo", "SHA1", "", "matkhau-dai", "")])
    for number in range(ENGINES + 20):
        with pytest.raises(SecurityError):
            users.open(v3_message.parse(question(1, engine=number.to_bytes(8), user="mo")))

    assert not users._engines


def test_nothing_malformed_does_more_than_be_refused():
    chance, whole = random.Random(7), question(1, engine=ENGINE, user="mo")
    users = Users([User("mo", "SHA1", "AES128", "matkhau-dai", "matkhau-dai")])
    refused = 0
    for _ in range(3_000):
        place = chance.randrange(len(whole))
        spoiled = whole[:place] + chance.randbytes(chance.randrange(3)) + whole[place + chance.randrange(3) :]
        with pytest.raises(BerError):
            users.open(v3_message.parse(spoiled))
        refused += 1

    assert refused == 3_000
