# SPDX-License-Identifier: Apache-2.0
import ipaddress

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.columns.addresses import V6, Addresses, is_own, mac_text, octets


def identified(addresses, *texts):
    packed = b"".join(ipaddress.IPv6Address(text).packed for text in texts)
    return [int(number) for number in addresses.identify(np.frombuffer(packed, np.uint64).reshape(-1, 2))]


@given(st.ip_addresses(v=6))
def test_an_address_is_written_as_it_was_read(address):
    addresses = Addresses()

    (number,) = identified(addresses, str(address))

    assert addresses.text(number) == str(address)
    assert number & int(V6)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_its_own_number(address):
    assert Addresses().text(int(address)) == str(address)


def test_the_numbers_of_two_processes_differ_so_nobody_can_make_two_addresses_meet():
    assert identified(Addresses(), "2001:db8::1") != identified(Addresses(), "2001:db8::1")


def test_groups_are_told_from_hosts():
    addresses = Addresses()
    group, host = identified(addresses, "ff02::1", "2001:db8::1")

    assert [addresses.is_group(one) for one in (group, host)] == [True, False]
    assert addresses.is_group(int(ipaddress.IPv4Address("224.0.0.251")))
    assert not addresses.is_group(int(ipaddress.IPv4Address("10.0.0.1")))


def test_a_column_is_a_group_where_each_of_its_addresses_is():
    addresses = Addresses()
    fours = ("10.0.0.1", "10.0.0.255", "224.0.0.251", "223.255.255.254", "255.255.255.255")
    # What ends in 255 makes an IPv4 address a subnet's; an IPv6 address is none for what its number ends in.
    hosts = (f"2001:db8::{number:x}" for number in range(512))
    numbers = [*(int(ipaddress.IPv4Address(text)) for text in fours), *identified(addresses, "ff02::1", *hosts)]

    found = addresses.groups(np.array(numbers, np.uint64)).tolist()

    assert found[:6] == [False, True, True, False, True, True]
    assert found == [addresses.is_group(number) for number in numbers]


def test_an_ethernet_address_is_written_as_people_do():
    assert mac_text(0x0200000000FF) == "02:00:00:00:00:ff"


def test_inside_is_what_organisations_number_their_own_hosts_with():
    addresses = Addresses()
    inside = ["10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.0.9"]
    outside = ["11.0.0.1", "172.32.0.1", "192.169.0.1", "203.0.113.9", "8.8.8.8"]

    assert all(addresses.is_inside(int(ipaddress.ip_address(one))) for one in inside)
    assert not any(addresses.is_inside(int(ipaddress.ip_address(one))) for one in outside)


def test_link_local_and_unique_local_addresses_are_inside_by_their_bytes():
    inside = ("fc00::1", "fdff::1", "fe80::1", "febf::1", "10.0.0.1")
    outside = ("fbff::1", "fec0::1", "fe7f::1", "2001:db8::1", "9.255.255.255", "11.0.0.0")

    assert all(is_own(octets(text)) for text in inside)
    assert not any(is_own(octets(text)) for text in outside)


def test_a_column_is_inside_where_each_of_its_addresses_is():
    addresses = Addresses()
    fours = ("10.0.0.1", "172.31.0.9", "172.32.0.9", "192.168.7.1", "169.254.1.1", "8.8.8.8")
    numbers = [*(int(ipaddress.IPv4Address(text)) for text in fours), *identified(addresses, "fd00::1", "2001:db8::1")]

    found = addresses.inside(np.array(numbers, np.uint64)).tolist()

    assert found == [True, True, False, True, True, False, True, False]
    assert found == [addresses.is_inside(number) for number in numbers]
