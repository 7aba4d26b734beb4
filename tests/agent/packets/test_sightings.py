# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_agent.packets import sightings
from giamsat_agent.packets.sightings import ADDRESSES, BURST, DAY_NS, HOSTS, PER_MINUTE, SETTLE_NS, Sightings
from support.capture import DNS, DNSRR, IP, START, TCP, UDP, Ether, IPv6, batches, pcap

DESK, PRINTER, ROUTER = "02:00:00:00:00:05", "02:00:00:00:00:09", "02:00:00:00:00:01"
EVERYBODY = "ff:ff:ff:ff:ff:ff"
NS = 1_000_000_000
MINUTE_NS = 60 * NS


def octets(text, mark, base):
    return bytes(int(part, base) for part in text.split(mark))


def asks(mac, ip, wanted="10.0.0.1", *, vlan=None, said=None):
    """A question by ARP; written by hand, for there are thousands."""
    tag = struct.pack(">HH", 0x8100, vlan) if vlan else b""
    link = b"\xff" * 6 + octets(mac, ":", 16) + tag + b"\x08\x06"
    sender = octets(said or mac, ":", 16) + octets(ip, ".", 10)
    return link + struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + sender + bytes(6) + octets(wanted, ".", 10)


def accepts(mac, ip, port, client="203.0.113.7", flags="SA"):
    return bytes(Ether(src=mac, dst=ROUTER) / IP(src=ip, dst=client) / TCP(sport=port, dport=50_000, flags=flags))


def request(mac, **options):
    chaddr = bytes.fromhex(mac.replace(":", ""))
    body = b"\x01\x01\x06\0" + bytes(24) + chaddr + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63\x35\x01\x03"
    body += b"".join(bytes([int(code[1:]), len(said)]) + said for code, said in options.items()) + b"\xff"
    return bytes(
        Ether(src=mac, dst=EVERYBODY) / IP(src="0.0.0.0", dst="255.255.255.255") / UDP(sport=68, dport=67) / body
    )


def registers(mac, ip, name, *, group=False):
    letters = "".join(chr(0x41 + half) for byte in name.ljust(15).encode() + b"\0" for half in (byte >> 4, byte & 15))
    question = b"\x20" + letters.encode() + b"\0" + struct.pack(">HH", 0x20, 1)
    record = struct.pack(">HHHIHH", 0xC00C, 0x20, 1, 300, 6, 0x8000 if group else 0) + bytes(map(int, ip.split(".")))
    content = struct.pack(">HHHHHH", 7, 0x2910, 1, 0, 0, 1) + question + record
    return bytes(Ether(src=mac, dst=EVERYBODY) / IP(src=ip, dst="10.0.0.255") / UDP(sport=137, dport=137) / content)


def announces(mac, ip, name):
    answer = DNS(qr=1, aa=1, qd=[], an=[DNSRR(rrname=name, type="A", rdata=ip)])
    link = Ether(src=mac, dst="01:00:5e:00:00:fb")
    return bytes(link / IP(src=ip, dst="224.0.0.251") / UDP(sport=5353, dport=5353) / answer)


@pytest.fixture
def seen(tmp_path):
    """What is told of frames, each (seconds, bytes), by some seconds after their beginning; and the one who tells."""

    def look(frames, by=60, its=None):
        its = its or Sightings("eth0")
        for batch in batches(pcap(tmp_path / "x", frames), 1 << 16):
            its.take(batch)
        return list(its.due((START + by) * NS)), its

    return look


def test_a_host_is_told_with_its_addresses_name_system_and_services(seen):
    frames = [
        (0, request(DESK, o12=b"KeToan-03", o60=b"MSFT 5.0")),
        (1, asks(DESK, "10.0.0.5")),
        (2, accepts(DESK, "10.0.0.5", 3389)),
        (2.1, accepts(DESK, "10.0.0.5", 445)),
        (3, asks(DESK, "10.0.0.6")),
    ]

    ((desk,), _) = seen(frames)

    assert (desk.interface, desk.mac, desk.vlan, desk.fresh) == ("eth0", DESK, 0, True)
    assert desk.addresses == ("10.0.0.5", "10.0.0.6")
    assert (desk.name, desk.vendor_class) == ("ketoan-03", "MSFT 5.0")
    assert desk.services == ("tcp/445", "tcp/3389")
    assert (desk.first_ns, desk.last_ns) == (START * NS, (START + 3) * NS)


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([(0, asks(DESK, "0.0.0.0"))], id="it only probes"),
        pytest.param([(0, asks(DESK, "10.0.0.5", said=PRINTER))], id="it speaks in another's name"),
        pytest.param([(0, asks("00:00:5e:00:01:07", "10.0.0.5"))], id="routers share the address (VRRP)"),
        pytest.param([(0, asks("03:00:00:00:00:05", "10.0.0.5"))], id="the address is that of many"),
        pytest.param([(0, accepts(ROUTER, "198.51.100.7", 443))], id="a router forwards for it"),
    ],
)
def test_no_host_is_told_where(seen, frames):
    assert [one for one in seen(frames)[0] if one.addresses or one.services] == []


