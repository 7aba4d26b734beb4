# SPDX-License-Identifier: Apache-2.0
from giamsat_wire.catalogue import MetricType
from giamsat_wire.series import checked, shared, types


def test_what_two_hosts_declare_alike_is_one_object():
    one, other = (checked("node_network_up", ("device", f"eth{number}"), 0) for number in "00")

    assert one is other
    assert one == (("node_network_up", (("device", "eth0"),)), 1)


def test_what_two_hosts_have_alike_is_one_object():
    series = [("node_load1", ()), ("node_load5", ())]

    assert shared((*series,)) is shared((*series,))


def test_the_types_of_hosts_that_declare_alike_are_one_object():
    declared = [("node_load1", MetricType.GAUGE), ("node_forks_total", MetricType.COUNTER)]

    assert types((*declared,)) is types((*declared,))
    assert types((*declared,))["node_forks_total"] is MetricType.COUNTER
