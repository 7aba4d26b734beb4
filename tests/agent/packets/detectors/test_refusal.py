# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.refusal import FAST, SLOW
from support.capture import ATTACKER, CLIENT, IP, SERVER, UDP, classes, connection, found, frame, pcap

BASIC = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n"
SMB = b"\0\0\0\x49\xfeSMB\x40\0\0\0\x6d\0\0\xc0\x01\0" + bytes(50)


def talk(port, answer, count, *, client=ATTACKER):
    data = [one for _ in range(count) for one in ((True, b"guess\r\n"), (False, answer))]
    return connection(client, SERVER, port, 0, data=data)


@pytest.mark.parametrize(
    ("port", "answer", "service"),
    [
        (21, b"530 Login incorrect.\r\n", "FTP"),
        (23, b"\r\nLogin incorrect\r\nhost login: ", "Telnet"),
        (25, b"535 5.7.8 Error: authentication failed\r\n", "SMTP"),
        (80, BASIC, "HTTP"),
        (110, b"-ERR [AUTH] Authentication failed.\r\n", "POP3"),
        (143, b"a1 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", "IMAP"),
        (445, SMB, "SMB"),
        (3306, b"\x48\0\0\x02\xff\x15\x04#28000Access denied for user", "MySQL"),
        (5060, b"SIP/2.0 401 Unauthorized\r\n\r\n", "SIP"),
        (5432, b"E\0\0\0\x65SFATAL\0VFATAL\0C28P01\0Mpassword", "PostgreSQL"),
    ],
)
def test_logins_refused_again_and_again_are_guessing_even_within_one_connection(tmp_path, port, answer, service):
    (guess,) = found(pcap(tmp_path / "x", talk(port, answer, FAST)))

    assert (guess.name, guess.source_ip, guess.counts["refusals"]) == ("bruteforce", ATTACKER, FAST)
    assert guess.targets[0].port == port
    assert service in guess.words[1]
    assert classes(pcap(tmp_path / "y", talk(port, answer, FAST - 1))) == set()


def test_sip_over_datagrams_is_looked_at_too(tmp_path):
    ends = IP(src=SERVER, dst=ATTACKER)
    refused = frame(ends, UDP(sport=5060, dport=5060), b"SIP/2.0 403 Forbidden\r\n\r\n")

    assert classes(pcap(tmp_path / "x", [(number, refused) for number in range(FAST)])) == {("bruteforce", ATTACKER)}


@pytest.mark.parametrize(
    ("port", "refused", "let_in"),
    [(80, BASIC, b"HTTP/1.1 200 OK\r\n\r\n"), (5060, b"SIP/2.0 401 Unauthorized\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n")],
)
def test_who_is_asked_once_and_then_let_in_guesses_nothing(tmp_path, port, refused, let_in):
    data = [(False, answer) for _ in range(5 * FAST) for answer in (refused, let_in)]

    assert classes(pcap(tmp_path / "x", connection(CLIENT, SERVER, port, 0, data=data))) == set()


def test_guessing_slowly_shows_within_a_day(tmp_path):
    refused = b"530 Login incorrect.\r\n"
    frames = [
        one
        for number in range(SLOW)
        for one in connection(ATTACKER, SERVER, 21, 1_200 * number, sport=40_000 + number, data=((False, refused),))
    ]

    assert classes(pcap(tmp_path / "x", frames)) == {("bruteforce", ATTACKER)}
