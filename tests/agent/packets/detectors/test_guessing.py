# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.detectors.guessing import CONNECTIONS
from support.capture import ATTACKER, CLIENT, SERVER, classes, connection, found, pcap

SSH = ((False, b"SSH-2.0-OpenSSH_9.2\r\n"), (True, b"SSH-2.0-x\r\n"))


def connections(port, count, *, every_s=2.0, client=ATTACKER, data=SSH):
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


def test_one_login_that_stays_is_none(tmp_path):
    talk = SSH + ((True, bytes(80)), (False, bytes(200))) * 200

    assert classes(pcap(tmp_path / "x", connections(22, 1, data=talk))) == set()


def test_a_poll_each_minute_is_none(tmp_path):
    assert classes(pcap(tmp_path / "x", connections(22, 30, every_s=60, client=CLIENT))) == set()


def test_a_browser_that_opens_many_connections_is_none(tmp_path):
    assert classes(pcap(tmp_path / "x", connections(443, 60, every_s=0.1, client=CLIENT, data=()))) == set()
