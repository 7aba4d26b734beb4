# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.config import Device as Settings
from giamsat_agent.devices.errors import CredentialError
from giamsat_agent.devices.neighbour_query import surroundings
from giamsat_agent.devices.neighbours import IF_NAME, LLDP
from support import snmp_agent


@pytest.mark.peer("snmpd")
def test_a_real_agent_says_its_name_and_who_stands_next_to_it(tmp_path):
    secret = tmp_path / "community"
    secret.write_text(snmp_agent.COMMUNITY)
    heard = {f"{LLDP}.9.0.7.1": "sw-core", f"{LLDP}.7.0.7.1": "Gi0/1", f"{IF_NAME}.7": "lan1"}
    with snmp_agent.running(tmp_path, objects=heard) as port:
        found = surroundings(Settings(name="gw", address=f"127.0.0.1:{port}", community_file=str(secret)))

    assert (found.name, found.own_name) == ("gw", "thu-nghiem")
    (near,) = [one for one in found.neighbours if one.protocol == "lldp"]
    assert (near.name, near.local_port, near.port) == ("sw-core", "lan1", "Gi0/1")


def test_a_secret_that_cannot_be_read_is_said(tmp_path):
    its = Settings(name="gw", address="127.0.0.1:1", community_file=str(tmp_path / "none"))

    with pytest.raises(CredentialError, match="cannot be read"):
        surroundings(its)
