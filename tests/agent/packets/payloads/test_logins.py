# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.payloads.logins import ALERT, ALERTS, NEW_KEYS, SERVICES, SSH, Attempt
from support.capture import ATTACKER, SERVER, connection, found, pcap


def spoke(service, *said):
    """A connection: bytes are the client's, numbers the length of what the server says."""
    attempt = Attempt(0, 0)
    for one in said:
        if isinstance(one, int):
            attempt.server(service, one, b"")
        else:
            attempt.client(service, one)
    return attempt


BEGUN = (41, b"SSH-2.0-x", b"kex", 1_088, b"kex", 208, NEW_KEYS + b"\x0a")
"""As OpenSSH 9.2 begins, but for the lengths of what the client says."""


@pytest.mark.parametrize(
    ("accepts", "refuses", "lets_in"),
    [(44, 76, 28), (52, 76, 36), (64, 96, 48), (68, 100, 52), (100, 132, 84)],
    ids=["chacha20-poly1305", "aes-gcm", "aes-ctr with a hash", "and encrypted first", "a long hash"],
)
def test_whoever_ssh_lets_in_is_told_from_whoever_it_refuses_by_lengths(accepts, refuses, lets_in):
    asked = (b"service", accepts, b"none", refuses, b"password", refuses, b"password", refuses)

    assert spoke(SSH, *BEGUN, *asked).is_guess(SSH)
    assert spoke(SSH, *BEGUN, *asked).refused == 3
    assert not spoke(SSH, *BEGUN, *asked, b"password", lets_in).is_guess(SSH)


def test_the_server_s_side_alone_tells_by_its_own_last_message_in_the_clear():
    def answered(*sizes):
        attempt = Attempt(0, 0)
        for content in (b"SSH-2.0-x", b"kex", b"kex reply" + NEW_KEYS + b"\x0a\x15" + bytes(10)):
            attempt.server(SSH, len(content), content)
        for size in sizes:
            attempt.server(SSH, size, b"")
        return attempt

    assert answered(44, 76, 76).is_guess(SSH)
    assert answered(44, 76, 76).refused == 2
    assert not answered(44, 76, 28).is_guess(SSH)


def test_who_asks_a_server_for_its_greeting_and_its_keys_only_guesses_nothing():
    assert not spoke(SSH, *BEGUN[:2]).is_guess(SSH)
    assert not spoke(SSH, *BEGUN[:5]).is_guess(SSH)


SEARCH = bytes.fromhex("30250201026320040064656661756c74")
BOUND = bytes.fromhex("300c020101600702010304008000")


@pytest.mark.parametrize(
    ("port", "tried", "works"),
    [
        (3306, (b"\x20\0\0\x01login",), (b"\x09\0\0\0\x03SELECT 1",)),
        (5432, (b"\0\0\0\x08start", b"p\0\0\0\x28md5"), (b"Q\0\0\0\x0dSELECT 1\0",)),
        (445, (b"\0\0\0\x44\xfeSMB" + bytes(12), b"\0\0\0\x44\xfeSMB" + bytes(8) + b"\x01" + bytes(3)),
         (b"\0\0\0\x44\xfeSMB" + bytes(8) + b"\x03" + bytes(3),)),
        (389, (bytes.fromhex("300e020101600902010304008002") + b"pw",), (SEARCH,)),
        (389, (bytes.fromhex("300e020101600902010304008002") + b"pw",), (BOUND,)),
        (21, (b"USER a\r\n", b"PASS b\r\n"), (b"PASV\r\n",)),
        (143, (b"a1 LOGIN a b\r\n",), (b"a2 select INBOX\r\n",)),
        (110, (b"USER a\r\n", b"PASS b\r\n"), (b"STAT\r\n",)),
        (587, (b"EHLO a\r\n", b"AUTH PLAIN x\r\n", b"QUIT\r\n"), (b"MAIL FROM:<a>\r\n",)),
        (3389, (b"x",) * 28, (b"x",) * 40),
    ],
)  # fmt: skip
def test_a_client_that_was_let_in_shows_it_by_what_it_says_next(port, tried, works):
    service = SERVICES[port]
    refused, at_work = spoke(service, *tried), spoke(service, *tried, *works)
    for one in (refused, at_work):
        one.ended()

    assert refused.is_guess(service)
    assert not at_work.is_guess(service)


@pytest.mark.parametrize("port", SERVICES)
def test_whoever_only_looks_whether_a_service_is_there_guesses_nothing(port):
    attempt = spoke(SERVICES[port])
    attempt.heard = True

    assert not attempt.is_guess(SERVICES[port])


@pytest.mark.parametrize("port", SERVICES)
@pytest.mark.parametrize("content", [b"", b"\0", b"\x30\xff", b"\x30\x84\0\0", bytes(7), b"\xff" * 128])
def test_any_bytes_are_taken(port, content):
    spoke(SERVICES[port], content, 0, content)


@given(st.sampled_from([b"", b"\0\0\0\x04\xffSMB", b"\0\0\0\x04\xfeSMB", b"\x30\x84", b"Q"]), st.binary(max_size=24))
def test_whatever_a_client_says_and_wherever_it_ends_it_is_looked_at(beginning, rest):
    said = beginning + rest
    takes_leave = said[:2] == ALERT or (said[:2] == b"\x17\x03" and len(said) in ALERTS)
    for service in SERVICES.values():
        assert spoke(service, said).said == (not takes_leave)


