# SPDX-License-Identifier: Apache-2.0
"""State and properties of each network device: up or down, speed, MTU, addresses."""

import os
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from giamsat_agent.machine.kernel_text import attribute
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Sample

NUMBERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "addr_assign_type": "node_network_address_assign_type",
        "carrier": "node_network_carrier",
        "carrier_changes": "node_network_carrier_changes_total",
        "carrier_down_count": "node_network_carrier_down_changes_total",
        "carrier_up_count": "node_network_carrier_up_changes_total",
        "dev_id": "node_network_device_id",
        "dormant": "node_network_dormant",
        "flags": "node_network_flags",
        "ifindex": "node_network_iface_id",
        "iflink": "node_network_iface_link",
        "link_mode": "node_network_iface_link_mode",
        "mtu": "node_network_mtu_bytes",
        "name_assign_type": "node_network_name_assign_type",
        "netdev_group": "node_network_net_dev_group",
        "tx_queue_len": "node_network_transmit_queue_length",
        "type": "node_network_protocol_type",
    }
)
"""The metric of each attribute that is a number, decimal or 0x-hexadecimal."""
TEXTS: Final = ("address", "broadcast", "duplex", "ifalias", "operstate")
"""The attributes that become labels of node_network_info."""
BYTES_PER_S_PER_MBIT: Final = 1e6 / 8
DEVICES_MOST: Final = 100
"""Devices reported at most: 1,900 series."""

Attributes = Mapping[str, str | None]


class NetworkClass:
    """What sysfs tells of every network device."""

    def __init__(self, host: Host) -> None:
        self._folder = str(host.sys / "class/net")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        try:
            devices = sorted(os.listdir(self._folder))  # noqa: PTH208 - names are wanted, and no Path is made of each
        except FileNotFoundError as error:
            raise NothingToRead(
                f"{self._folder}: không có, hãy gắn sysfs / does not exist; it is provided by a mounted sysfs"
            ) from error
        for device in devices[:DEVICES_MOST]:
            # `bonding_masters` lies among the devices and is a file.
            if attributes := _attributes(f"{self._folder}/{device}"):
                yield from parse(device, attributes)
        if len(devices) > DEVICES_MOST:
            raise ValueError(f"{self._folder} has {len(devices)} devices, only the first {DEVICES_MOST} are reported")


def parse(device: str, attributes: Attributes) -> Iterator[Sample]:
    """The samples of one device; an attribute that could not be read is None and gives no sample."""
    labels = (("device", device),)
    texts = {name: attributes.get(name) or "" for name in TEXTS}
    yield Sample("node_network_up", float(texts["operstate"] == "up"), labels)
    yield Sample("node_network_info", 1.0, tuple(sorted({"device": device, **texts}.items())))
    for name, metric in NUMBERS.items():
        if number := attributes.get(name):
            yield Sample(metric, float(int(number, 0)), labels)
    # A driver that does not know its speed says -1.
    if (speed := attributes.get("speed")) and int(speed) >= 0:
        yield Sample("node_network_speed_bytes", int(speed) * BYTES_PER_S_PER_MBIT, labels)


def _attributes(folder: str) -> Attributes:
    if (index := attribute(f"{folder}/ifindex")) is None:
        return {}
    others = (name for name in (*NUMBERS, *TEXTS, "speed") if name != "ifindex")
    return {"ifindex": index, **{name: attribute(f"{folder}/{name}") for name in others}}


SPEC: Final = SensorSpec(name="netclass", build=NetworkClass, every_s=15)
