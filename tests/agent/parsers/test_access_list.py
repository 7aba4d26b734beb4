# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.access_list import parse


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (
            "%SEC-6-IPACCESSLOGP: list 102 denied tcp 203.0.113.9(51000) (Gi0/1 0000.5e00.5301) -> 10.1.0.5(443), 1 x",
            "connection-denied",
            {"source.port": 51000, "destination.port": 443, "network.transport": "tcp", "rule.name": "102"},
        ),
        (
            "%SEC-6-IPACCESSLOGDP: list in permitted icmp 203.0.113.9 -> 10.1.0.5 (8/0), 2 packets",
            "connection-allowed",
            {"destination.ip": "10.1.0.5", "network.transport": "icmp"},
        ),
        ("%SEC-6-IPACCESSLOGS: list 10 denied 203.0.113.9 1 packet", "connection-denied", {"rule.name": "10"}),
        ("%SEC-6-IPACCESSLOGNP: list 10 denied 0 203.0.113.9 -> 10.1.0.5, 1 packet", "connection-denied", {}),
        (
            "%IPV6_ACL-6-ACCESSLOGSP: list v6/40 denied ipv6 203.0.113.9 -> 2001:db8::5, 6 packets",
            "connection-denied",
            {"destination.ip": "2001:db8::5"},
        ),
    ],
)
def test_the_packet_of_a_line_is_told_whatever_parts_it_has(text, kind, said):
    meaning = parse(text)

    assert meaning.kind == kind
    assert {"source.ip": "203.0.113.9", **said}.items() <= meaning.fields.items()
    assert "0" not in meaning.fields.values()


@pytest.mark.parametrize("text", ["", "%SEC-6-IPACCESSLOGRL: access-list logging rate-limited", "ACCESSLOG list x"])
def test_another_text_is_no_packet(text):
    assert parse(text) is None
