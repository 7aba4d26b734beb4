# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensors.netdev import DEVICES_MOST, NetworkDevices, parse
from support.pretend_host import by_series, empty_host, pretend_host, reading

HEAD = "Inter-| Receive | Transmit\n face |bytes\n"


def test_each_column_of_a_device_has_its_name():
    series = reading(NetworkDevices(pretend_host()))

    assert series["node_network_receive_bytes_total", "enp1s0"] == 912345678
    assert series["node_network_receive_drop_total", "enp1s0"] == 7
    assert series["node_network_receive_multicast_total", "enp1s0"] == 1440
    assert series["node_network_transmit_errs_total", "enp1s0"] == 3
    assert series["node_network_transmit_carrier_total", "enp1s0"] == 4
    assert len(series) == 2 * 16


@pytest.mark.parametrize("name", ["eth0", "eth0:1", "b\\303r"])
def test_a_device_is_called_what_the_kernel_calls_it(name):
    line = f"  {name}:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"

    assert by_series(parse(HEAD + line))["node_network_receive_bytes_total", name] == 1


def test_devices_past_the_bound_are_left_out_and_said(tmp_path):
    host = empty_host(tmp_path)
    (host.proc / "net").mkdir(parents=True)
    lines = (f"veth{i}: {' '.join('0' * 16)}\n" for i in range(DEVICES_MOST + 5))
    (host.proc / "net/dev").write_text(HEAD + "".join(lines))
    seen = []

    with pytest.raises(ValueError, match=f"{DEVICES_MOST + 5} devices"):
        seen.extend(NetworkDevices(host).read())

    assert len(seen) == DEVICES_MOST * 16
