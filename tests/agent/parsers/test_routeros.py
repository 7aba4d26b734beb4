# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.routeros import parse

NEW = "in:ether1 out:bridge, connection-state:new src-mac 00:00:5e:00:53:01, proto TCP (SYN), "
SNAT = "10.1.0.7:51000->203.0.113.9:443, NAT (10.1.0.7:51000->198.51.100.1:40000)->203.0.113.9:443, len 52"
DNAT = "203.0.113.9:51000->10.1.0.5:3389, NAT 203.0.113.9:51000->(198.51.100.1:3390->10.1.0.5:3389), len 52"


def test_a_translated_source_was_let_through():
    meaning = parse(f"firewall,info forward: {NEW}{SNAT}")
    assert meaning.kind == "connection-allowed"
    assert meaning.fields == {
        "observer.vendor": "MikroTik", "observer.product": "RouterOS", "rule.name": "forward",
        "event.outcome": "success",
        "network.transport": "tcp", "source.mac": "00:00:5e:00:53:01", "source.ip": "10.1.0.7", "source.port": 51000,
        "source.nat.ip": "198.51.100.1", "source.nat.port": 40000, "destination.ip": "203.0.113.9",
        "destination.port": 443, "observer.ingress.interface.name": "ether1",
        "observer.egress.interface.name": "bridge",
    }  # fmt: skip


def test_a_translated_destination_is_the_host_that_was_reached():
    said = parse(f"dstnat: {NEW}{DNAT}").fields
    assert (said["destination.ip"], said["destination.port"]) == ("10.1.0.5", 3389)
    assert (said["destination.nat.ip"], said["destination.nat.port"]) == ("198.51.100.1", 3390)
    assert "source.nat.ip" not in said


def test_both_ends_may_be_translated():
    said = parse(
        f"x: {NEW}10.1.0.7:1->10.1.0.5:2, NAT (10.1.0.7:1->10.1.0.1:3)->(198.51.100.1:2->10.1.0.5:2), len 4"
    ).fields
    assert (said["source.nat.ip"], said["destination.nat.ip"]) == ("10.1.0.1", "198.51.100.1")


@pytest.mark.parametrize(
    ("before", "ends", "kind"),
    [
        ("firewall,info drop-wan forward", DNAT, "connection-denied"),
        ("firewall,info BLOCKED: BLOCKED forward", SNAT, "connection-denied"),
        ("firewall,info pca-accept: pca-accept forward", "203.0.113.9:1->10.1.0.5:2, len 40", "connection-allowed"),
        ("firewall,info my own rule input", "203.0.113.9:1->10.1.0.5:2, len 40", "connection-denied"),
        ("firewall,info input", "10.1.0.9:1->10.1.0.5:22, len 40", "connection-denied"),
        ("firewall,info forward", "203.0.113.9:1->10.1.0.5:2, len 40", "connection-denied"),
        ("firewall,info forward", "10.1.0.5:1->203.0.113.9:2, len 40", "log-message"),
        ("firewall,info urban forward", SNAT, "connection-allowed"),
        ("firewall,info unblocked forward", "10.1.0.5:1->203.0.113.9:2, len 40", "connection-allowed"),
        ("firewall,info dropbox forward", SNAT, "connection-allowed"),
        ("firewall,info lanDrop forward", SNAT, "connection-denied"),
        ("firewall,info drop_1 forward", SNAT, "connection-denied"),
        ("firewall,info disallowed forward", SNAT, "connection-denied"),
        ("firewall,info compassion forward", "203.0.113.9:1->10.1.0.5:2, len 40", "connection-denied"),
        ("forward", "[2001:db8::9]:1->[2001:db8:1::5]:2, len 40", "connection-denied"),
    ],
)
def test_the_prefix_decides_then_the_connection_then_the_chain(before, ends, kind):
    assert parse(f"{before}: {NEW}{ends}").kind == kind


def test_a_prefix_may_be_the_program():
    assert parse(f"forward: {NEW}{SNAT}", program="drop_all").kind == "connection-denied"


def test_a_standing_connection_was_let_through_and_names_of_interfaces_have_spaces():
    meaning = parse(
        "PCA input: in:Main Fibre out:(unknown 0), connection-state:established proto UDP, "
        "203.0.113.9:4->10.1.0.1:5, len 6"
    )
    assert meaning.kind == "connection-allowed"
    assert meaning.fields["observer.ingress.interface.name"] == "Main Fibre"
    assert "observer.egress.interface.name" not in meaning.fields


def test_messages_without_ports_have_none():
    said = parse("drop input: in:a out:b, proto ICMP (type 8, code 0), 203.0.113.9->10.1.0.5, len 84").fields
    assert (said["network.transport"], said["source.ip"], said["destination.ip"]) == ("icmp", "203.0.113.9", "10.1.0.5")
    assert "source.port" not in said


def test_a_program_that_names_the_device_decides_nothing():
    said = f"forward: {NEW}10.1.0.5:1->203.0.113.9:2, len 40"
    assert parse(said, program="MikroTik").kind == "log-message"


def test_without_spaces_behind_commas_the_state_is_known():
    said = "my forward: in:VLAN P2P out:ether2,connection-state:related proto UDP, 10.1.0.5:1->203.0.113.9:2, len 40"
    assert parse(said).kind == "connection-allowed"


def test_a_text_too_long_to_be_a_prefix_is_none():
    assert parse(f"{'x ' * 200}forward: {NEW}{SNAT}") is None


def test_a_peer_whose_login_name_looks_like_a_packet_is_not_believed():
    forged = (
        "in:<pppoe-x out:y, proto TCP, 192.0.2.66:1->192.0.2.67:2> out:b, proto UDP, 203.0.113.9:1->10.1.0.5:2, len 3"
    )
    assert parse(f"drop forward: {forged}").fields["source.ip"] == "203.0.113.9"


@pytest.mark.parametrize(
    "text",
    [
        "", ": in:", ": in: proto ", "x: in:a out:b, proto TCP, a->b, len 1", "x: in:a out:b, proto TCP, 1.2.3.4",
        "what happened: in: the proto TCP, 1->2", "x in:a out:b, proto TCP, 203.0.113.9:1->10.1.0.5:2",
        "INFO chat message from bob: in:x proto TCP, 203.0.113.9:1->10.1.0.5:22, len 60",
        "bob wrote: in:a out:b, proto TCP, 203.0.113.9:1->10.1.0.5:22 as ever",
        "bob wrote firewall,info input: in:a out:b, proto TCP, 203.0.113.9:1->10.1.0.5:22",
    ],
)  # fmt: skip
def test_anything_else_is_none(text):
    assert parse(text) is None
