# SPDX-License-Identifier: Apache-2.0
import struct

import numpy as np
import pytest

from giamsat_agent.packets.anomaly import Severity
from giamsat_agent.packets.columns import talks
from giamsat_agent.packets.detectors.guessing import REFUSED, REFUSED_BY, SPAN_NS
from giamsat_agent.packets.payloads.logins import MAIL_FLOOR, SSH
from giamsat_agent.packets.refused_logins import SLOW
from support.capture import ATTACKER, CLIENT, IP, SERVER, TCP, classes, connection, found, frame, pcap
from support.openssh_wire import KEYS

CONNECTIONS = SSH.floor
REFUSES = ((True, b"\x8f" * 60), (False, b"\x8f" * 76))
LETS_IN = ((True, b"\x8f" * 148), (False, b"\x8f" * 28))
VAIN = KEYS + REFUSES * 2


SEALED = (*KEYS[:5], (False, KEYS[5][1] + b"\0\0\0\x0c\x0a\x15" + bytes(10)), *KEYS[6:])
TLS = ((False, bytes(104)), (True, b"\x24\0\0\1" + bytes(32)), (True, b"\x16\x03\x01" + bytes(514)))
TRIES = (*TLS, (False, b"\x16\x03\x03" + bytes(1_385)), (True, b"\x17\x03\x03" + bytes(230)))
"""A login to a database over TLS as far as it goes before the answer."""
ALERT = b"\x17\x03\x03\0\x13" + bytes(19)
IS_IN = {
    port: b"\x17\x03\x03" + size.to_bytes(2) + bytes(size) for port, size in ((1433, 400), (3306, 28), (5432, 486))
}
"""What a database tells whom it lets in: of its settings, or just that."""
ERROR, ROWS, LEAVE = ((from_client, b"\x17\x03\x03" + bytes(80)) for from_client in (False, False, True))


@pytest.fixture(autouse=True)
def apart(monkeypatch):
    """No two of these connections share a slot: of those that are read at once one may be missed by chance."""
    monkeypatch.setattr(talks, "_SECRET", np.uint64(1))


def connections(port, count, *, every_s=2.0, client=ATTACKER, data=VAIN):
    return [
        one
        for number in range(count)
        for one in connection(client, SERVER, port, number * every_s, sport=40_000 + number, data=data)
    ]


def test_connection_after_connection_to_ssh_is_guessing(tmp_path):
    (guess,) = found(pcap(tmp_path / "x", connections(22, CONNECTIONS)))

    assert (guess.name, guess.source_ip, guess.counts["connections"]) == ("bruteforce", ATTACKER, CONNECTIONS)


def test_ssh_is_known_by_its_greeting_on_any_port(tmp_path):
    (guess,) = found(pcap(tmp_path / "x", connections(30_022, CONNECTIONS + 1)))

    assert "SSH" in guess.words[1]


