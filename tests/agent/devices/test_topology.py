# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.devices.neighbours import Neighbour
from giamsat_agent.devices.topology import Seen, gateway, nearest, places


def lldp(port, name="", address="", far="", by="lldp"):
    return Neighbour(by, port, name=name, address=address, port=far)


GATEWAY = Seen(
    "gw",
    "192.0.2.1",
    "gw-vinh",
    (
        lldp("lan1", "core.example.gov.vn", far="Gi0/1", by="cdp"),
        lldp("lan1", address="192.0.2.40", by="arp"),
        lldp("lan1", address="192.0.2.9", by="arp"),
        lldp("lan1", address="192.0.2.2", by="arp"),
    ),
)
CORE = Seen(
    "core", "192.0.2.2", "core", (lldp("Gi0/1", "gw-vinh"), lldp("Gi0/3", "sw2", far="Gi0/24"), lldp("Gi0/9", "may-in"))
)
SILENT = Seen("sw2", "192.0.2.3:1161", "sw2")
BEYOND = Seen("ap", "192.0.2.4", "ap-tang-2", (lldp("eth0", "SW2", far="Gi0/5"),))
UPS = Seen("ups", "192.0.2.9", "ups")
ALONE = Seen("x", "198.51.100.1", "x")
ALL = (ALONE, UPS, BEYOND, SILENT, CORE, GATEWAY)


def test_each_device_stands_behind_the_one_by_which_it_is_reached():
    found = {one.name: (one.behind, one.port, one.by) for one in places(ALL, "gw")}

    assert found == {
        "gw": ("", "", ""),
        "core": ("gw", "lan1", "cdp"),
        "sw2": ("core", "Gi0/3", "lldp"),
        "ap": ("sw2", "Gi0/5", "lldp"),
        "ups": ("gw", "lan1", "arp"),
        "x": ("", "", ""),
    }


def test_each_comes_after_the_one_before_it_as_the_configuration_wants_it():
    order = [one.name for one in places(ALL, "core")]

    assert all(order.index(one.behind) < order.index(one.name) for one in places(ALL, "core") if one.behind)
    assert (order[0], order[-1]) == ("core", "x")
    assert {one.name: one.behind for one in places(ALL, "core")}["gw"] == "core"


def test_hosts_are_the_neighbours_that_are_no_devices():
    found = {one.name: one.hosts for one in places(ALL, "gw")}

    assert found["gw"] == (("192.0.2.40", "lan1"),)
    assert found["core"] == (("may-in", "Gi0/9"),)
    assert {one.name: one.named for one in places(ALL, "gw") if one.named} == {"core": ("may-in",)}


def test_a_ring_of_switches_has_an_end():
    ring = [Seen(f"s{n}", f"10.0.0.{n}", f"s{n}", (lldp("1", f"s{(n + 1) % 5}"),)) for n in range(5)]

    assert {one.name: one.behind for one in places(ring, "s0")} == {
        "s0": "",
        "s1": "s0",
        "s4": "s0",
        "s2": "s1",
        "s3": "s4",
    }


def test_the_root_is_this_host_s_gateway_or_the_one_that_sees_most():
    routes = "Iface\tDestination\tGateway \tFlags\neth0\t0000A8C0\t00000000\t1\neth0\t00000000\t010200C0\t3\n"

    assert gateway(routes) == "192.0.2.1"
    assert gateway("Iface\n") == ""
    assert nearest(ALL, gateway(routes)) == "gw"
    assert nearest(ALL, "203.0.113.1") == "core"
