# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.interface_load import loads
from giamsat_agent.devices.poll import Polled
from giamsat_wire.record import Sample

PORT = (("ifIndex", "1"), ("ifName", "Gi0/1"))
NARROW = {"ifOperStatus": 1, "ifSpeed": 10_000_000}


def polled(uptime, **values):
    said = [Sample(name, float(value), PORT) for name, value in values.items()]
    return Polled("a", "", "", "", "", "", "", (Sample("sysUpTime", float(uptime)), *said), ())


def figures(before, after):
    return {(one.name, dict(one.labels)["direction"]): one.value for one in loads(before, after)}


def test_the_load_is_bits_a_second_of_the_speed():
    before = polled(0, **NARROW, ifInOctets=0, ifHCOutOctets=0)
    after = polled(1_000, **NARROW, ifInOctets=6_250_000, ifHCOutOctets=1_250_000, ifHighSpeed=10)

    assert figures(before, after) == {
        ("snmp_interface_load_percent", "in"): 50.0,
        ("snmp_interface_load_percent", "out"): 10.0,
    }


def test_the_counter_of_64_bits_is_preferred_and_one_of_32_may_begin_anew():
    before = polled(0, **NARROW, ifHCInOctets=1 << 40, ifInOctets=5, ifOutOctets=(1 << 32) - 625_000)
    after = polled(1_000, **NARROW, ifHCInOctets=(1 << 40) + 1_250_000, ifInOctets=9, ifOutOctets=625_000)

    assert figures(before, after) == {
        ("snmp_interface_load_percent", "in"): 10.0,
        ("snmp_interface_load_percent", "out"): 10.0,
    }


@pytest.mark.parametrize(
    ("uptime", "changed"),
    [
        (500, {}),
        (10_050, {}),
        (20_000, {"ifOperStatus": 2}),
        (20_000, {"ifSpeed": 0}),
        (20_000, {"ifHCInOctets": 1}),
    ],
    ids=["restarted", "too soon", "down", "no speed", "a wide counter that went back"],
)
def test_there_is_no_figure_without_grounds(uptime, changed):
    before = {**NARROW, "ifHCInOctets": 1_000}

    assert figures(polled(10_000, **before), polled(uptime, **(before | changed))) == {}


def test_errors_are_a_share_of_all_packets_that_came():
    before = polled(0, **NARROW, ifInUcastPkts=0, ifInErrors=0, ifHCOutUcastPkts=0, ifOutErrors=0)
    after = polled(1_000, **NARROW, ifInUcastPkts=990, ifInErrors=10, ifHCOutUcastPkts=50, ifOutErrors=10)

    assert figures(before, after) == {("snmp_interface_error_percent", "in"): 1.0}