def test_many_tries_by_a_few_connections_are_guessing_as_well(tmp_path):
    tries = KEYS + REFUSES * (1 + REFUSED // REFUSED_BY)

    (guess,) = found(pcap(tmp_path / "x", connections(22, REFUSED_BY, data=tries)))

    assert (guess.source_ip, guess.counts["refusals"]) == (ATTACKER, REFUSED)


def test_a_connection_that_is_accepted_again_long_after_is_none(tmp_path):
    accepts = frame(IP(src=SERVER, dst=ATTACKER), TCP(sport=22, dport=40_000, flags="SA"))

    assert classes(pcap(tmp_path / "x", [(0.0, accepts), (SPAN_NS / 1e9 + 1, accepts)])) == set()


def test_a_person_who_forgot_a_password_is_none(tmp_path):
    frames = connections(22, 4, data=KEYS + REFUSES * 4)
    frames += [(20 + at, raw) for at, raw in connections(22, 1, data=KEYS + REFUSES + LETS_IN)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_program_that_is_let_in_each_time_is_none(tmp_path):
    frames = connections(22, 3 * CONNECTIONS, data=KEYS + REFUSES + LETS_IN, every_s=0.5)

    assert classes(pcap(tmp_path / "x", frames)) == set()


@pytest.mark.parametrize("data", [(), KEYS[:2], KEYS[:5]], ids=["silent", "a greeting", "keys"])
def test_a_monitor_that_looks_whether_ssh_is_there_is_none(tmp_path, data):
    assert classes(pcap(tmp_path / "x", connections(22, 3 * CONNECTIONS, data=data))) == set()


def numbered(frames):
    """Segments with the numbers that TCP gives them: how much each end said, and heard of the other."""
    said: dict[tuple[bytes, ...], int] = {}
    told = []
    for at, raw in frames:
        near, far = (raw[26:30], raw[34:36]), (raw[30:34], raw[36:38])
        number, flags = said.setdefault(near + far, 1_000), raw[47]
        # What was said at the beginning is older than the connection.
        numbers = struct.pack("!II", number, said.get(far + near, 0))
        said[near + far] += len(raw) - 54 + (flags >> 1 & 1) + (flags & 1)
        told.append((at, raw[:38] + numbers + raw[46:]))
    return told


def alone(end, frames):
    """What a mirror shows that has one side only."""
    own = bytes(int(part) for part in end.split("."))
    return [one for one in numbered(frames) if one[1][26:30] == own]


def test_a_site_that_asks_its_database_by_a_connection_each_time_is_none_and_refused_logins_are_guessing(tmp_path):
    login = ((False, bytes(80)), (True, b"\x40\0\0\x01" + bytes(64)))
    refused = (*login, (False, b"\x17\0\0\x02\xff\x15\x04#28000Access denied"))
    works = (*login, (False, b"\x07\0\0\x02\0\0\0\x02\0\0\0"), (True, b"\x09\0\0\0\x03SELECT 1"))

    assert classes(pcap(tmp_path / "x", connections(3306, 200, every_s=0.1, data=works))) == set()
    assert classes(pcap(tmp_path / "y", connections(3306, 10, data=refused))) == {("bruteforce", ATTACKER)}


def test_mail_programs_of_an_office_behind_one_address_are_none_and_a_guesser_is_quicker(tmp_path):
    talk = ((True, b"\x16\x03\x01"), (False, bytes(900)), (True, b"\x14\x03"), (True, b"\x17\x03"), (False, b"\x17"))

    assert classes(pcap(tmp_path / "x", connections(993, 80, every_s=1.5, data=talk))) == set()
    # A few more than the floor: two connections that share a slot by chance push each other out.
    many = connections(993, MAIL_FLOOR + 4, every_s=0.5, data=talk)
    assert classes(pcap(tmp_path / "y", many)) == {("bruteforce", ATTACKER)}


def patient(data, port=22, every_s=lambda number: 300 + number * 397 % 900, count=SLOW + 1):
    """Connections one after the other, in so many seconds."""
    frames, at = [], 0
    for number in range(count):
        frames += connection(ATTACKER, SERVER, port, at, sport=40_000 + number, data=data)
        at += every_s(number)
    return frames


@pytest.mark.parametrize(("port", "data"), [(22, KEYS + REFUSES), (22, SEALED + REFUSES), (5432, "tls")])
def test_guessing_that_takes_its_time_shows_within_a_day(tmp_path, port, data):
    frames = patient((*TRIES, ERROR, (True, ALERT), (False, ALERT)) if data == "tls" else data, port)

    (told,) = found(pcap(tmp_path / "x", frames))

    assert (told.name, told.source_ip, told.severity) == ("bruteforce", ATTACKER, Severity.HIGH)
    assert told.counts["refusals"] == SLOW
    last = 40_000 + SLOW
    fewer = [one for one in frames if last not in {int.from_bytes(one[1][34:36]), int.from_bytes(one[1][36:38])}]
    assert classes(pcap(tmp_path / "y", fewer)) == set()


def test_a_program_with_an_old_key_is_told_as_one_and_an_office_that_mistypes_now_and_then_is_none(tmp_path):
    (told,) = found(pcap(tmp_path / "x", patient(KEYS + REFUSES, every_s=lambda _: 300)))
    assert (told.severity, "each 300 seconds" in told.words[1]) == (Severity.MEDIUM, True)

    works = [(30 + at, raw) for at, raw in patient(KEYS + REFUSES + LETS_IN, count=2 * SLOW)]
    vain = patient(KEYS + REFUSES, every_s=lambda number: 900 + number * 397 % 900)
    assert classes(pcap(tmp_path / "y", sorted(works + vain))) == set()


def test_one_login_that_stays_is_none(tmp_path):
    talk = KEYS + LETS_IN + ((True, bytes(80)), (False, bytes(200))) * 200

    assert classes(pcap(tmp_path / "x", connections(22, 1, data=talk))) == set()


def test_a_poll_each_minute_is_none(tmp_path):
    assert classes(pcap(tmp_path / "x", connections(22, 30, every_s=60, client=CLIENT))) == set()


def test_a_browser_that_opens_many_connections_is_none(tmp_path):
    assert classes(pcap(tmp_path / "x", connections(443, 60, every_s=0.1, client=CLIENT, data=()))) == set()


def one_sided(port, count, data, *, by_client):
    """As `connections`, with what one end says alone."""
    side = ATTACKER if by_client else SERVER
    own = bytes(int(part) for part in side.split("."))
    return [one for one in connections(port, count, data=data) if one[1][26:30] == own]


def test_of_the_servers_side_alone_refusals_by_ssh_are_told_from_logins(tmp_path):
    tries = SEALED + REFUSES * (1 + REFUSED // REFUSED_BY)
    vain, work = (one_sided(22, count, data, by_client=False) for count, data in ((2, tries), (30, SEALED + LETS_IN)))

    assert classes(pcap(tmp_path / "x", vain)) == {("bruteforce", ATTACKER)}
    assert classes(pcap(tmp_path / "y", work)) == set()


@pytest.mark.parametrize(
    ("port", "tried", "works"),
    [
        (21, ((True, b"USER a\r\n"), (True, b"PASS b\r\n")), (True, b"PASV\r\n")),
        (5432, ((True, b"\0\0\0\x08start"), (True, b"p\0\0\0\x28md5")), (True, b"Q\0\0\0\x0dSELECT 1\0")),
        (5900, ((True, b"RFB 003.008\n"), (True, b"\x02"), (True, bytes(16))), None),
    ],
    ids=["FTP", "PostgreSQL", "VNC"],
)
def test_of_the_clients_side_alone_tries_are_told_from_work(tmp_path, port, tried, works):
    assert classes(pcap(tmp_path / "x", one_sided(port, 10, tried, by_client=True))) == {("bruteforce", ATTACKER)}
    assert classes(pcap(tmp_path / "y", one_sided(port, 9, tried, by_client=True))) == set()
    if works:
        assert classes(pcap(tmp_path / "z", one_sided(port, 20, (*tried, works), by_client=True))) == set()


def test_of_the_clients_side_alone_ssh_and_calls_that_say_nothing_show_nothing(tmp_path):
    assert classes(pcap(tmp_path / "x", one_sided(22, 30, VAIN, by_client=True))) == set()
    assert classes(pcap(tmp_path / "y", one_sided(21, 30, (), by_client=True))) == set()


def ending(first, port, count, data):
    """Short connections that one end closes, then the other."""
    frames = []
    for number in range(count):
        frames += connection(ATTACKER, SERVER, port, 2.0 * number, sport=40_000 + number, data=data, closed=False)
        ends = [(ATTACKER, SERVER, 40_000 + number, port), (SERVER, ATTACKER, port, 40_000 + number)]
        for at, (source, target, sport, dport) in enumerate(ends if first == "client" else reversed(ends)):
            leave = frame(IP(src=source, dst=target), TCP(sport=sport, dport=dport, flags="FA"))
            frames.append((2.0 * number + 0.1 + at * 0.001, leave))
    return frames


@pytest.mark.parametrize("port", [1433, 3306, 5432])
def test_a_program_that_asks_a_database_over_tls_once_a_connection_is_let_in(tmp_path, port):
    leaves = ending("client", port, 3 * CONNECTIONS, (*TRIES, ROWS, LEAVE))
    is_left = ending("server", port, 3 * CONNECTIONS, (*TRIES, ROWS, LEAVE))
    says_nothing = ending("client", port, 3 * CONNECTIONS, (*TRIES, (False, IS_IN[port]), ROWS, (True, ALERT)))

    for number, frames in enumerate((leaves, is_left, says_nothing)):
        assert classes(pcap(tmp_path / str(number), frames)) == set()


@pytest.mark.parametrize("port", [1433, 3306, 5432])
def test_whom_a_database_tells_no_and_hangs_up_on_guesses_whoever_closes_first(tmp_path, port):
    refused = ending("server", port, CONNECTIONS, (*TRIES, ERROR))
    polite = ending("client", port, CONNECTIONS, (*TRIES, ERROR, (True, ALERT), (False, ALERT)))
    hasty = []
    for number in range(CONNECTIONS):
        begun = ending("client", port, number + 1, TRIES)[-len(TRIES) - 5 :]
        said = frame(IP(src=SERVER, dst=ATTACKER), TCP(sport=port, dport=40_000 + number, flags="PA"), ERROR[1])
        hasty += [*begun, (begun[-1][0] + 0.01, said)]

    for number, frames in enumerate((refused, polite, hasty, alone(SERVER, polite))):
        assert classes(pcap(tmp_path / str(number), frames)) == {("bruteforce", ATTACKER)}


@pytest.mark.parametrize(
    ("port", "data"),
    [
        (3306, (*TRIES, ROWS, LEAVE)),
        (5432, (*TRIES, ROWS, LEAVE)),
        (1433, (*TRIES, (False, IS_IN[1433]), ROWS)),
        (3389, (*TRIES, *(ROWS, LEAVE) * 40)),
        (445, ((True, b"negotiate"), ROWS, (True, b"login"), (False, b"\0\0\1\0\xfdSMB"), LEAVE)),
        (21, ()),
        (445, ()),
        (3306, ((False, bytes(80)),)),
    ],
    ids=["MySQL", "PostgreSQL", "MSSQL", "RDP", "SMB", "a look at FTP", "a look at SMB", "a look at MySQL"],
)
def test_of_the_servers_side_alone_short_connections_at_work_and_looks_at_a_service_are_none(tmp_path, port, data):
    frames = ending("client", port, 3 * CONNECTIONS, data)

    assert classes(pcap(tmp_path / "x", alone(SERVER, frames))) == set()


@pytest.mark.parametrize(
    ("port", "data"),
    [
        *((port, (*TRIES, ERROR)) for port in (1433, 3306, 5432)),
        *((port, (LEAVE, ROWS) * steps) for port, steps in ((3389, 25), (5900, 4))),
    ],
)
def test_of_the_servers_side_alone_tries_in_vain_are_guessing(tmp_path, port, data):
    frames = ending("server", port, CONNECTIONS, data)

    assert classes(pcap(tmp_path / "x", alone(SERVER, frames))) == {("bruteforce", ATTACKER)}


@pytest.mark.parametrize("port", [1433, 3306, 5432])
def test_a_pool_of_connections_over_tls_that_stay_open_is_none(tmp_path, port):
    frames = connections(port, 3 * CONNECTIONS, every_s=1.0, data=(*TRIES, ROWS, LEAVE, ROWS))
    frames = [one for one in frames if not one[1][47] & 1]

    assert classes(pcap(tmp_path / "x", frames)) == set()
    assert classes(pcap(tmp_path / "y", alone(SERVER, frames))) == set()


@pytest.mark.parametrize("port", [1433, 3306, 5432])
def test_of_the_clients_side_alone_how_much_it_heard_tells_whom_a_database_let_in(tmp_path, port):
    works = ending("client", port, 3 * CONNECTIONS, (*TRIES, (False, IS_IN[port]), LEAVE, ROWS, LEAVE))
    in_vain = ending("client", port, CONNECTIONS, (*TRIES, ERROR, (True, ALERT)))
    tickets, quits = (False, b"\x17\x03\x03\0\xfa" + bytes(250)), (True, b"\x17\x03\x03\0\x16" + bytes(22))
    said = (*TRIES, tickets, tickets, (False, IS_IN[port]), LEAVE, ROWS, quits)
    takes_leave = ending("client", port, 3 * CONNECTIONS, said)

    assert classes(pcap(tmp_path / "x", alone(ATTACKER, works))) == set()
    assert classes(pcap(tmp_path / "y", alone(ATTACKER, in_vain))) == {("bruteforce", ATTACKER)}
    assert classes(pcap(tmp_path / "z", alone(ATTACKER, takes_leave))) == set()
