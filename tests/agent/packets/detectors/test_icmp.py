# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest

from giamsat_agent.packets.detectors.icmp import FEW, LARGE, MANY
from support.capture import ATTACKER, CLIENT, ICMP, IP, SERVER, IPv6, classes, frame, pcap

RNG = random.Random(5)


def echo(number, data, source=ATTACKER):
    return frame(IP(src=source, dst=SERVER), ICMP(type=8, id=7, seq=number), data)


def reply(number, data, target=ATTACKER):
    return frame(IP(src=SERVER, dst=target), ICMP(type=0, id=7, seq=number), data)


def test_large_echoes_whose_number_never_changes_are_a_tunnel(tmp_path):
    frames = [(number * 10, echo(1234, RNG.randbytes(LARGE))) for number in range(FEW)]

    assert classes(pcap(tmp_path / "x", frames)) == {("icmp_tunnel", ATTACKER)}


def test_large_echoes_of_one_byte_are_none_be_it_that_their_number_never_changes(tmp_path):
    frames = [(number, echo(295 + number % 2, bytes(120 + 30 * (number % 2)))) for number in range(4 * FEW)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_replies_that_differ_from_what_was_sent_are_a_tunnel(tmp_path):
    frames = [
        (number, raw)
        for number in range(FEW)
        for raw in (echo(number, RNG.randbytes(LARGE)), reply(number, RNG.randbytes(LARGE)))
    ]

    assert classes(pcap(tmp_path / "x", frames)) == {("icmp_tunnel", ATTACKER)}


def test_a_large_ping_that_gets_back_what_it_sent_is_none(tmp_path):
    frames = []
    for number in range(100):
        data = RNG.randbytes(16) + bytes(range(256)) * 5
        frames += [(number, echo(number, data, CLIENT)), (number + 0.01, reply(number, data, CLIENT))]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_data_that_is_another_each_time_is_a_tunnel_even_when_the_kernel_returns_it(tmp_path):
    frames = []
    for number in range(MANY):
        data = b"%060d" % RNG.getrandbits(190)
        frames += [(number, echo(number, data)), (number + 0.01, reply(number, data))]

    assert classes(pcap(tmp_path / "x", frames)) == {("icmp_tunnel", ATTACKER)}


@pytest.mark.parametrize("side", [echo, reply])
def test_of_one_side_alone_data_that_is_another_each_time_is_a_tunnel_and_a_ping_is_none(tmp_path, side):
    def sent(*data):
        return [(number, side(number, one)) for number, one in enumerate(data)]

    short, data = RNG.randbytes(28), [RNG.randbytes(90) for _ in range(MANY)]
    pings = [RNG.randbytes(16) + bytes(range(16, 56)) for _ in range(4 * MANY)]

    assert classes(pcap(tmp_path / "x", sent(*[one for each in data for one in (short, each)]))) == {
        ("icmp_tunnel", ATTACKER)
    }
    assert classes(pcap(tmp_path / "y", sent(*pings))) == set()
    assert classes(pcap(tmp_path / "z", sent(*[RNG.randbytes(28) for _ in range(4 * MANY)]))) == set()


def test_short_answers_that_nobody_sent_are_a_tunnel(tmp_path):
    frames = [
        (number, raw)
        for number in range(FEW)
        for raw in (echo(number, b"what next?"), reply(number, b"%d" % (number + 1)))
    ]

    assert classes(pcap(tmp_path / "x", frames)) == {("icmp_tunnel", ATTACKER)}


def test_a_host_that_answers_more_than_it_is_asked_is_the_end_of_a_tunnel(tmp_path):
    ends = [(number, echo(number, b"x" * 28)) for number in range(2)]
    ends += [(2 + number, reply(number, b"x" * 28 + RNG.randbytes(60))) for number in range(2, 2 + FEW)]

    assert classes(pcap(tmp_path / "x", ends)) == {("icmp_tunnel", ATTACKER)}


def test_echoes_of_many_lengths_are_a_tunnel_once_answers_differ_and_a_search_for_the_mtu_is_none(tmp_path):
    asks = [(number, echo(number, bytes(28 + 40 * number))) for number in range(3)]
    answers = [(number + 0.1, reply(number, bytes(28 + 40 * number))) for number in range(3)]
    more = [(number + 0.2, reply(number, b"answer")) for number in range(2)]

    assert classes(pcap(tmp_path / "x", sorted(asks + answers + more))) == {("icmp_tunnel", ATTACKER)}
    assert classes(pcap(tmp_path / "y", sorted(asks + answers))) == set()


def test_a_ping_of_which_a_capture_missed_some_or_one_side_is_none(tmp_path):
    data = bytes(range(16, 72))
    pings = [one for n in range(60) for one in ((n, echo(n, data)), (n + 0.01, reply(n, data)))]
    missed = [one for number, one in enumerate(pings) if number not in {0, 10, 20, 30, 40, 50}]

    assert classes(pcap(tmp_path / "x", missed)) == set()
    assert classes(pcap(tmp_path / "y", pings[1::2])) == set()


def test_a_ping_of_which_a_capture_missed_more_questions_than_answers_is_none(tmp_path):
    frames = []
    for number in range(6 * FEW):
        data = RNG.randbytes(16) + bytes(range(16, 56))
        seen = [echo(number, data, CLIENT)] if number % 3 == 0 else []
        frames += [(number + 0.1 * part, raw) for part, raw in enumerate([*seen, reply(number, data, CLIENT)])]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_replies_that_are_cut_off_are_no_others(tmp_path):
    sent = [RNG.randbytes(16) + bytes(range(16, 200)) for _ in range(20)]
    frames = [(n, raw) for n, data in enumerate(sent) for raw in (echo(n, data, CLIENT), reply(n, data[:68], CLIENT))]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_tunnel_over_ipv6_is_found_as_well_and_a_ping_is_none(tmp_path):
    up, down = IPv6(src="2001:db8::5", dst="2001:db8:1::9"), IPv6(src="2001:db8:1::9", dst="2001:db8::5")

    def talk(answer):
        return [
            (number, raw)
            for number in range(2 * FEW)
            for data in (bytes(8) + RNG.randbytes(8) + bytes(range(16, 56)),)
            for raw in (
                frame(up, ICMPv6EchoRequest(id=7, seq=number, data=data)),
                frame(down, ICMPv6EchoReply(id=7, seq=number, data=answer(data))),
            )
        ]

    assert classes(pcap(tmp_path / "x", talk(lambda _: RNG.randbytes(64)))) == {("icmp_tunnel", "2001:db8::5")}
    assert classes(pcap(tmp_path / "y", talk(lambda data: data))) == set()


def test_replies_that_a_capture_shows_before_what_they_answer_are_none(tmp_path):
    data = bytes(range(16, 72))
    swapped = [one for n in range(20) for one in ((n, reply(n, data, CLIENT)), (n, echo(n, data, CLIENT)))]

    assert classes(pcap(tmp_path / "x", swapped)) == set()
