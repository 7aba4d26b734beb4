# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.firebox import values

PACKET = 'Deny 0-External Firebox 52 tcp 20 127 203.0.113.9 10.1.0.5 51000 443 offset 8 x="y" (Policy 1)'


@pytest.mark.parametrize(
    "head", ["", "F1 (2026-11-23T16:00:00) firewall[9]: ", "(2026-11-23T16:00:00) proxy: ", "F1 p: "]
)
def test_the_code_and_the_packet_are_read_behind_each_head(head):
    found = values(f'{head}msg_id="3000-0148" {PACKET}')

    assert (found["firebox.code"], found["firebox.disposition"], found["x"]) == ("3000-0148", "Deny", "y")
    assert (found["firebox.src"], found["firebox.sport"], found["firebox.dport"]) == ("203.0.113.9", "51000", "443")
    assert found["firebox.policy"] == "Policy 1"


def test_numbers_of_icmp_are_no_ports():
    found = values('msg_id="1" Allow a b 84 icmp 20 54 203.0.113.9 10.1.0.5 8 0 (p)')

    assert found["firebox.dst"] == "10.1.0.5"
    assert "firebox.dport" not in found


def test_pairs_of_the_peer_do_not_stand_for_the_packet():
    found = values(f'msg_id="1" {PACKET} firebox.src="192.0.2.66"')

    assert found["firebox.src"] == "203.0.113.9"


@pytest.mark.parametrize("text", ["", "x", 'said msg_id="1" once', f'{"x" * 200}msg_id="1" y'])
def test_another_text_is_none(text):
    assert values(text) is None
