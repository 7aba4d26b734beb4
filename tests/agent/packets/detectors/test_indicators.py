# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.indicator_lists import parsed
from giamsat_agent.packets.reading import read
from giamsat_agent.packets.sources.captures import opened
from support.capture import (
    ATTACKER,
    CLIENT,
    DNS,
    DNSQR,
    IP,
    SERVER,
    TCP,
    UDP,
    IPv6,
    connection,
    frame,
    pcap,
)
from support.handshakes import certificate, segments, spoken

SIX, OWN_SIX = "2001:db8::9", "fd00::5"


def met(path, frames, *entries):
    with opened(pcap(path, frames)) as source:
        findings = read(source, lambda _: None, parsed([("list", "\n".join(entries))]))
    return [
        (one.name, one.source_ip, one.targets[0].ip, one.about["giamsat.anomaly.indicator"])
        for one in findings.anomalies
    ]


def asks(name):
    return [(0, frame(IP(src=CLIENT, dst="10.0.0.53"), UDP(sport=5_000, dport=53), DNS(rd=1, qd=DNSQR(qname=name))))]


def six(flags, *, up):
    ends = IPv6(src=OWN_SIX, dst=SIX) if up else IPv6(src=SIX, dst=OWN_SIX)
    ports = {"sport": 40_000, "dport": 443} if up else {"sport": 443, "dport": 40_000}
    return frame(ends, TCP(**ports, flags=flags))


def test_a_connection_with_a_listed_address_is_told_whoever_begins_it(tmp_path):
    out = connection(CLIENT, ATTACKER, 8_080, 0)
    into = connection(ATTACKER, SERVER, 22, 0)

    assert met(tmp_path / "x", out, ATTACKER) == [("known_bad", CLIENT, ATTACKER, ATTACKER)]
    assert met(tmp_path / "y", into, ATTACKER) == [("known_bad", SERVER, ATTACKER, ATTACKER)]
    assert met(tmp_path / "z", [(0, six("S", up=True)), (0.1, six("SA", up=False))], SIX) == [
        ("known_bad", OWN_SIX, SIX, SIX)
    ]


def test_datagrams_to_it_are_told_and_what_nobody_answers_is_not(tmp_path):
    datagram = [(0, frame(IP(src=CLIENT, dst=ATTACKER), UDP(sport=4_000, dport=4_500), b"x"))]
    probe = [(0, frame(IP(src=ATTACKER, dst=SERVER), TCP(sport=4_000, dport=22, flags="S")))]

    assert met(tmp_path / "x", datagram, ATTACKER) == [("known_bad", CLIENT, ATTACKER, ATTACKER)]
    assert met(tmp_path / "y", probe, ATTACKER) == []
    assert met(tmp_path / "z", datagram, "203.0.113.10", SIX) == []


@pytest.mark.parametrize(
    ("name", "told"), [("c2.evil.example", True), ("evil.example", True), ("evil.example.vn", False)]
)
def test_a_listed_name_is_told_when_it_is_asked_for(tmp_path, name, told):
    expected = [("known_bad", CLIENT, "10.0.0.53", "evil.example")] if told else []

    assert met(tmp_path / "x", asks(name), "evil.example") == expected


def test_a_listed_name_or_fingerprint_is_told_by_the_hello(tmp_path):
    frames = segments(CLIENT, SERVER, spoken(certificate(tmp_path)))
    with opened(pcap(tmp_path / "x", frames)) as source:
        (named,) = read(source, lambda _: None, parsed([("list", "dichvucong.example")])).anomalies

    fingerprint = named.about["tls.client.ja4"]
    assert (named.name, named.about["giamsat.anomaly.indicator"]) == ("known_bad", "dichvucong.example")
    assert met(tmp_path / "y", frames, fingerprint) == [("known_bad", CLIENT, SERVER, fingerprint)]
    assert met(tmp_path / "z", frames, "t13d1516h2_8daaf6152771_e5627efa2ab1") == []
