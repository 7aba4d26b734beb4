# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.dns_forgery import GUESSES
from support.capture import CLIENT, DNS, DNSQR, DNSRR, IP, SERVER, UDP, Ether, found, pcap

NAME = "dichvucong.nghean.gov.vn"
ROUTER, HOST, EVIL = "02:00:00:00:00:01", "02:00:00:00:00:05", "06:00:00:00:00:66"


def asks(number=7, name=NAME, port=50_000):
    datagram = IP(src=CLIENT, dst=SERVER) / UDP(sport=port, dport=53)
    return bytes(Ether(src=HOST, dst=ROUTER) / datagram / DNS(id=number, rd=1, qd=DNSQR(qname=name)))


def answers(*addresses, number=7, name=NAME, port=50_000, mac=ROUTER, ttl=57, code=0):
    records = [DNSRR(rrname=name, type="A", ttl=60, rdata=one) for one in addresses]
    datagram = IP(src=SERVER, dst=CLIENT, ttl=ttl) / UDP(sport=53, dport=port)
    message = DNS(id=number, qr=1, rcode=code, qd=DNSQR(qname=name), an=records)
    return bytes(Ether(src=mac, dst=HOST) / datagram / message)


def told(tmp_path, frames):
    return [(one.name, one.source_ip, one.source_mac) for one in found(pcap(tmp_path / "x", frames))]


TRUE = answers("192.0.2.10", "192.0.2.11")


@pytest.mark.parametrize(
    "forged",
    [answers("203.0.113.9", mac=EVIL), answers("203.0.113.9", mac=EVIL, ttl=64)],
    ids=["another neighbour", "and another distance"],
)
def test_an_answer_before_the_servers_own_is_forged(tmp_path, forged):
    assert told(tmp_path, [(0, asks()), (0.001, forged), (0.02, TRUE)]) == [("dns_forgery", SERVER, EVIL)]


def test_an_answer_from_afar_before_one_that_there_is_no_such_name_is_forged(tmp_path):
    frames = [(0, asks()), (0.001, answers("203.0.113.9", ttl=44)), (0.02, answers(code=3))]

    assert told(tmp_path, frames) == [("dns_forgery", SERVER, ROUTER)]


@pytest.mark.parametrize(
    "frames",
    [
        [(0, asks()), (0.02, TRUE), (0.03, answers("192.0.2.11", "192.0.2.10", ttl=56, mac=EVIL))],
        [(0, asks()), (1, asks()), (1.02, TRUE), (1.03, answers("192.0.2.12", ttl=55))],
        [(0, asks()), (0.02, TRUE), (0.03, answers("192.0.2.12"))],
        [(0.02, TRUE), (0.03, answers("203.0.113.9", ttl=40))],
        [(0, asks()), (0.02, TRUE), (60, asks()), (60.02, answers("203.0.113.9", ttl=40))],
        [(0, asks()), (0.02, answers(code=2, ttl=40)), (0.03, TRUE)],
    ],
    ids=[
        "the same addresses by another way",
        "asked again, and another of its servers answers",
        "the same sender",
        "answers whose question is not seen",
        "the number comes round",
        "a failure before the answer",
    ],
)
def test_what_a_server_says_is_not_forged(tmp_path, frames):
    assert told(tmp_path, frames) == []


def guessed(count, name=NAME):
    return [(0.1 + number * 0.001, answers("203.0.113.9", number=1_000 + number, name=name)) for number in range(count)]


def test_answers_with_guessed_numbers_are_forged(tmp_path):
    assert told(tmp_path, [(0, asks()), *guessed(GUESSES)]) == [("dns_forgery", SERVER, ROUTER)]


@pytest.mark.parametrize(
    "frames",
    [
        guessed(3 * GUESSES),
        [(0, asks()), *guessed(3 * GUESSES, "khac.example")],
        [(0, asks()), *guessed(GUESSES - 1)],
        [(0, asks()), *((0.1, answers("192.0.2.10", number=9)) for _ in range(3 * GUESSES))],
    ],
    ids=["nobody asked: a flood that amplifies", "another name was asked for", "a few", "one that comes again"],
)
def test_answers_that_guess_nothing_are_not_forged(tmp_path, frames):
    assert told(tmp_path, frames) == []
