# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.netfilter import parse

PACKET = "IN=eth0 OUT= SRC=203.0.113.9 DST=10.0.0.1 LEN=40 PROTO=UDP SPT=1 DPT=53"


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("[UFW BLOCK] ", "connection-denied"), ("[UFW ALLOW] ", "connection-allowed"), ("", "connection-denied"),
        ("[12.5] ACCEPT-ssh: ", "connection-allowed"),
        ("[WAN_IN-2001-A]", "connection-allowed"), ("[WAN_IN-2001-D]", "connection-denied"),
        ("FINAL_REJECT: ", "connection-denied"), ("[UFW AUDIT] ", "log-message"),
    ],
)  # fmt: skip
def test_the_prefix_says_whether_the_packet_passed(prefix, kind):
    assert parse(prefix + PACKET).kind == kind


def test_a_packet_is_its_addresses_and_ports():
    fields = parse("drop: " + PACKET).fields

    assert (fields["source.ip"], fields["source.port"], fields["destination.ip"], fields["destination.port"]) == (
        "203.0.113.9", 1, "10.0.0.1", 53,
    )  # fmt: skip
    assert (fields["network.transport"], fields["rule.name"]) == ("udp", "drop")


@pytest.mark.parametrize("text", ["hello", "IN=eth0 OUT=", "IN=x SRC=nobody PROTO=TCP"])
def test_a_line_without_a_source_is_no_packet(text):
    assert parse(text) is None
