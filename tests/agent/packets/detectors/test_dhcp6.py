# SPDX-License-Identifier: Apache-2.0
import ipaddress
import struct

import pytest

from giamsat_agent.packets.detectors.dhcp6 import ADVERTISE, KNOWN_NS, REPLY, resolvers_of
from support.capture import UDP, Ether, IPv6, classes, found, pcap
from support.lab import lab
from support.wire import Wire

ROGUE, ROGUE_MAC, HOST = "fe80::bad", "02:00:00:00:00:0b", "fe80::5"
SERVER, SERVER_MAC = "fe80::53", "02:00:00:00:00:53"
RESOLVER, OTHER = "2001:db8::53", "2001:db8:bad::53"
DAY = KNOWN_NS // 1_000_000_000


def message(kind, *resolvers):
    packed = b"".join(ipaddress.ip_address(one).packed for one in resolvers)
    return bytes((kind, 1, 2, 3)) + struct.pack(">HH4s", 2, 4, b"duid") + struct.pack(">HH", 23, len(packed)) + packed


def answers(kind, *resolvers, source=SERVER, mac=SERVER_MAC):
    ends = Ether(src=mac, dst="02:00:00:00:00:05") / IPv6(src=source, dst=HOST)
    return bytes(ends / UDP(sport=547, dport=546) / message(kind, *resolvers))


def advertises(lifetime, source=ROGUE, mac=ROGUE_MAC):
    body = bytes((134, 0, 0, 0, 64, 0xC0)) + struct.pack(">H", lifetime) + bytes(8)
    return bytes(Ether(src=mac, dst="33:33:00:00:00:01") / IPv6(src=source, dst="ff02::1", nh=58, hlim=255) / body)


@pytest.mark.parametrize("kind", [ADVERTISE, REPLY])
@pytest.mark.parametrize("before", [[], [(0, advertises(0))]], ids=["silent", "says it is no router"])
def test_who_names_itself_and_is_no_router_leads_names_to_itself_even_where_there_was_no_server(tmp_path, kind, before):
    frames = [*before, (1, answers(kind, ROGUE, source=ROGUE, mac=ROGUE_MAC))]

    (told,) = found(pcap(tmp_path / "x", frames))

    assert (told.name, told.source_ip, told.source_mac) == ("dhcp6_rogue", ROGUE, ROGUE_MAC)
    assert ROGUE in told.words[1]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(
            [(0, advertises(1_800)), (1, answers(REPLY, ROGUE, source=ROGUE, mac=ROGUE_MAC))], id="a router of its own"
        ),
        pytest.param([(0, answers(REPLY, RESOLVER)), (1, answers(REPLY, OTHER))], id="the same server changes"),
        pytest.param(
            [(0, answers(REPLY, RESOLVER)), (1, answers(REPLY, RESOLVER, source=ROGUE, mac=ROGUE_MAC))],
            id="a pair that stands in for each other",
        ),
        pytest.param(
            [(0, answers(REPLY, RESOLVER)), (DAY + 1, answers(REPLY, OTHER, source=ROGUE, mac=ROGUE_MAC))],
            id="a new server a day after the last one",
        ),
        pytest.param([(0, answers(REPLY)), (1, answers(1, ROGUE, source=ROGUE, mac=ROGUE_MAC))], id="names nobody"),
    ],
)
def test_a_server_that_does_what_servers_do_is_none(tmp_path, frames):
    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_second_server_that_names_others_is_one(tmp_path):
    frames = [(0, answers(REPLY, RESOLVER)), (1, answers(REPLY, OTHER, source=ROGUE, mac=ROGUE_MAC))]

    assert classes(pcap(tmp_path / "x", frames)) == {("dhcp6_rogue", ROGUE)}


def test_a_message_that_is_cut_or_lies_about_its_lengths_is_read_as_far_as_it_goes():
    whole = message(REPLY, RESOLVER, OTHER)

    assert len(resolvers_of(whole)) == 2
    assert len(resolvers_of(whole[:-1])) == 1
    assert [resolvers_of(whole[:at]) for at in range(12)] == [frozenset()] * 12
    assert resolvers_of(whole[:4] + b"\xff" * 8 + whole[4:]) == frozenset()


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("ip")
def test_it_is_told_from_a_real_wire():
    with lab() as pair, Wire(pair).watched() as told:
        pair.send([advertises(0), answers(ADVERTISE, ROGUE, source=ROGUE, mac=ROGUE_MAC)])

    assert ("dhcp6_rogue", ROGUE) in {(one.name, one.source_ip) for one in told}
