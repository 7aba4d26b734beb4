# SPDX-License-Identifier: Apache-2.0
import base64
import struct

import pytest

from giamsat_agent.packets.refused import FAST
from support.capture import ATTACKER, CLIENT, IP, SERVER, UDP, classes, connection, found, frame, pcap

NO, YES = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"
NTLM = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM TlRMTVNTUAACAAAACgAKADgAAAA=\r\n\r\n"
CREATED = b"HTTP/1.1 201 Created\r\n\r\n"
STATUS = b"HTTP/1.1 207 Multi-Status\r\n\r\n"
BASIC = b"Authorization: Basic dXNlcjpwYXNz\r\n"


def asks(header=b"", method=b"GET"):
    return True, method + b" /a HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n"


def ntlm(kind):
    return b"Authorization: NTLM " + base64.b64encode(b"NTLMSSP\0" + struct.pack("<I", kind) + bytes(40)) + b"\r\n"


def sip(number, port, *, brings, refused=True, what="REGISTER", code=b"401 Unauthorized", client=ATTACKER):
    """A request of SIP and its answer."""
    same = f"Call-ID: {port}\r\nCSeq: {number} {what}\r\n".encode()
    asked = f"{what} sip:pbx SIP/2.0\r\n".encode() + same + (b"Authorization: Digest a\r\n" if brings else b"")
    answer = b"SIP/2.0 " + (code if refused else b"200 OK") + b"\r\n" + same
    there, back = IP(src=client, dst=SERVER), IP(src=SERVER, dst=client)
    return [
        frame(there, UDP(sport=port, dport=5060), asked + b"\r\n"),
        frame(back, UDP(sport=5060, dport=port), answer + b"\r\n"),
    ]


def talks(data, count, every_s=1.0, client=CLIENT):
    return [
        one
        for number in range(count)
        for one in connection(client, SERVER, 80, number * every_s, sport=40_000 + number, data=data)
    ]


@pytest.mark.parametrize(
    "data",
    [
        (asks(BASIC), (False, NO)),
        (asks(), (False, NO), asks(BASIC), (False, NO)),
        ((False, NO),),
        (asks(b"Content-Length: 9\r\n", b"POST"), (False, NO)),
        ((True, b"GET / HTTP/1.1\r\nHost: x\r\n"), (True, BASIC + b"\r\n"), (False, NO)),
    ],
    ids=["a password at once", "a password when asked", "the server's side alone", "in a body", "in two segments"],
)
def test_a_password_refused_again_and_again_is_guessing(tmp_path, data):
    (guess,) = found(pcap(tmp_path / "x", talks(data, FAST, client=ATTACKER)))

    assert (guess.name, guess.source_ip, guess.counts["refusals"]) == ("bruteforce", ATTACKER, FAST)
    assert classes(pcap(tmp_path / "y", talks(data, FAST - 1))) == set()


@pytest.mark.parametrize(
    "data",
    [
        (asks(), (False, NO), asks(ntlm(1)), (False, NO), asks(ntlm(3)), (False, YES)),
        (asks(method=b"PUT"), (False, NO), asks(BASIC, b"PUT"), (False, STATUS)),
        (
            asks(b"Content-Length: 9\r\n", b"POST"),
            (False, NO),
            asks(BASIC + b"Content-Length: 9\r\n", b"POST"),
            (False, CREATED),
        ),
        (asks(b"Authorization: Bearer abc.def.ghi\r\n"), (False, NO)),
        (asks(b"Authorization: Bearer abc.def.ghi\r\nContent-Length: 9\r\n", b"POST"), (False, NO)),
        (asks(), (False, NO)),
        ((False, NO), (False, YES)),
        ((False, NO), (False, NTLM), (False, YES)),
    ],
    ids=[
        "NTLM",
        "WebDAV",
        "a program that posts",
        "a token that ran out",
        "what is posted with a token that ran out",
        "a page that asks whether it is logged in",
        "answers alone",
        "answers of NTLM alone",
    ],
)
def test_who_is_only_asked_for_a_password_guesses_none(tmp_path, data):
    assert classes(pcap(tmp_path / "x", talks(data, 5 * FAST))) == set()


def test_guessing_passwords_of_ntlm_is_found(tmp_path):
    data = (asks(), (False, NO), asks(ntlm(1)), (False, NO), asks(ntlm(3)), (False, NO))

    assert classes(pcap(tmp_path / "x", talks(data, FAST, client=ATTACKER))) == {("bruteforce", ATTACKER)}


def test_phones_are_asked_each_time_and_who_tries_one_password_after_the_other_guesses(tmp_path):
    phones = [
        (number, raw)
        for number in range(5 * FAST)
        for refused in (True, False)
        for raw in sip(2 * number + refused, 5_060, refused=refused, brings=not refused, client=CLIENT)
    ]
    guesses = [
        (number, raw) for number in range(FAST) for brings in (False, True) for raw in sip(number, 6_000, brings=brings)
    ]

    assert classes(pcap(tmp_path / "x", phones)) == set()
    assert classes(pcap(tmp_path / "y", guesses)) == {("bruteforce", ATTACKER)}


def test_a_login_that_is_forbidden_counts_and_a_call_that_is_does_not(tmp_path):
    logins, calls = (
        [
            (number, raw)
            for number in range(FAST)
            for raw in sip(number, 5_060, brings=True, what=what, code=b"403 Forbidden")
        ]
        for what in ("REGISTER", "INVITE")
    )

    assert classes(pcap(tmp_path / "x", logins)) == {("bruteforce", ATTACKER)}
    assert classes(pcap(tmp_path / "y", calls)) == set()
    assert classes(pcap(tmp_path / "z", logins[1::2])) == {("bruteforce", ATTACKER)}