def test_mysql_lets_in_by_a_short_answer_and_ending_in_order_is_no_work():
    service, login, end = SERVICES[3306], b"\x20\0\0\x01login", b"\x01\0\0\0\x01"

    assert not spoke(service, 80, login, 11, end).is_guess(service)
    for refusal in (72, 6):
        refused = spoke(service, 80, login, refusal)
        refused.ended()
        refused.client(service, end)
        assert refused.is_guess(service)


@pytest.mark.parametrize("size", [0x15, 0x17])
def test_a_question_whose_length_looks_like_a_record_of_tls_is_work(size):
    service, login = SERVICES[3306], b"\x20\0\0\x01login"
    asks = bytes([size, 0, 0, 0, 3]) + b"x" * (size - 1)

    assert spoke(service, 80, login, 72, asks).worked
    assert not spoke(service, 80, login, 72, b"\x15\x03\x03\0\x02\1\0").worked


@pytest.mark.parametrize("port", [1433, 3306, 5432])
def test_who_stays_at_a_service_that_hangs_up_on_whom_it_refuses_was_let_in(port):
    service = SERVICES[port]
    stays = spoke(service, b"hello", 80, b"login", 90)

    assert not stays.is_guess(service)
    stays.ended()
    assert stays.is_guess(service)


def heard(service, *said):
    """A connection as the server alone shows it: numbers are how much more it acknowledges, bytes what it says."""
    attempt, up_to = Attempt(0, 0, 2**32 - 50), 2**32 - 50
    for one in said:
        if isinstance(one, int):
            up_to = (up_to + one) % 2**32
            attempt.acknowledged(service, up_to, by_server=True)
        else:
            attempt.server(service, len(one), one)
    return attempt


SMB2 = b"\0\0\0\x49\xfeSMB\x40\0\0\0"


@pytest.mark.parametrize(
    ("port", "said", "refuses", "lets_in"),
    [
        (3306, (bytes(80), 90), b"\xff" * 70, b"\x07\0\0\2\0\0\0\2\0\0\0"),
        (5432, (8, b"R\0\0\0\x17", 60), b"E" * 90, b"R\0\0\0\x0c\0\0\0\x0cR\0\0\0\x08\0\0\0\0S"),
        (1433, (40, b"\4" + bytes(40), 150), b"\4\1\0\x60\0\0\1\0\xaa", b"\4\1\1\x60\0\0\1\0\xe3"),
        (445, (200, SMB2 + bytes(8), 90, SMB2 + b"\1" + bytes(7), 300), SMB2 + b"\1", SMB2 + bytes(4) + b"\3\0"),
        (445, (200, SMB2 + bytes(8), 90, SMB2 + b"\1" + bytes(7), 300), SMB2 + b"\1", b"\0\0\1\0\xfdSMB"),
        (389, (30,), bytes.fromhex("300c02010161070a013104000400"), bytes.fromhex("300c02010161070a010004000400")),
        (21, (b"220 hello", 8, b"331 password", 8), b"530 no", b"230 welcome"),
        (587, (b"220 hello", 8, b"250 AUTH", 8, b"334", 20), b"535 no", b"235 2.7.0"),
        (5985, (300, b"HTTP/1.1 401", 500), b"HTTP/1.1 401", b"HTTP/1.1 200 OK"),
        (27017, (50, b"saslStart", 80), b"\1ok\0\0\0", b"\x08done\0\1\1ok\0"),
    ],
    ids=["MySQL", "PostgreSQL", "MSSQL", "SMB", "encrypted SMB", "LDAP", "FTP", "SMTP", "WinRM", "MongoDB"],
)  # fmt: skip
def test_of_the_servers_side_alone_its_own_words_tell_who_was_let_in(port, said, refuses, lets_in):
    service = SERVICES[port]
    refused, at_work = heard(service, *said, refuses), heard(service, *said, lets_in)
    for one in (refused, at_work):
        one.ended()

    assert refused.is_guess(service)
    assert not at_work.is_guess(service)


def test_the_end_of_a_client_is_nothing_said_and_what_goes_back_was_heard_already():
    service = SERVICES[3389]

    assert heard(service, 40, 500, 70, 1).said == 3
    assert heard(service, 40, -40, 40, 0).said == 2
    seen = heard(service, 40)
    seen.client(service, b"x")
    seen.acknowledged(service, 0, by_server=True)
    assert seen.said == 2


def test_an_answer_to_the_exchange_of_keys_that_was_not_captured_whole_is_behind_the_clear_as_well():
    attempt = Attempt(0, 0)
    for size, content in ((41, b"SSH-2.0-x"), (1_088, bytes(5) + b"\x14"), (900, bytes(5) + b"\x1f" + bytes(300))):
        attempt.server(SSH, size, content)
    for size in (44, 76, 76):
        attempt.server(SSH, size, b"")

    assert attempt.refused == 2
    attempt.server(SSH, 28, b"")
    assert attempt.worked


@pytest.mark.parametrize(("name", "greeting"), [("VNC", b"RFB 003.008\n"), ("RDP", b"\3\0\0\x13\x0e\xd0" + bytes(13))])
def test_screens_are_known_by_their_greeting_on_any_port(tmp_path, name, greeting):
    data = ((False, greeting), *((True, bytes(60)), (False, bytes(90))) * 4)
    frames = [
        one
        for number in range(SSH.floor + 1)
        for one in connection(ATTACKER, SERVER, 30_089, 2 * number, sport=40_000 + number, data=data)
    ]

    (guess,) = found(pcap(tmp_path / "x", frames))

    assert name in guess.words[1]