def test_a_router_is_told_with_what_is_its_own_and_not_with_what_it_forwards(seen):
    frames = [
        (0, asks(ROUTER, "10.0.0.1")),
        (1, accepts(ROUTER, "198.51.100.7", 443)),
        (2, accepts(ROUTER, "10.0.0.1", 22)),
    ]

    ((router,), _) = seen(frames)

    assert (router.addresses, router.services) == (("10.0.0.1",), ("tcp/22",))


def test_a_refused_connection_is_no_service(seen):
    ((desk,), _) = seen([(0, asks(DESK, "10.0.0.5")), (1, accepts(DESK, "10.0.0.5", 80, flags="RA"))])

    assert desk.services == ()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (announces(PRINTER, "10.0.0.9", "may-in-1.local."), "may-in-1"),
        (announces(PRINTER, "10.0.0.77", "another.local."), ""),
        (registers(PRINTER, "10.0.0.9", "MAYIN"), "mayin"),
        (registers(PRINTER, "10.0.0.9", "WORKGROUP", group=True), ""),
    ],
    ids=["mdns", "mdns for another", "netbios", "netbios of a group"],
)
def test_the_name_is_what_the_host_says_of_itself(seen, said, name):
    ((printer,), _) = seen([(0, asks(PRINTER, "10.0.0.9")), (1, said)])

    assert printer.name == name


def test_the_same_address_in_two_vlans_is_two_hosts(seen):
    told, _ = seen([(0, asks(DESK, "10.0.0.5", vlan=10)), (0, asks(DESK, "10.0.0.5", vlan=20))])

    assert sorted(one.vlan for one in told) == [10, 20]


def test_neighbours_of_ipv6_are_seen(seen):
    solicit = bytes(
        Ether(src=DESK, dst="33:33:ff:00:00:01")
        / IPv6(src="fe80::5", dst="ff02::1:ff00:1", nh=58, hlim=255)
        / (b"\x87\0\0\0\0\0\0\0" + bytes.fromhex("fe800000000000000000000000000001"))
    )

    ((desk,), _) = seen([(0, solicit)])

    assert desk.addresses == ("fe80::5",)


def test_news_is_told_once_settled_and_nothing_more_until_there_is_more(seen):
    early, its = seen([(0, asks(DESK, "10.0.0.5"))], by=SETTLE_NS / NS - 1)
    settled = list(its.due((START + 6) * NS))
    again, _ = seen([(20, asks(DESK, "10.0.0.5"))], 60, its)
    more, _ = seen([(70, accepts(DESK, "10.0.0.5", 22))], 80, its)

    assert (early, len(settled), again) == ([], 1, [])
    assert [(one.fresh, one.services) for one in more] == [(False, ("tcp/22",))]


def test_a_host_that_is_still_there_is_told_again_after_a_day_and_one_that_left_is_not(seen):
    _, its = seen([(0, asks(DESK, "10.0.0.5")), (0, asks(PRINTER, "10.0.0.9"))])
    day = DAY_NS // NS

    told, _ = seen([(day, asks(DESK, "10.0.0.5"))], day + 60, its)

    assert [(one.mac, one.fresh) for one in told] == [(DESK, False)]


def test_a_clock_that_is_set_back_keeps_no_news(seen):
    _, its = seen([(0, asks(DESK, "10.0.0.5"))], by=2)

    told, _ = seen([(-3_600, asks(PRINTER, "10.0.0.9"))], -3_594, its)

    assert [one.mac for one in told] == [DESK, PRINTER]


def test_after_a_clock_was_set_back_a_host_that_is_still_there_is_told_again_after_a_day(seen):
    day = DAY_NS // NS
    _, its = seen([(10 * day, asks(DESK, "10.0.0.5"))], 10 * day + 60)
    back, _ = seen([(0, asks(DESK, "10.0.0.5"))], 1, its)

    told, _ = seen([(day, asks(DESK, "10.0.0.5"))], day + 60, its)

    assert (back, [(one.mac, one.fresh, one.last_ns) for one in told]) == ([], [(DESK, False, (START + day) * NS)])


def test_what_is_above_the_share_waits_and_is_lost_to_nobody(seen):
    macs = [f"02:00:00:01:{number >> 8:02x}:{number & 255:02x}" for number in range(BURST + 9)]
    first, its = seen([(0, asks(mac, f"10.1.{number >> 8}.{number & 255}")) for number, mac in enumerate(macs)])
    minute = list(its.due(START * NS + 2 * MINUTE_NS))
    later = list(its.due(START * NS + 60 * MINUTE_NS))

    assert (len(first), len(minute), len(first) + len(minute) + len(later)) == (BURST, PER_MINUTE, len(macs))


def test_what_is_remembered_is_bounded_and_what_was_let_go_is_counted(seen, monkeypatch):
    monkeypatch.setattr(sightings, "LOOKED_AT", 1 << 16)
    flood = [(0, asks(f"02:00:00:02:{number >> 8:02x}:{number & 255:02x}", "10.2.0.1")) for number in range(HOSTS + 50)]
    many = [(1, asks(DESK, f"10.3.0.{number}")) for number in range(1, ADDRESSES + 5)]

    _, its = seen([*flood, *many], by=0)

    assert its.evicted == 51
    told = [one for hour in range(1, 24) for one in its.due((START + hour * 3_600) * NS)]
    (desk,) = (one for one in told if one.mac == DESK)
    assert desk.addresses[-1] == f"10.3.0.{ADDRESSES + 4}"
    assert len(desk.addresses) == ADDRESSES
