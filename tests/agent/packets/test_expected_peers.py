# SPDX-License-Identifier: Apache-2.0
"""Who was led to hosts by their names looks for none, whatever becomes of the calls."""

import pytest

from support.capture import CLIENT, DNS, DNSQR, DNSRR, IP, TCP, UDP, IPv6, classes, connection, frame, pcap

HOSTS = range(1, 31)
ASKER = "2001:db8:1::5"
CALLS = {
    "by IPv6": lambda host: (IPv6(src=ASKER, dst=f"2001:db8:99::{host:x}"), TCP(sport=40_000, dport=443, flags="S")),
    "by QUIC": lambda host: (IP(src=CLIENT, dst=f"203.0.113.{host}"), UDP(sport=40_000, dport=443), bytes(1_200)),
    "for names": lambda host: (IPv6(src=ASKER, dst=f"2001:db8:99::{host:x}"), UDP(sport=40_000, dport=53), bytes(40)),
}


def answer(host):
    """DNS gives both addresses of a host: one for the name, the other along with it."""
    name = f"trang{host}.example.vn"
    records = DNSRR(rrname=name, type="AAAA", rdata=f"2001:db8:99::{host:x}", ttl=60)
    others = DNSRR(rrname=f"ns.{name}", rdata=f"203.0.113.{host}", ttl=60)
    message = DNS(qr=1, qd=DNSQR(qname=name, qtype="AAAA"), an=records, ar=others, ancount=1, arcount=1)
    return frame(IP(src="10.0.0.53", dst=CLIENT), UDP(sport=53, dport=40_001), message)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_hosts_whose_address_dns_gave_are_not_looked_for_and_others_are(tmp_path, call):
    calls = [(host + 0.5, frame(*call(host))) for host in HOSTS]
    led = [(host, answer(host)) for host in HOSTS]

    assert classes(pcap(tmp_path / "x", sorted(led + calls))) == set()
    assert {name for name, _ in classes(pcap(tmp_path / "y", calls))} <= {"scan_tcp_horizontal", "host_discovery"}
    assert classes(pcap(tmp_path / "y", calls)) != set()


def test_a_name_hides_no_scan_of_ports_and_no_search_on_a_port_of_administration(tmp_path):
    ports = [(1 + at, frame(IP(src=CLIENT, dst="203.0.113.1"), TCP(dport=at + 1, flags="S"))) for at in range(20)]
    shares = [
        (100 + at, frame(IP(src="10.0.0.6", dst=f"203.0.113.{at}"), TCP(sport=at + 9, dport=445, flags="S")))
        for at in HOSTS
    ]
    led = [(0.01 * host, answer(host)) for host in HOSTS]

    assert classes(pcap(tmp_path / "x", led + ports + shares)) == {
        ("scan_tcp_vertical", CLIENT),
        ("scan_tcp_horizontal", "10.0.0.6"),
    }


def test_sites_that_are_called_by_tcp_are_not_looked_for_by_quic(tmp_path):
    frames = []
    for host in HOSTS:
        frames += [(host + 0.5, frame(*CALLS["by QUIC"](host)))]
        frames += connection(CLIENT, f"203.0.113.{host}", 443, host, sport=41_000 + host)

    assert classes(pcap(tmp_path / "x", sorted(frames))) == set()
