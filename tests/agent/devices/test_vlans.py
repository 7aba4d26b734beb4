# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.config import Device as Settings
from giamsat_agent.devices import vlans
from giamsat_agent.devices.errors import RefusedError, SilentError
from giamsat_agent.devices.session import opened
from giamsat_agent.devices.stations import ALL, BASE_PORT, VLAN_STATE, read
from support import snmp_agent

pytestmark = pytest.mark.peer("snmpd")


@pytest.fixture(scope="module")
def switch(tmp_path_factory):
    """A real snmpd that shows VLAN 20 of another one, and says of a VLAN 30 that it cannot show."""
    folder, other = tmp_path_factory.mktemp("switch"), tmp_path_factory.mktemp("vlan")
    with snmp_agent.running(other, objects={f"{ALL}.0.27.23.0.11.12": 5, f"{BASE_PORT}.5": 2}) as hidden:
        states = {f"{VLAN_STATE}.1.{vlan}": 1 for vlan in (20, 30)}
        with snmp_agent.running(folder, objects=states, vlans={20: hidden}) as port:
            yield f"127.0.0.1:{port}"


@pytest.fixture(params=["v2c", "v3"])
def its(request, switch, tmp_path):
    secret = tmp_path / "secret"
    if request.param == "v2c":
        secret.write_text(snmp_agent.COMMUNITY)
        return Settings(name="sw1", address=switch, community_file=str(secret), timeout_s=2)
    secret.write_text(
        f'name = "{snmp_agent.USER}"\nauthentication = "SHA1"\nauth_key = "{snmp_agent.AUTH_KEY}"\n'
        f'privacy = "AES128"\npriv_key = "{snmp_agent.PRIV_KEY}"\n'
    )
    return Settings(name="sw1", address=switch, version=3, user_file=str(secret), timeout_s=2)


def test_who_stands_in_a_vlan_that_a_real_agent_shows_by_itself_is_seen(its):
    found = read(opened(its), {"2": "Gi0/5"}, vlans.of(its))

    assert found.ports == {"00:1B:17:00:0B:0C": "Gi0/5"}
    assert list(found.silent) == [30]


def test_a_vlan_that_a_real_agent_does_not_show_is_an_error(its):
    with pytest.raises((SilentError, RefusedError)):
        list(vlans.of(its)(30).walk(ALL))
