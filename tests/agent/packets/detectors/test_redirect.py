# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_agent.packets.detectors.redirect import Redirect
from support.capture import ARP, ICMP, IP, UDP, Ether, IPv6, batches, classes, found, pcap

ROUTER, OTHER_ROUTER, HOST, EVIL = "10.0.0.1", "10.0.0.2", "10.0.0.5", "10.0.0.66"
FAR = "198.51.100.7"
MACS = {
    ROUTER: "02:00:00:00:00:01",
    OTHER_ROUTER: "02:00:00:00:00:02",
    HOST: "02:00:00:00:00:05",
    EVIL: "02:00:00:00:00:66",
}
VIRTUAL = {
    "VRRP": "00:00:5e:00:01:07",
    "HSRP": "00:00:0c:07:ac:01",
    "HSRP version 2": "00:00:0c:9f:f0:01",
    "GLBP": "00:07:b4:00:0c:01",
}


def asks(owner, mac=None):
    """One that says by ARP who it is."""
    mac = mac or MACS[owner]
    return bytes(Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=mac, psrc=owner, pdst="10.0.0.9"))


def announces(owner, mac):
    return bytes(Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=mac, psrc=owner, pdst=owner))


def redirect(source, gateway, mac, to=HOST):
    """`source` tells a host to go by `gateway`; the frame is of this Ethernet address."""
    about = IP(src=to, dst=FAR) / UDP(sport=40_000, dport=53)
    said = IP(src=source, dst=to) / ICMP(type=5, code=1, gw=gateway) / about
    return bytes(Ether(src=mac, dst=MACS[HOST]) / said)


def known(*owners):
    return [(number * 0.01, asks(owner)) for number, owner in enumerate(owners or MACS)]


def redirect6(mac, named, target="2001:db8::66"):
    option = b"\x02\x01" + bytes.fromhex(named.replace(":", ""))
    far, near = (
        bytes.fromhex(text) for text in ("20010db8000000000000000000000007", "20010db8000000000000000000000066")
    )
    body = struct.pack("!BBHI", 137, 0, 0, 0) + (near if target else far) + far + option
    return bytes(Ether(src=mac, dst=MACS[HOST]) / IPv6(src="fe80::1", dst="2001:db8::5", nh=58, hlim=255) / body)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([*known(), (1, redirect(ROUTER, EVIL, MACS[EVIL]))], id="in the router's name to itself"),
        pytest.param([*known(EVIL), (1, redirect(ROUTER, EVIL, MACS[EVIL]))], id="the router was never heard"),
        pytest.param([*known(), (1, redirect(ROUTER, OTHER_ROUTER, MACS[EVIL]))], id="in its name to a third"),
        pytest.param(
            [*known(EVIL), (0.5, asks(ROUTER, VIRTUAL["VRRP"])), (1, redirect(ROUTER, EVIL, MACS[EVIL]))],
            id="in the name routers share",
        ),
        pytest.param(
            [*known(), (0.5, announces(ROUTER, MACS[EVIL])), (1, redirect(ROUTER, EVIL, MACS[EVIL]))],
            id="in the name it announced",
        ),
    ],
)
def test_one_who_poses_as_the_router_is_told_with_its_address(tmp_path, told):
    (one,) = found(pcap(tmp_path / "x", told))

    assert (one.name, one.source_ip, one.source_mac) == ("icmp_redirect", EVIL, MACS[EVIL])
    assert [target.ip for target in one.targets] == [HOST]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([*known(), (1, redirect(ROUTER, OTHER_ROUTER, MACS[ROUTER]))], id="a router tells of another"),
        pytest.param([(1, redirect(ROUTER, OTHER_ROUTER, MACS[ROUTER]))], id="of whom nothing is known"),
        pytest.param(
            [*known(), (0.5, asks(ROUTER, MACS[OTHER_ROUTER])), (1, redirect(ROUTER, HOST, MACS[OTHER_ROUTER]))],
            id="who took the router's address over",
        ),
        *(
            pytest.param(
                [*known(OTHER_ROUTER, HOST), (0.5, asks(ROUTER, mac)), (1, redirect(ROUTER, HOST, MACS[OTHER_ROUTER]))],
                id=f"one of routers that share a name by {way}",
            )
            for way, mac in VIRTUAL.items()
        ),
        pytest.param(
            [*known(), (0.5, announces(ROUTER, MACS[OTHER_ROUTER])), (1, redirect(ROUTER, HOST, MACS[OTHER_ROUTER]))],
            id="who announced that it took the address over",
        ),
        pytest.param([*known(), (1, redirect(ROUTER, HOST, "02:00:00:00:00:03"))], id="another port of the router"),
        pytest.param(
            [*known(), (0.5, asks("10.0.0.4", VIRTUAL["VRRP"])), (1, redirect(ROUTER, HOST, VIRTUAL["VRRP"]))],
            id="in its own name by the address it shares",
        ),
        pytest.param([*known(), (1, redirect(ROUTER, EVIL, MACS[EVIL])[:40])], id="cut off before the gateway"),
        pytest.param([(1, redirect6(MACS[ROUTER], MACS[OTHER_ROUTER]))], id="IPv6, to another"),
        pytest.param([(1, redirect6(MACS[EVIL], MACS[EVIL])[:92])], id="IPv6, cut off"),
    ],
)
def test_what_routers_say_is_none(tmp_path, told):
    assert classes(pcap(tmp_path / "x", told)) == set()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([], id="nothing at all"),
        pytest.param([(0.5, announces(ROUTER, MACS[EVIL])), (0.6, asks(ROUTER))], id="only that it is the router"),
    ],
)
def test_one_that_never_said_who_it_is_is_told_by_its_ethernet_address(tmp_path, said):
    (one,) = found(pcap(tmp_path / "x", [*known(ROUTER, HOST), *said, (1, redirect(ROUTER, EVIL, MACS[EVIL]))]))

    assert (one.name, one.source_ip, one.source_mac) == ("icmp_redirect", "", MACS[EVIL])
    assert one.words[1].startswith(f"{MACS[EVIL]} poses as the router")


def test_a_redirect_of_ipv6_that_names_its_own_sender_is_told(tmp_path):
    (one,) = found(pcap(tmp_path / "x", [(1, redirect6(MACS[EVIL], MACS[EVIL]))]))

    assert (one.name, one.source_ip, one.source_mac) == ("icmp_redirect", "fe80::1", MACS[EVIL])


def test_a_storm_is_one_that_grows_and_how_frames_are_cut_decides_over_nothing(tmp_path):
    victims = [f"10.0.0.{number}" for number in range(100, 130)]
    storm = [(1 + 0.1 * number, redirect(ROUTER, EVIL, MACS[EVIL], to)) for number, to in enumerate(victims)]
    path = pcap(tmp_path / "x", [*known(), *storm])

    def told(at_once):
        detector = Redirect()
        return [one.counts for batch in batches(path, at_once) for one in detector.take(batch)]

    assert told(1) == told(7) == told(10_000)
    assert len(told(1)) < 20
    assert told(1)[-1]["targets"] > 20
