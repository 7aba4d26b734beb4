# SPDX-License-Identifier: Apache-2.0
"""A password tried on server after server is guessing, though none of them refuses more than one try."""

import pytest

from giamsat_agent.packets.password_spraying import SERVERS
from support.capture import CLIENT, classes, connection, found, pcap
from support.openssh_wire import KEYS

REFUSED = ((False, b"220 ready\r\n"), (True, b"PASS x\r\n"), (False, b"530 Login incorrect.\r\n"))
IN_VAIN = (*KEYS, *((True, b"\x8f" * 60), (False, b"\x8f" * 76)) * 2)
LET_IN = (*KEYS, (True, b"\x8f" * 148), (False, b"\x8f" * 28), (True, b"\x8f" * 200), (False, b"\x8f" * 300))


def tried(port, every_s, *outcomes):
    return [
        one
        for number, data in enumerate(outcomes)
        for one in connection(CLIENT, f"10.0.1.{number + 1}", port, number * every_s, sport=40_000 + number, data=data)
    ]


@pytest.mark.parametrize(("port", "data", "name"), [(21, REFUSED, "FTP"), (22, IN_VAIN, "SSH")])
def test_server_after_server_that_refuses_one_client_shows_guessing(tmp_path, port, data, name):
    (spray,) = found(pcap(tmp_path / "x", tried(port, 2, *[data] * SERVERS)))

    assert (spray.name, spray.source_ip, len(spray.targets)) == ("bruteforce", CLIENT, SERVERS)
    assert name in spray.words[1]
    assert classes(pcap(tmp_path / "y", tried(port, 2, *[data] * (SERVERS - 1)))) == set()
    assert classes(pcap(tmp_path / "z", tried(port, 60, *[data] * SERVERS))) == set()


def test_who_is_let_in_by_most_or_at_the_second_try_is_at_work(tmp_path):
    of_many = [IN_VAIN if number % 3 == 0 else LET_IN for number in range(3 * SERVERS)]
    again = sorted(
        one
        for number in range(2 * SERVERS)
        for step, data in enumerate((IN_VAIN, LET_IN))
        for one in connection(
            CLIENT, f"10.0.1.{number + 1}", 22, number * 3 + step, sport=40_000 + 2 * number + step, data=data
        )
    )

    assert classes(pcap(tmp_path / "x", tried(22, 1, *of_many))) == set()
    assert classes(pcap(tmp_path / "y", again)) == set()
