# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.errors import SilentError
from giamsat_agent.devices.poll import poll
from giamsat_agent.devices.tables import IF_TABLE, IF_X_TABLE, SYSTEM

FORTIGATE = {
    SYSTEM["sysDescr"]: b"",
    SYSTEM["sysObjectID"]: "1.3.6.1.4.1.12356.101.1.1006",
    SYSTEM["sysUpTime"]: 12_345,
    ".1.3.6.1.4.1.12356.101.4.1.1.0": b"v7.2.5,build1517",
    ".1.3.6.1.4.1.12356.100.1.1.1.0": b"FG100F0000000001",
    ".1.3.6.1.4.1.12356.101.4.1.3.0": 31,
    f"{IF_TABLE}.8.1": 1,
}


class Recorded:
    """A device that answers from what was written down, and falls silent at the tables named."""

    address = "192.0.2.1:161"

    def __init__(self, objects, silent=()):
        self.objects, self.silent = objects, silent

    def get(self, oids):
        return {oid: self.objects[oid] for oid in oids if oid in self.objects}

    def walk(self, oid):
        if oid in self.silent:
            raise SilentError(f"{oid}: no answer")
        return iter([(name, value) for name, value in self.objects.items() if name.startswith(f"{oid}.")])


def test_a_known_device_says_what_it_is():
    found = poll(Recorded(FORTIGATE))

    assert (found.os, found.vendor, found.version, found.serial) == (
        "fortigate",
        "Fortinet",
        "v7.2.5,build1517",
        "FG100F0000000001",
    )
    assert found.object_id == ".1.3.6.1.4.1.12356.101.1.1006"


def test_its_own_figures_stand_beside_the_general_ones():
    figures = {one.name: one.value for one in poll(Recorded(FORTIGATE)).metrics}

    assert figures == {"sysUpTime": 12_345.0, "fgSysCpuUsage": 31.0, "ifOperStatus": 1.0}


def test_a_silent_table_stops_none_of_the_others():
    found = poll(Recorded(FORTIGATE, silent=[IF_X_TABLE]))

    assert [oid for oid, _ in found.errors] == [IF_X_TABLE]
    assert "ifOperStatus" in {one.name for one in found.metrics}


def test_an_unknown_device_is_polled_all_the_same():
    found = poll(Recorded({SYSTEM["sysObjectID"]: "1.3.6.1.4.1.4294967295", f"{IF_TABLE}.8.1": 1}))

    assert (found.os, found.version, [one.name for one in found.metrics]) == ("", "", ["ifOperStatus"])
    assert found.as_json()["os"] is None


def test_a_device_that_does_not_say_what_it_is_was_not_read():
    class Silent(Recorded):
        def get(self, oids):
            raise SilentError("no answer")

    with pytest.raises(SilentError):
        poll(Silent({}))
