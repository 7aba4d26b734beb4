# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.credential import User
from giamsat_agent.devices.errors import RefusedError, SilentError, UserError
from giamsat_agent.devices.gufo_client import Device
from giamsat_agent.devices.usm_diagnosis import explained
from support import snmp_agent

KEYS = {"auth_key": snmp_agent.AUTH_KEY, "priv_key": snmp_agent.PRIV_KEY}
WRONG = "sai-sai-sai-sai"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with snmp_agent.running(tmp_path_factory.mktemp("snmpd")) as port:
        yield port


@pytest.mark.peer("snmpd")
@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (User("khong-co", "SHA1", "AES128", **KEYS), "unknown user: the device has no user 'khong-co'"),
        (User(snmp_agent.USER, "SHA1", "AES128", WRONG, snmp_agent.PRIV_KEY), "wrong digest"),
        (User(snmp_agent.USER, "MD5", "AES128", **KEYS), "wrong digest.* nor MD5 fits"),
        (User(snmp_agent.USER, "SHA1", "AES128", snmp_agent.AUTH_KEY, WRONG), "wrong privacy"),
        (User(snmp_agent.USER, "SHA1", "DES", **KEYS), "wrong privacy.* nor DES fits"),
        (User(snmp_agent.USER), "wants user 'giamsat' to authenticate"),
    ],
)
def test_a_real_agent_is_asked_what_is_wrong_with_a_user(port, user, expected):
    with pytest.raises(UserError, match=expected) as raised:
        Device("127.0.0.1", port, user, timeout_s=2).get([".1.3.6.1.2.1.1.5.0"])

    assert WRONG not in str(raised.value)


@pytest.mark.peer("snmpd")
def test_a_user_with_whom_nothing_is_wrong_was_not_in_the_time_window(port):
    user = User(snmp_agent.USER, "SHA1", "AES128", **KEYS)

    said = explained("127.0.0.1", port, user, 10, signed=lambda _: None)

    assert isinstance(said, RefusedError)
    assert "not in time window" in str(said)


def test_nobody_there_is_a_timeout():
    with pytest.raises(SilentError, match="timeout: no answer to SNMPv3"):
        Device("127.0.0.1", 9, User("x", "SHA1", "", "matkhau-dai", ""), timeout_s=0.2)
