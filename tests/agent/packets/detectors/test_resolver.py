# SPDX-License-Identifier: Apache-2.0
import pytest

from support.capture import CLIENT, breaches, pcap
from support.handshakes import certificate, segments, spoken


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


def told(path, held, name, *, server, port):
    turns = spoken(held, name=name, alpn=("h2",))
    return [
        (one.name, one.about["giamsat.policy.subject"], one.about["tls.client.server_name"])
        for one in breaches(pcap(path, segments(CLIENT, server, turns, port=port)))
    ]


@pytest.mark.parametrize(
    ("name", "at", "how"),
    [
        ("mozilla.cloudflare-dns.com", ("104.16.248.249", 443), "DNS over HTTPS"),
        ("doh.evil.example", ("203.0.113.9", 443), "DNS over HTTPS"),
        ("", ("8.8.8.8", 443), "DNS over HTTPS"),
        ("ns.evil.example", ("203.0.113.9", 853), "DNS over TLS"),
    ],
)
def test_a_resolver_outside_is_told_by_its_name_address_or_port(tmp_path, held, name, at, how):
    assert told(tmp_path / "x", held, name, server=at[0], port=at[1]) == [("other_resolver", how, name or at[0])]


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("www.example.vn", ("203.0.113.9", 443)),
        ("www.google.com", ("8.8.8.8", 443)),
        ("doha.example", ("203.0.113.9", 443)),
        ("dns.google.com.vn", ("203.0.113.9", 443)),
        ("doh.nghean.example", ("10.0.0.53", 443)),
        ("", ("10.0.0.53", 853)),
    ],
)
def test_other_sites_and_a_resolver_of_ones_own_are_not(tmp_path, held, name, at):
    assert told(tmp_path / "x", held, name, server=at[0], port=at[1]) == []
