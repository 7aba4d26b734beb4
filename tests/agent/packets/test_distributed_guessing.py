# SPDX-License-Identifier: Apache-2.0
"""A password tried from address after address is guessing, though none of them tries more than twice."""

from giamsat_agent.packets.distributed_guessing import CLIENTS
from support.capture import SERVER, classes, connection, found, pcap
from support.openssh_wire import KEYS

IN_VAIN = (*KEYS, *((True, b"\x8f" * 60), (False, b"\x8f" * 76)) * 2)
LET_IN = (*KEYS, (True, b"\x8f" * 148), (False, b"\x8f" * 28), (True, b"\x8f" * 200), (False, b"\x8f" * 300))


def tried(every_s, *outcomes, network="203.0.113"):
    """One connection of each client, which comes to this."""
    return [
        one
        for number, data in enumerate(outcomes)
        for one in connection(
            f"{network}.{number % 100 + 1}", SERVER, 22, number * every_s, sport=40_000 + number, data=data
        )
    ]


def test_client_after_client_from_outside_that_one_server_refuses_shows_guessing(tmp_path):
    (told,) = found(pcap(tmp_path / "x", tried(100, *[IN_VAIN] * CLIENTS)))

    assert (told.name, told.targets[0].ip, told.counts["sources"]) == ("bruteforce", SERVER, CLIENTS)
    assert "SSH" in told.words[1]
    assert classes(pcap(tmp_path / "y", tried(100, *[IN_VAIN] * (CLIENTS - 1)))) == set()
    assert classes(pcap(tmp_path / "z", tried(100, *[IN_VAIN] * CLIENTS, network="10.0.1"))) == set()
    assert classes(pcap(tmp_path / "w", tried(200, *[IN_VAIN] * CLIENTS))) == set()


def test_clients_that_a_broken_server_refuses_are_none_nor_who_is_let_in_at_the_second_try(tmp_path):
    broken = tried(1, *[LET_IN] * 100, *[IN_VAIN] * 100)
    again = [
        one
        for number in range(2 * CLIENTS)
        for step, data in enumerate((IN_VAIN, LET_IN))
        for one in connection(
            f"203.0.113.{number + 1}", SERVER, 22, number * 3 + step, sport=40_000 + 2 * number + step, data=data
        )
    ]

    assert classes(pcap(tmp_path / "x", broken)) == set()
    assert classes(pcap(tmp_path / "y", again)) == set()
