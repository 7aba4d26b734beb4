# SPDX-License-Identifier: Apache-2.0
from giamsat_wire.series import checked, shared


def test_what_two_hosts_declare_alike_is_one_object():
    one, other = (checked("node_network_up", ("device", f"eth{number}"), 0) for number in "00")

    assert one is other
    assert one == (("node_network_up", (("device", "eth0"),)), 1)


def test_what_two_hosts_have_alike_is_one_object():
    series = [("node_load1", ()), ("node_load5", ())]

    assert shared((*series,)) is shared((*series,))
