# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.detectors.dhcp import CLIENTS, OTHERS, Dhcp, Message, parse
from support.capture import ARP, IP, UDP, Dot1Q, Ether, batches, classes, found, frame, pcap

RIGHT, EVIL = "02:00:00:00:00:01", "02:00:00:00:00:66"
OURS = {3: bytes([10, 0, 0, 1]), 6: bytes([10, 0, 0, 2])}
THEIRS = {3: bytes([10, 0, 0, 66]), 6: bytes([10, 0, 0, 66])}


def message(kind, options, client=b"\x02\0\0\0\0\x05", relay=bytes(4), given=bytes(4)):
    fields = b"\x02\x01\x06\0" + bytes(12) + given + bytes(4) + relay + client + bytes(10 + 64 + 128)
    coded = b"".join(bytes([code, len(value)]) + value for code, value in {53: bytes([kind]), **options}.items())
    return fields + b"\x63\x82\x53\x63" + coded + b"\xff"


def offer(options, mac=RIGHT, ip="10.0.0.1", *, vlan=None):
    ends = Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / (Dot1Q(vlan=vlan) if vlan else b"")
    if vlan is None:
        ends = Ether(src=mac, dst="ff:ff:ff:ff:ff:ff")
    return bytes(ends / IP(src=ip, dst="255.255.255.255") / UDP(sport=67, dport=68) / message(2, options))


def to_all(mac, ip, ports, content):
    """A datagram that everybody is to read."""
    datagram = frame(IP(src=ip, dst="255.255.255.255"), UDP(sport=ports[0], dport=ports[1]), content)
    return b"\xff" * 6 + bytes.fromhex(mac.replace(":", "")) + datagram[12:]


def discover(number, sender=None, relay=bytes(4)):
    mac = f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"
    content = message(1, {}, client=bytes.fromhex(mac.replace(":", "")), relay=relay)
    return to_all(sender or mac, "0.0.0.0", (68, 67), content)


def test_a_second_server_that_leads_elsewhere_is_told_of(tmp_path):
    frames = [(0, offer(OURS)), (1, offer(THEIRS, EVIL, "10.0.0.66"))]

    (rogue,) = found(pcap(tmp_path / "x", frames))

    assert (rogue.name, rogue.source_mac, rogue.source_ip) == ("dhcp_rogue", EVIL, "10.0.0.66")
    assert "10.0.0.66" in rogue.words[0]


def test_a_pair_of_servers_that_stand_in_for_each_other_is_none(tmp_path):
    frames = [(number, offer(OURS, (RIGHT, EVIL)[number % 2], f"10.0.0.{number % 2 + 1}")) for number in range(10)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_server_whose_settings_were_changed_is_none(tmp_path):
    assert classes(pcap(tmp_path / "x", [(0, offer(OURS)), (60, offer(THEIRS))])) == set()


def test_servers_of_different_networks_are_none(tmp_path):
    frames = [(0, offer(OURS, vlan=10)), (1, offer(THEIRS, EVIL, vlan=20))]

    assert classes(pcap(tmp_path / "x", frames)) == set()


@pytest.mark.parametrize(("count", "expected"), [(CLIENTS, {"dhcp_starvation"}), (CLIENTS - 1, set())])
def test_a_hundred_clients_a_minute_empty_the_pool(tmp_path, count, expected):
    frames = [(number * 0.1, discover(number)) for number in range(count)]

    assert {name for name, _ in classes(pcap(tmp_path / "x", frames))} == expected


def acknowledge(number):
    client, given = bytes([2, 0, 0, 0, number >> 8, number & 255]), bytes([10, 0, number >> 8, number & 255])
    return to_all(RIGHT, "10.0.0.1", (67, 68), message(5, OURS, client, given=given))


def speaks(number, owner):
    mac = f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"
    return bytes(Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=mac, psrc=owner, pdst="10.0.0.1"))


