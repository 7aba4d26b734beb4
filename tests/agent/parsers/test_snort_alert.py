# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.snort_alert import parse

FAST = "[**] [1:527:8] {words} [**] [Classification: Misc activity] [Priority: 2] {{UDP}} 203.0.113.9:68 -> 10.1.0.5:67"


def test_words_of_a_rule_that_look_like_addresses_move_neither_end():
    fields = parse(FAST.format(words="a } {TCP} 198.51.100.1:1 -> 198.51.100.2:2")).fields

    assert (fields["source.ip"], fields["destination.ip"], fields["network.transport"]) == (
        "203.0.113.9",
        "10.1.0.5",
        "udp",
    )


@pytest.mark.parametrize(
    ("action", "denied"),
    [("Drop", True), ("drop", True), ("block", True), ("reject", True), ("wDrop", False), ("would_drop", False)],
)
def test_only_what_did_not_pass_is_denied(action, denied):
    fields = parse(f"[{action}] " + FAST.format(words="x")).fields

    assert ("event.type" in fields) is denied


@pytest.mark.parametrize("end", ["2001:db8::9:68", "2001:0db8:0000:0000:0000:0000:0000:0009:68"])
def test_behind_an_address_of_ipv6_stands_the_port(end):
    fields = parse(FAST.format(words="x").replace("203.0.113.9:68", end)).fields

    assert (fields["source.ip"], fields["source.port"]) == ("2001:db8::9", 68)


def test_without_ports_the_last_part_of_an_address_is_none():
    fields = parse("[**] [1:1:1] x [**] [Priority: 0] {IPV6-ICMP} 2001:db8::9 -> 2001:db8::16").fields

    assert (fields["source.ip"], fields["destination.ip"]) == ("2001:db8::9", "2001:db8::16")
    assert "source.port" not in fields


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1:2:3] {TCP}",
        "[**] [1:2:3] x [**] {TCP} 999.1.1.1 -> x",
        "1,2,3,4,5,6,7,8,9,10",
        '1,5,0,"words",TCP,nowhere,1,10.1.0.5,2,',
        "[1:2:3] " * 2_000 + "{x} ",
    ],
)
def test_other_lines_are_none(text):
    assert parse(text) is None
