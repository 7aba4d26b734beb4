# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.special_forms import special


@pytest.mark.parametrize(
    ("text", "parser"),
    [
        ("DROP: IN=eth0 OUT= SRC=203.0.113.9 DST=10.1.0.5 PROTO=TCP SPT=1 DPT=22", "netfilter"),
        ('[client 203.0.113.9] ModSecurity: Warning. x [id "930100"] [msg "Path Traversal"]', "modsecurity"),
        ("%SEC-6-IPACCESSLOGP: list A denied tcp 203.0.113.9(1) -> 10.1.0.5(22), 1 packet", "cisco_ios"),
        ("firewall,info input: in:a out:b, proto TCP (SYN), 203.0.113.9:1->10.1.0.5:22, len 52", "mikrotik"),
    ],
)
def test_a_form_is_told_by_its_mark(text, parser):
    name, meaning = special("", text)

    assert name == parser
    assert meaning.fields["source.ip"] == "203.0.113.9"


@pytest.mark.parametrize("text", ["", "a PROTO= SRC=", "[id x", "ACCESSLOG", "a: in:b", "5,,,0,em0,match,block,in,4"])
def test_a_mark_alone_is_not_enough(text):
    assert special("", text) is None
