# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensors.netclass import NetworkClass, parse
from support.pretend_host import by_series, pretend_host, reading


def test_state_speed_and_mtu_of_a_device_are_reported():
    series = reading(NetworkClass(pretend_host()))

    assert series["node_network_up", "enp1s0"] == 1
    assert series["node_network_up", "wlp2s0"] == 0
    assert series["node_network_speed_bytes", "enp1s0"] == 125_000_000
    assert series["node_network_mtu_bytes", "lo"] == 65536
    assert series["node_network_flags", "enp1s0"] == 0x1003


def test_what_is_not_a_number_is_told_by_labels():
    series = reading(NetworkClass(pretend_host()))

    assert series["node_network_info", "52:54:00:12:34:56", "ff:ff:ff:ff:ff:ff", "enp1s0", "full", "", "up"] == 1


def test_what_a_device_does_not_tell_is_not_reported():
    series = reading(NetworkClass(pretend_host()))

    assert ("node_network_carrier", "wlp2s0") not in series
    assert ("node_network_speed_bytes", "wlp2s0") not in series


def test_a_file_among_the_devices_is_not_a_device():
    assert not [key for key in reading(NetworkClass(pretend_host())) if "bonding_masters" in key]


@pytest.mark.parametrize("alias", ['uplink "A"', "đường truyền", "a\\b"])
def test_an_alias_is_carried_as_it_is(alias):
    labels = next(iter(key for key in by_series(parse("eth0", {"ifalias": alias})) if key[0] == "node_network_info"))

    assert alias in labels
