# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.config import Device as Settings
from giamsat_agent.devices.errors import CredentialError
from giamsat_agent.devices.gufo_client import Device
from giamsat_agent.devices.pysnmp_client import TolerantDevice
from giamsat_agent.devices.reading import SYSTEM
from giamsat_agent.devices.session import opened
from support import snmp_agent


@pytest.mark.peer("snmpd")
@pytest.mark.parametrize(("library", "kind"), [("gufo", Device), ("pysnmp", TolerantDevice)])
def test_a_device_is_asked_with_the_library_it_is_declared_with(tmp_path, library, kind):
    secret = tmp_path / "community"
    secret.write_text(snmp_agent.COMMUNITY)
    with snmp_agent.running(tmp_path) as port:
        session = opened(Settings(name="a", address=f"127.0.0.1:{port}", community_file=str(secret), library=library))

        assert isinstance(session, kind)
        assert session.get([SYSTEM["sysName"]]) == {SYSTEM["sysName"]: b"thu-nghiem"}


def test_what_one_library_cannot_do_names_the_one_that_can(tmp_path):
    user = tmp_path / "user.toml"
    user.write_text(
        'name = "an"\nauthentication = "SHA1"\nauth_key = "xacthuc-xacthuc"\n'
        'privacy = "AES256C"\npriv_key = "baomat-baomat"\n'
    )

    with pytest.raises(CredentialError, match='AES256C needs library = "pysnmp"'):
        opened(Settings(name="a", address="127.0.0.1:1", version=3, user_file=str(user)))
