# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.errors import RefusedError
from giamsat_agent.devices.stations import ADDRESSES, ALL, BASE_PORT, BY_VLAN, read


class Recorded:
    """A switch that answers from what was written down."""

    def __init__(self, objects):
        self.objects = objects

    def walk(self, oid):
        top = f"{oid}."
        yield [(name.removeprefix(top), value) for name, value in self.objects.items() if name.startswith(top)]


def test_an_address_stands_behind_the_interface_of_its_port():
    switch = {f"{ALL}.0.27.23.0.11.12": 7, f"{BASE_PORT}.7": 10_107, f"{ALL}.0.27.23.0.11.13": 8}

    assert read(Recorded(switch), {"10107": "Gi0/7"}) == {"00:1B:17:00:0B:0C": "Gi0/7", "00:1B:17:00:0B:0D": "8"}


def test_tables_by_vlan_are_read_before_that_of_one_vlan():
    switch = {f"{BY_VLAN}.20.0.27.23.0.11.12": 7, f"{ALL}.0.27.23.0.11.99": 1}

    assert read(Recorded(switch), {}) == {"00:1B:17:00:0B:0C": "7"}


def test_what_is_no_station_is_left_out_and_there_is_a_limit():
    odd = {f"{ALL}.1.0.94.0.0.1": 7, f"{ALL}.0.27.23.0.11.12": 0, f"{ALL}.300.1.1.1.1.1": 7, f"{ALL}.1.2": 7}
    many = {f"{ALL}.0.27.{n >> 16}.{n >> 8 & 255}.{n & 255}.1": 7 for n in range(ADDRESSES + 100)}

    assert read(Recorded(odd), {}) == {}
    assert len(read(Recorded(many), {})) == ADDRESSES


def test_a_device_without_a_table_is_told_apart_from_one_without_stations():
    with pytest.raises(RefusedError, match="no forwarding table"):
        read(Recorded({}), {})
