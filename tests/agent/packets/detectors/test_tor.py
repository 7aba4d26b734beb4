# SPDX-License-Identifier: Apache-2.0
import pytest

from support.capture import CLIENT, DNS, DNSQR, IP, UDP, classes, frame, pcap
from support.handshakes import certificate, segments, spoken

RELAYS = ("203.0.113.9", "198.51.100.7")


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


def greets(held, names, *, alpn=()):
    frames = []
    for number, (name, relay) in enumerate(zip(names, RELAYS, strict=False)):
        turns = spoken(held, name=name, alpn=alpn)
        frames += segments(CLIENT, relay, turns, port=9_001, sport=40_000 + number, after=number)
    return frames


def asks(name, after=-1):
    ends = IP(src=CLIENT, dst="10.0.0.53")
    return (after, frame(ends, UDP(sport=5_000, dport=53), DNS(rd=1, qd=DNSQR(qname=name))))


MADE_UP = ("www.ivq3kw7hx2d.com", "www.q5zjm2fcay.com")


def test_made_up_names_that_nobody_asked_for_and_no_protocol_are_tor(tmp_path, held):
    assert classes(pcap(tmp_path / "x", greets(held, MADE_UP))) == {("tor", CLIENT)}


def test_one_may_be_chance_and_what_was_asked_for_or_is_a_browsers_is_none(tmp_path, held):
    assert classes(pcap(tmp_path / "a", greets(held, MADE_UP[:1]))) == set()
    assert classes(pcap(tmp_path / "b", greets(held, MADE_UP, alpn=("h2",)))) == set()
    assert classes(pcap(tmp_path / "c", [asks(MADE_UP[0]), *greets(held, MADE_UP)])) == set()
    assert classes(pcap(tmp_path / "d", greets(held, ("www.vietnamnet.com", "www.congthuong2.com.vn")))) == set()


def test_a_name_that_only_tor_knows_is_told_when_dns_is_asked(tmp_path):
    assert classes(pcap(tmp_path / "x", [asks("duckduckgogg42xjoc72x3sj.onion", 0)])) == {("tor", CLIENT)}
    assert classes(pcap(tmp_path / "y", [asks("onion.example.vn", 0)])) == set()
