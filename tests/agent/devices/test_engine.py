# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from giamsat_agent.devices import encode, engine, usm, v3_message
from giamsat_agent.devices.ber import BerError
from giamsat_agent.devices.credential import User
from giamsat_agent.devices.engine import Engine
from giamsat_agent.devices.trap import INFORM, RESPONSE, TRAP2
from giamsat_agent.devices.v3_message import SecurityError
from giamsat_agent.devices.v3_trap import Users

NAME = b"engine-of-ours"
USER = User("an", "SHA256", "AES128", "matkhau-dai", "matkhau-kin")
USERS = Users([USER, User("mo")])
KEYS = USERS.keys(USER, NAME)
S = 1_000_000_000


@pytest.fixture
def ours():
    return Engine(USERS, NAME, 7, began_ns=1_000 * S, draw=bytes)


def inform(*, name=NAME, clock=(7, 50), user=USER, keys=KEYS, tag=INFORM, number=9):
    content = encode.number(number) + encode.number(0) + encode.number(0) + encode.sequence()
    scoped = encode.sequence(encode.octets(name), encode.octets(b"ctx"), encode.value(tag, content))
    made = v3_message.made(number, scoped, engine=name, clock=clock, user=user, keys=keys, salt=b"12345678")
    return v3_message.parse(made)


def reported(ours, message, mono_s=1_050):
    with pytest.raises(SecurityError) as raised:
        ours.take(message, mono_ns=mono_s * S)
    return raised.value.outcome, v3_message.parse(raised.value.reply), usm.said(raised.value.reply).report


def test_an_inform_is_opened_and_its_response_is_the_same_but_for_its_kind(ours):
    opened, reply = ours.take(inform(), mono_ns=1_050 * S)
    answer = v3_message.parse(reply)
    answer.check(KEYS.signing, "SHA256")
    scoped = answer.opened(KEYS.sealing, "AES128")

    assert (opened.user, opened.authenticated, opened.pdu.tag) == ("an", True, INFORM)
    assert (answer.number, answer.engine, answer.boots, answer.time, answer.flags) == (9, NAME, 7, 50, 3)
    assert (v3_message.pdu(scoped).tag, v3_message.pdu(scoped).content) == (RESPONSE, opened.pdu.content)


@pytest.mark.parametrize("message", [usm.question(3), usm.question(3, engine=b"another-engine", user="an")])
def test_who_asks_for_the_engine_is_told_its_name_and_clock(ours, message):
    outcome, report, said = reported(ours, v3_message.parse(message))

    assert (outcome, said) == ("discovery", usm.UNKNOWN_ENGINE)
    assert (report.number, report.engine, report.boots, report.time, report.flags) == (3, NAME, 7, 50, 0)


def test_who_does_not_know_the_clock_is_told_it_under_a_signature(ours):
    for clock in ((6, 50), (7, 201), (0, 0)):
        outcome, report, said = reported(ours, inform(clock=clock))
        report.check(KEYS.signing, "SHA256")

        assert (outcome, said) == ("outside_time_window", usm.NOT_IN_TIME_WINDOW)
        assert (report.boots, report.time) == (7, 50)


@pytest.mark.parametrize(
    ("message", "outcome", "counter"),
    [
        (inform(user=User("ai"), keys=v3_message.Keys()), "unknown_user", usm.UNKNOWN_USER),
        (inform(keys=v3_message.Keys()), "unsigned", usm.UNSUPPORTED_LEVEL),
        (inform(keys=v3_message.Keys(b"x" * 32)), "wrong_digest", usm.WRONG_DIGEST),
        (inform(keys=v3_message.Keys(KEYS.signing, b"y" * 16)), "undecryptable", usm.DECRYPTION_ERROR),
        (inform(keys=v3_message.Keys(KEYS.signing)), "undecryptable", usm.DECRYPTION_ERROR),
    ],
)
def test_what_is_not_accepted_is_reported_with_the_reason_and_without_a_signature(ours, message, outcome, counter):
    found, report, said = reported(ours, message)

    assert (found, said, report.flags) == (outcome, counter, 0)


def test_a_trap_is_no_inform_and_a_user_without_keys_is_not_authenticated(ours):
    with pytest.raises(BerError, match="no INFORM"):
        ours.take(inform(tag=TRAP2), mono_ns=1_050 * S)
    opened, _ = ours.take(inform(user=User("mo"), keys=v3_message.Keys()), mono_ns=1_050 * S)

    assert opened.authenticated is False


def test_nothing_malformed_does_more_than_be_refused(ours):
    chance, whole = random.Random(11), inform().whole
    for _ in range(3_000):
        place = chance.randrange(len(whole))
        spoiled = whole[:place] + chance.randbytes(chance.randrange(3)) + whole[place + chance.randrange(3) :]
        if spoiled != whole:
            with pytest.raises(BerError):
                ours.take(v3_message.parse(spoiled), mono_ns=1_050 * S)


def test_an_engine_keeps_its_name_and_counts_its_starts(tmp_path):
    chance = random.Random(1)
    name, first = engine.opened(tmp_path, chance.randbytes)
    again, second = engine.opened(tmp_path, chance.randbytes)

    assert (name, first, second) == (again, 1, 2)
    assert engine.kept(tmp_path) == (name, 2)
    assert engine.kept(tmp_path / "none") is None
    assert (name[:5].hex(), len(name)) == ("80007ed905", 13)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"engine": "00", "boots": 1}', '{"engine": 1, "boots": -1}'])
def test_a_file_that_cannot_be_believed_makes_another_engine(tmp_path, text):
    (tmp_path / engine.FILE).write_text(text)
    name, boots = engine.opened(tmp_path, random.Random(1).randbytes)
    elsewhere, _ = engine.opened(tmp_path / "none", random.Random(2).randbytes)

    assert boots == 1
    assert engine.opened(tmp_path, random.Random(3).randbytes) == (name, 2)
    assert elsewhere != name
