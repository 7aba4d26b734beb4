# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.config import Device as Settings
from giamsat_agent.devices.host_location import Place, Seen, mac_of, places, seen
from giamsat_agent.devices.neighbours import ARP, IF_NAME
from giamsat_agent.devices.stations import ALL, BASE_PORT, Shown
from support import snmp_agent

PC, PRINTER = "00:1B:17:00:0B:0C", "00:1B:17:00:0B:0D"
CORE = Seen("core", Shown({PC: "Gi1", PRINTER: "Gi1"}, {}), {PC: "192.0.2.30"})
DESK = Seen("desk", Shown({PC: "Fa7", PRINTER: "Fa8"}, {}))


def test_the_port_nearest_to_a_host_comes_first():
    assert places([CORE, DESK], "192.0.2.30") == [
        Place(PC, "192.0.2.30", "desk", "Fa7", 1),
        Place(PC, "192.0.2.30", "core", "Gi1", 2),
    ]
    assert [place.device for place in places([CORE, DESK])] == ["desk", "core", "desk", "core"]


@pytest.mark.parametrize("written", [PC, "001b.1700.0b0c", "00-1b-17-00-0b-0c", "001B17000B0C"])
def test_a_host_is_found_however_its_address_is_written(written):
    assert mac_of(written) == PC
    assert [place.mac for place in places([DESK], written)] == [PC]


@pytest.mark.parametrize("written", ["", "192.0.2.30", "pc-3", "001b.1700.0b0x"])
def test_what_is_no_mac_address_is_none(written):
    assert mac_of(written) == ""


@pytest.mark.peer("snmpd")
def test_a_real_agent_says_who_stands_behind_its_ports_and_one_without_a_table_nobody(tmp_path):
    secret = tmp_path / "community"
    secret.write_text(snmp_agent.COMMUNITY)
    table = {f"{ALL}.0.27.23.0.11.12": 5, f"{BASE_PORT}.5": 7, f"{IF_NAME}.7": "lan1", f"{ARP}.7.192.0.2.30": "abcdef"}
    for objects, expected in ((table, {PC: "lan1"}), ({}, {})):
        with snmp_agent.running(tmp_path, objects=objects) as port:
            found = seen(Settings(name="sw", address=f"127.0.0.1:{port}", community_file=str(secret)))

        assert found.shown == Shown(expected, {})
        assert found.hosts.get("61:62:63:64:65:66") == ("192.0.2.30" if objects else None)
