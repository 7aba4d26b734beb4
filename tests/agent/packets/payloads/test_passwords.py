# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from giamsat_agent.packets.payloads.passwords import (
    BY_PORT,
    HTTP,
    IMAP,
    LDAP,
    POP3,
    TELNET,
    asks_for_password,
    community,
)

MESSAGES = [
    bytes.fromhex("302602010160210201030414636e3d63616e2e626f2c64633d6578616d706c6580066269206d6174"),
    bytes.fromhex("308400000012020101608400000009020103040161800178"),
    bytes.fromhex("302602010104067075626c6963a019020101020100020100300e300c06082b060102010105000500"),
    b"POST /x HTTP/1.1\r\nAuthorization: Basic eHg6eXk=\r\n\r\nuser=a&pwd=b",
    b"* CAPABILITY\r\na1 OK in\r\n",
]


def test_a_bind_is_known_by_its_password_whatever_the_lengths_are_written_like():
    assert [LDAP.sends(one) for one in MESSAGES[:3]] == [True, True, False]
    assert not LDAP.sends(MESSAGES[0][:-8] + b"\x80\x00")


def test_the_version_and_kind_of_snmp_are_told_and_the_community_only_as_different():
    version, kind, word = community(MESSAGES[2])
    _, _, other = community(MESSAGES[2].replace(b"public", b"secret"))

    assert (version, kind) == ("SNMPv2c", 0xA0)
    assert word != other
    assert community(MESSAGES[2].replace(b"\x02\x01\x01\x04", b"\x02\x01\x03\x04")) is None


@pytest.mark.parametrize(
    ("way", "answers", "taken"),
    [
        (POP3, [b"+OK in\r\n", b"+ \r\n", b"-ERR\r\n"], [True, None, False]),
        (IMAP, [b"* X\r\na1 OK in\r\n", b"+ \r\n", b"* OK still here\r\n", b"a1 NO x\r\n"], [True, None, None, False]),
        (HTTP, [b"HTTP/1.1 302 x", b"HTTP/1.0 401 x", b"<html>"], [True, False, None]),
        (TELNET, [b"\r\nLast login: x", b"\r\n", b"\r\nLogin incorrect\r\nlogin: "], [True, None, False]),
        (BY_PORT[21], [b"230-hello\r\n230 in\r\n", b"331 password\r\n", b"530 no\r\n"], [True, None, False]),
    ],
)
def test_what_a_server_says_lets_in_refuses_or_is_no_answer_yet(way, answers, taken):
    assert [way.taken(answer) for answer in answers] == taken


def test_whatever_bytes_come_they_are_looked_at():
    rng = random.Random(11)
    for _ in range(3_000):
        broken = bytearray(rng.choice(MESSAGES))
        for _ in range(rng.randrange(1, 6)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        said = bytes(broken[: rng.randrange(len(broken) + 1)])
        community(said)
        asks_for_password(said)
        for way in {*BY_PORT.values(), HTTP}:
            way.sends(said)
            way.taken(said)
