# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.distributed_guessing import CLIENTS
from giamsat_agent.packets.refused_logins import FAST
from support.capture import ATTACKER, CLIENT, SERVER, classes, connection, found, pcap

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
        (110, b"-ERR [AUTH] Authentication failed.\r\n", "POP3"),
        (143, b"a1 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", "IMAP"),
        (445, SMB, "SMB"),
        (3306, b"\x48\0\0\x02\xff\x15\x04#28000Access denied for user", "MySQL"),
        (5432, b"E\0\0\0\x65SFATAL\0VFATAL\0C28P01\0Mpassword", "PostgreSQL"),
        (2_121, b"530 Login incorrect.\r\n", "FTP"),
        (2_525, b"535 5.7.8 Error: authentication failed\r\n", "SMTP"),
        (3_307, b"\x48\0\0\x02\xff\x15\x04#28000Access denied for user", "MySQL"),
        (5_433, b"E\0\0\0\x65SFATAL\0VFATAL\0C28P01\0Mpassword", "PostgreSQL"),
        (5_911, b"\0\0\0\1\0\0\0\x16Authentication failed\0", "VNC"),
        (6_380, b"-WRONGPASS invalid username-password pair or user is disabled.\r\n", "Redis"),
    ],
)
def test_logins_refused_again_and_again_are_guessing_even_within_one_connection(tmp_path, port, answer, service):
    (guess,) = found(pcap(tmp_path / "x", talk(port, answer, FAST)))

    assert (guess.name, guess.source_ip, guess.counts["refusals"]) == ("bruteforce", ATTACKER, FAST)
    assert guess.targets[0].port == port
    assert service in guess.words[1]
    assert classes(pcap(tmp_path / "y", talk(port, answer, FAST - 1))) == set()


def test_what_a_mail_server_does_not_know_is_no_refusal(tmp_path):
    data = [
        one for word in (b"CAPA", b"AUTH") for one in ((True, word + b"\r\n"), (False, b"-ERR unknown command\r\n"))
    ]
    frames = [
        one for number in range(20) for one in connection(CLIENT, SERVER, 110, number, sport=40_000 + number, data=data)
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_what_else_begins_so_is_no_refusal(tmp_path):
    for answer in (
        b"530 5.7.0 Must issue a STARTTLS command first\r\n",
        b"E\0\0\0\x41SERROR\0C42P01\0",
        b"-ERR unknown\r\n",
    ):
        assert classes(pcap(tmp_path / "x", talk(7_000, answer, 3 * FAST))) == set()


SMB_SET_UP = b"\0\0\0\x49\xfeSMB\x40\0\1\0\0\0\0\0\1\0" + bytes(50) + b"\x09\0\0\0" + bytes(8)
LOGINS = [
    (21, b"530 Login incorrect.\r\n", b"230 Login successful.\r\n", "FTP"),
    (25, b"535 5.7.8 Error: authentication failed\r\n", b"235 2.7.0 Authentication successful\r\n", "SMTP"),
    (110, b"-ERR [AUTH] Authentication failed.\r\n", b"+OK Logged in.\r\n", "POP3"),
    (143, b"a1 NO [AUTHENTICATIONFAILED] no.\r\n", b"a1 OK [CAPABILITY IMAP4rev1] Logged in\r\n", "IMAP"),
    (445, SMB, SMB_SET_UP, "SMB"),
]


def tried(port, answers, *, network="203.0.113", since=0, every_s=20, clients=CLIENTS):
    """One connection of each client, to which the server says this."""
    return [
        one
        for number in range(clients)
        for one in connection(
            f"{network}.{number % 200 + 1}",
            SERVER,
            port,
            since + number * every_s,
            sport=40_000 + since + number,
            data=[one for answer in answers for one in ((True, b"guess\r\n"), (False, answer))],
        )
    ]


@pytest.mark.parametrize(("port", "refuses", "lets_in", "service"), LOGINS)
def test_client_after_client_from_outside_that_one_server_refuses_once_shows_guessing(
    tmp_path, port, refuses, lets_in, service
):
    (told,) = found(pcap(tmp_path / "x", tried(port, [refuses])))

    assert (told.name, told.targets[0].ip, told.counts["sources"]) == ("bruteforce", SERVER, CLIENTS)
    assert service in told.words[1]
    assert classes(pcap(tmp_path / "y", tried(port, [refuses], clients=CLIENTS - 1))) == set()
    assert classes(pcap(tmp_path / "z", tried(port, [refuses], network="10.0.1"))) == set()
    assert classes(pcap(tmp_path / "w", tried(port, [refuses, lets_in]))) == set()


def test_a_server_that_refuses_whom_it_knows_is_broken(tmp_path):
    known = tried(21, [b"230 Login successful.\r\n"], clients=2 * CLIENTS, every_s=1)
    refused = tried(21, [b"530 Login incorrect.\r\n"], clients=2 * CLIENTS, every_s=1, since=1_000)

    assert classes(pcap(tmp_path / "x", known + refused)) == set()
    assert ("bruteforce", "203.0.113.1") in classes(pcap(tmp_path / "y", refused))


def test_a_server_of_which_nobody_sees_whom_it_lets_in_is_left_alone(tmp_path):
    assert classes(pcap(tmp_path / "x", tried(23, [b"\r\nLogin incorrect\r\n"], clients=2 * CLIENTS))) == set()
