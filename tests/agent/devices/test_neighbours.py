# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.neighbours import ARP, CDP, IF_NAME, LLDP, LLDP_ADDRESS, ROWS, Neighbour, read


class Recorded:
    """A device that answers from what was written down."""

    def __init__(self, objects):
        self.objects = objects

    def walk(self, oid):
        top = f"{oid}."
        yield [(name.removeprefix(top), value) for name, value in self.objects.items() if name.startswith(top)]


def seen(objects):
    return list(read(Recorded({f"{IF_NAME}.7": b"Gi0/7", **objects})))


def test_a_neighbour_by_lldp_has_its_name_port_and_address():
    assert seen(
        {
            f"{LLDP}.5.0.7.1": bytes.fromhex("001b17000b0c"),
            f"{LLDP}.7.0.7.1": b"ge-0/0/1",
            f"{LLDP}.9.0.7.1": b"core-vinh",
            f"{LLDP}.10.0.7.1": b"Junos",
            f"{LLDP_ADDRESS}.0.7.1.1.4.192.0.2.1": 2,
            f"{LLDP_ADDRESS}.0.7.1.2.16.32.1.13.184": 2,
        }
    ) == [Neighbour("lldp", "Gi0/7", "core-vinh", "192.0.2.1", "ge-0/0/1", "Junos", "00:1B:17:00:0B:0C")]


def test_a_neighbour_by_cdp_has_its_name_port_and_address():
    assert seen(
        {
            f"{CDP}.4.7.1": bytes([192, 0, 2, 2]),
            f"{CDP}.6.7.1": b"sw2.example",
            f"{CDP}.7.7.1": b"Gi1/0/1",
            f"{CDP}.8.7.1": b"WS-C2960X",
        }
    ) == [Neighbour("cdp", "Gi0/7", "sw2.example", "192.0.2.2", "Gi1/0/1", "WS-C2960X")]


def test_a_host_by_arp_has_its_addresses():
    found = seen({f"{ARP}.7.192.0.2.9": bytes.fromhex("001b17000b0d"), f"{ARP}.99.192.0.2.10": b"\x00" * 6})

    assert found == [
        Neighbour("arp", "Gi0/7", address="192.0.2.9", mac="00:1B:17:00:0B:0D"),
        Neighbour("arp", "99", address="192.0.2.10", mac="00:00:00:00:00:00"),
    ]


@pytest.mark.parametrize(
    "objects",
    [
        {f"{ARP}.7": b"x"},
        {f"{ARP}.7.999.0.2.9": b"x"},
        {f"{LLDP_ADDRESS}.1": 2},
        {f"{CDP}.6.7": b"name", f"{CDP}.4.7": b"too long to be one"},
        {f"{LLDP}.9.1": b"\x1b[31mred\x00", f"{LLDP_ADDRESS}.0.7.1.1.4.a.b": 1},
    ],
)
def test_what_is_malformed_is_harmless(objects):
    found = seen(objects)

    assert all(one.address == "" for one in found)
    assert all(one.name.isprintable() for one in found)


def test_a_device_with_endless_neighbours_is_left():
    assert len(seen({f"{ARP}.7.10.0.{n // 256}.{n % 256}": b"x" for n in range(ROWS + 50)})) == ROWS
