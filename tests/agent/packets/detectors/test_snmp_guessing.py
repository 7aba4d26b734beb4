# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.detectors.snmp_guessing import TRIED
from support.capture import ATTACKER, CLIENT, IP, SERVER, UDP, classes, frame, pcap


def message(word, kind):
    inner = b"\x02\x01\x01\x04" + bytes([len(word)]) + word + kind + b"\x0b\x02\x01\x07\x02\x01\0\x02\x01\0\x30\0"
    return b"\x30" + bytes([len(inner)]) + inner


def get(word, number, manager=CLIENT):
    return number, frame(IP(src=manager, dst=SERVER), UDP(sport=40_000, dport=161), message(word, b"\xa0"))


def answer(word, number):
    return number, frame(IP(src=SERVER, dst=CLIENT), UDP(sport=161, dport=40_000), message(word, b"\xa2"))


def test_ever_new_communities_are_guessing_and_those_of_a_manager_are_not(tmp_path):
    guesses = [get(b"word%03d" % number, number, ATTACKER) for number in range(TRIED)]
    polls = [get((b"public", b"giamsat", b"private")[number % 3], number) for number in range(300)]
    slowly = [get(b"word%03d" % number, number * 60) for number in range(TRIED)]

    assert classes(pcap(tmp_path / "x", guesses)) == {("bruteforce", ATTACKER)}
    assert classes(pcap(tmp_path / "y", polls)) == set()
    assert classes(pcap(tmp_path / "z", slowly)) == set()


def test_one_community_for_each_part_of_an_agent_and_those_it_answers_to_are_no_guesses(tmp_path):
    vlans = [get(b"public@%d" % number, number) for number in range(3 * TRIED)]
    views = [
        one
        for number in range(3 * TRIED)
        for word in (b"v%d" % number,)
        for one in (get(word, number), answer(word, number))
    ]

    assert classes(pcap(tmp_path / "x", vlans)) == set()
    assert classes(pcap(tmp_path / "y", views)) == set()
