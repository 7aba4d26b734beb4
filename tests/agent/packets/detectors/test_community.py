# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.detectors.community import TRIED
from support.capture import ATTACKER, CLIENT, IP, SERVER, UDP, classes, frame, pcap


def get(word, number, manager=CLIENT):
    inner = b"\x02\x01\x01\x04" + bytes([len(word)]) + word + b"\xa0\x0b\x02\x01\x07\x02\x01\0\x02\x01\0\x30\0"
    return number, frame(
        IP(src=manager, dst=SERVER), UDP(sport=40_000, dport=161), b"\x30" + bytes([len(inner)]) + inner
    )


def test_ever_new_communities_are_guessing_and_those_of_a_manager_are_not(tmp_path):
    guesses = [get(b"word%03d" % number, number, ATTACKER) for number in range(TRIED)]
    polls = [get((b"public", b"giamsat", b"private")[number % 3], number) for number in range(300)]
    slowly = [get(b"word%03d" % number, number * 60) for number in range(TRIED)]

    assert classes(pcap(tmp_path / "x", guesses)) == {("bruteforce", ATTACKER)}
    assert classes(pcap(tmp_path / "y", polls)) == set()
    assert classes(pcap(tmp_path / "z", slowly)) == set()
