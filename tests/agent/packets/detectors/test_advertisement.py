# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_agent.packets.detectors.advertisement import ROGUES, ROUTERS, VAIN, VAIN_NS
from support.capture import Ether, IPv6, classes, found, pcap

RIGHT, EVIL = "02:00:00:00:00:01", "02:00:00:00:00:66"


def advertised(prefix, mac=RIGHT, *, lifetime=1_800, ip="fe80::1"):
    option = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 86_400, 14_400, 0) + bytes.fromhex(prefix).ljust(16, b"\0")
    body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, lifetime, 0, 0) + option
    return bytes(Ether(src=mac, dst="33:33:00:00:00:01") / IPv6(src=ip, dst="ff02::1", nh=58, hlim=255) / body)


def test_a_router_with_other_prefixes_is_told_of(tmp_path):
    frames = [(0, advertised("20010db80001")), (1, advertised("20010db8dead", EVIL, ip="fe80::66"))]

    (rogue,) = found(pcap(tmp_path / "x", frames))

    assert (rogue.name, rogue.source_mac, rogue.source_ip) == ("ra_rogue", EVIL, "fe80::66")


@pytest.mark.parametrize(
    "second",
    [
        advertised("20010db80001", EVIL, ip="fe80::66"),
        advertised("20010db8dead", EVIL, lifetime=0, ip="fe80::66"),
    ],
    ids=["a router that stands in for it", "one that says it is no default router"],
)
def test_what_takes_no_traffic_away_is_none(tmp_path, second):
    assert classes(pcap(tmp_path / "x", [(0, advertised("20010db80001")), (1, second)])) == set()


def test_the_first_router_is_a_stranger_where_hosts_asked_for_one_in_vain_for_long(tmp_path):
    solicits = Ether(src="02:00:00:00:00:05", dst="33:33:00:00:00:02")
    solicits /= IPv6(src="fe80::5", dst="ff02::2", nh=58, hlim=255) / bytes.fromhex("8500000000000000")

    def first(asked, after_s):
        frames = [(number * after_s / asked, bytes(solicits)) for number in range(asked)]
        return [*frames, (after_s, advertised("20010db80001", EVIL, ip="fe80::66"))]

    long_s = VAIN_NS / 1e9 + 1
    (rogue,) = found(pcap(tmp_path / "x", first(VAIN, long_s)))
    assert (rogue.name, rogue.source_mac) == ("ra_rogue", EVIL)
    assert classes(pcap(tmp_path / "y", first(VAIN - 1, long_s))) == set()
    assert classes(pcap(tmp_path / "z", first(4 * VAIN, 60))) == set()
    known = [(0, advertised("20010db80001")), *((1 + at, raw) for at, raw in first(VAIN, long_s))]
    assert classes(pcap(tmp_path / "w", known)) == set()


def test_many_routers_within_a_minute_are_a_flood(tmp_path):
    frames = [
        (number * 0.1, advertised(f"20010db8{number:04x}", f"02:00:00:00:01:{number:02x}"))
        for number in range(4 * ROUTERS)
    ]

    told = found(pcap(tmp_path / "x", frames))
    assert [one.source_mac for one in told if one.name == "ra_flood"] == [""]
    assert len([one for one in told if one.name == "ra_rogue"]) <= ROGUES


@pytest.mark.parametrize("cut", range(54, 110, 3))
def test_an_advertisement_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path, cut):
    frames = [(0, advertised("20010db80001")), (1, advertised("20010db80001")[:cut])]

    assert classes(pcap(tmp_path / "x", frames)) == set()
