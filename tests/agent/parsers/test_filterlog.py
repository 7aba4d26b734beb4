# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.filterlog import parse

IPV4 = "5,,,,igb0,match,{},in,4,0x0,,64,1,0,none,17,udp,60,203.0.113.9,10.0.0.1,500,53,40"


@pytest.mark.parametrize(
    ("action", "kind"),
    [("block", "connection-denied"), ("reject", "connection-denied"), ("pass", "connection-allowed")],
)
def test_the_action_names_the_kind(action, kind):
    assert parse(IPV4.format(action)).kind == kind


def test_a_protocol_without_ports_has_none():
    fields = parse("5,,,,igb0,match,block,in,4,0x0,,64,1,0,none,1,icmp,60,203.0.113.9,10.0.0.1,request,1,2").fields

    assert fields["network.transport"] == "icmp"
    assert "source.port" not in fields


@pytest.mark.parametrize("text", ["", "a,b,c", IPV4.format("block")[:60], IPV4.format("block").replace(",4,", ",9,")])
def test_a_line_that_is_cut_or_of_another_version_is_none(text):
    assert parse(text) is None