@pytest.mark.parametrize("at_once", [8, 100_000])
@pytest.mark.parametrize(("every_s", "uses_s"), [(0.1, 1), (0.05, 9)])
def test_a_building_whose_power_is_back_is_none_as_each_goes_on_to_use_its_address(tmp_path, at_once, every_s, uses_s):
    frames = []
    for number in range(3 * CLIENTS):
        given = f"10.0.{number >> 8}.{number & 255}"
        frames += [
            (number * every_s, discover(number)),
            (number * every_s + 0.5, acknowledge(number)),
            (number * every_s + uses_s, speaks(number, given)),
        ]
    dhcp = Dhcp()

    assert [one for batch in batches(pcap(tmp_path / "x", sorted(frames)), at_once) for one in dhcp.take(batch)] == []


@pytest.mark.parametrize(
    ("owner", "acknowledged"),
    [
        pytest.param("0.0.0.0", False, id="a probe"),
        pytest.param("0.0.0.0", True, id="a probe of what was given"),
        pytest.param("10.0.9.9", False, id="an address nobody gave"),
        pytest.param("10.0.9.9", True, id="another address than was given"),
    ],
)
def test_made_up_clients_that_speak_by_arp_as_well_are_told(tmp_path, owner, acknowledged):
    frames = []
    for number in range(2 * CLIENTS + 20):
        frames += [(number * 0.1, discover(number)), (number * 0.1 + 0.02, speaks(number, owner))]
        frames += [(number * 0.1 + 0.01, acknowledge(number))] if acknowledged else []
    path = pcap(tmp_path / "x", sorted(frames))

    def told(at_once):
        dhcp = Dhcp()
        return [(one.name, one.counts) for batch in batches(path, at_once) for one in dhcp.take(batch)]

    assert "dhcp_starvation" in {name for name, _ in told(7)}
    assert told(7) == told(100_000)


def test_clients_of_a_server_that_is_down_wait_and_those_that_are_offered_something_empty_the_pool(tmp_path):
    asks = [
        (number * 0.15 + again, discover(number))
        for number in range(2 * CLIENTS)
        for again in (0, 4, 12, 28, 60, 124, 424)
    ]
    client = bytes([2, 0, 0, 0, 0, 1])
    offers = [(at, to_all(RIGHT, "10.0.0.1", (67, 68), message(2, OURS, client))) for at in (1, 40, 80)]

    assert classes(pcap(tmp_path / "x", sorted(asks))) == set()
    assert {name for name, _ in classes(pcap(tmp_path / "y", sorted(asks + offers)))} == {"dhcp_starvation"}


def test_a_pool_that_is_emptied_in_made_up_names_is_one_finding_and_names_nobody(tmp_path):
    frames = [(number * 0.1, discover(number)) for number in range(4 * CLIENTS)]

    assert [one.source_mac for one in found(pcap(tmp_path / "x", frames))] == [""]


@pytest.mark.parametrize(("count", "expected"), [(OTHERS, [EVIL]), (OTHERS - 1, [])])
def test_a_host_that_asks_in_the_names_of_others_empties_it_however_patient(tmp_path, count, expected):
    frames = [(number * 6, discover(number, EVIL)) for number in range(count)]

    assert [one.source_mac for one in found(pcap(tmp_path / "x", frames))] == expected


def test_relays_ask_for_networks_where_the_power_is_back_and_are_none(tmp_path):
    frames = [(number * 0.1, discover(number, RIGHT, bytes([10, number % 5, 0, 1]))) for number in range(4 * CLIENTS)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_clients_that_come_over_the_day_are_none(tmp_path):
    assert classes(pcap(tmp_path / "x", [(number * 10, discover(number)) for number in range(300)])) == set()


def test_what_was_captured_of_a_message_is_read():
    assert parse(message(5, {54: b"\x0a\0\0\x01", **OURS})) == Message(
        5, b"\x02\0\0\0\0\x05", b"\x0a\0\0\x01", (OURS[3], OURS[6])
    )


@given(st.binary(max_size=64))
def test_options_that_lie_about_their_length_are_read_as_far_as_they_go(options):
    content = message(2, {})[:-4] + options

    assert parse(content) is None or parse(content).kind <= 255
