# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.errors import RefusedError, SilentError
from giamsat_agent.devices.reader import AGAIN, Presence
from giamsat_agent.devices.stations import ADDRESSES, ALL, BASE_PORT, BY_VLAN, SILENT, VLAN_STATE, VLAN_TYPE, read


class Recorded:
    """A switch that answers from what was written down."""

    def __init__(self, objects):
        self.objects = objects

    def has(self, oid):
        return any(self.walk(oid))

    def walk(self, oid):
        top = f"{oid}."
        if rows := [(name.removeprefix(top), value) for name, value in self.objects.items() if name.startswith(top)]:
            yield rows


def none(vlan):
    raise SilentError(f"VLAN {vlan}: no answer")


def vlans(*numbers):
    return {f"{VLAN_STATE}.1.{number}": 1 for number in numbers}


def test_an_address_stands_behind_the_interface_of_its_port():
    switch = {f"{ALL}.0.27.23.0.11.12": 7, f"{BASE_PORT}.7": 10_107, f"{ALL}.0.27.23.0.11.13": 8}

    assert read(Recorded(switch), {"10107": "Gi0/7"}, none).ports == {
        "00:1B:17:00:0B:0C": "Gi0/7",
        "00:1B:17:00:0B:0D": "8",
    }


def test_tables_by_vlan_are_read_before_that_of_one_vlan():
    switch = {f"{BY_VLAN}.20.0.27.23.0.11.12": 7, f"{ALL}.0.27.23.0.11.99": 1}

    assert read(Recorded(switch), {}, none).ports == {"00:1B:17:00:0B:0C": "7"}


def test_what_is_no_station_is_left_out_and_there_is_a_limit():
    odd = {f"{ALL}.1.0.94.0.0.1": 7, f"{ALL}.0.27.23.0.11.12": 0, f"{ALL}.300.1.1.1.1.1": 7, f"{ALL}.1.2": 7}
    many = {f"{ALL}.0.27.{n >> 16}.{n >> 8 & 255}.{n & 255}.1": 7 for n in range(ADDRESSES + 100)}

    assert read(Recorded(odd), {}, none).ports == {}
    assert len(read(Recorded(many), {}, none).ports) == ADDRESSES


def test_a_device_without_a_table_is_told_apart_from_one_without_stations():
    with pytest.raises(RefusedError, match="no forwarding table"):
        read(Recorded({}), {}, none)


def test_a_switch_that_shows_one_vlan_at_a_time_is_asked_for_each():
    switch = {f"{ALL}.0.27.23.0.11.1": 1, f"{BASE_PORT}.1": 10_101} | vlans(1, 20, 30)
    switch |= {f"{VLAN_STATE}.1.40": 2, f"{VLAN_STATE}.1.1002": 1, f"{VLAN_TYPE}.1.1002": 2}
    views = {
        1: {f"{ALL}.0.27.23.0.11.1": 1, f"{BASE_PORT}.1": 10_101},
        20: {f"{ALL}.0.27.23.0.11.2": 5, f"{BASE_PORT}.5": 10_105},
        30: {},
    }
    found = read(Recorded(switch), {"10101": "Gi0/1", "10105": "Gi0/5"}, lambda vlan: Recorded(views[vlan]))

    assert found.ports == {"00:1B:17:00:0B:01": "Gi0/1", "00:1B:17:00:0B:02": "Gi0/5"}
    assert found.problem == ""


def test_a_vlan_that_does_not_answer_is_named_and_takes_no_other_with_it():
    def of_vlan(vlan):
        return none(vlan) if vlan == 20 else Recorded({f"{ALL}.0.27.23.0.11.{vlan}": vlan})

    found = read(Recorded(vlans(10, 20, 30)), {}, of_vlan)

    assert found.ports == {"00:1B:17:00:0B:0A": "10", "00:1B:17:00:0B:1E": "30"}
    assert found.problem.startswith("VLANs not seen: 20: VLAN 20: no answer; let the switch answer")


def test_a_switch_that_answers_for_no_vlan_is_not_asked_at_each_poll():
    asked, told, presence = [], set(), Presence()
    for _ in range(AGAIN + 1):
        presence.begin()
        switch = Recorded(vlans(*range(1, 41)))
        told.add(read(switch, {}, lambda vlan: asked.append(vlan) or none(vlan), presence).problem.split(": ")[1])

    assert asked == [1, 2] * SILENT, "and is asked again after a while"
    assert told == {"1, 2, 3, 4, 5, 6, 7, 8 and 32 more"}
