# SPDX-License-Identifier: Apache-2.0
import gc
import resource
import socket
import threading
from itertools import chain, product

import pytest

from giamsat_agent.devices import pysnmp_client
from giamsat_agent.devices.credential import Community, User
from giamsat_agent.devices.errors import SilentError, UserError
from giamsat_agent.devices.gufo_client import Device
from giamsat_agent.devices.poll import poll
from giamsat_agent.devices.pysnmp_client import TolerantDevice
from giamsat_agent.devices.reading import SYSTEM
from support import snmp_agent

pytestmark = pytest.mark.peer("snmpd")

GOOD = User(snmp_agent.USER, "SHA1", "AES128", snmp_agent.AUTH_KEY, snmp_agent.PRIV_KEY)
PUBLIC = Community(2, snmp_agent.COMMUNITY)
SYSTEM_GROUP, INTERFACES = ".1.3.6.1.2.1.1", ".1.3.6.1.2.1.2.2.1"


STRONG = {
    f"{digest}-{privacy}".lower(): (digest, privacy)
    for digest, privacy in product(("SHA1", "SHA256"), ("AES192", "AES256", "AES192C", "AES256C"))
}
"""Users by name: SHA-1's digest is shorter than each of these keys, SHA-256's than none."""


def made(name, digest, privacy):
    signing = {"SHA1": "SHA"}.get(digest, digest.replace("SHA", "SHA-"))
    sealing = privacy.replace("AES", "AES-").replace("C", "-C")
    return (
        f'createUser {name} {signing} "{snmp_agent.AUTH_KEY}" {sealing} "{snmp_agent.PRIV_KEY}"\nrouser {name} priv\n'
    )


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    users = "".join(made(name, *methods) for name, methods in STRONG.items())
    with snmp_agent.running(tmp_path_factory.mktemp("snmpd"), more=users) as port:
        yield port


def device(port, credential=PUBLIC, timeout_s=60.0):
    return TolerantDevice("127.0.0.1", port, credential, timeout_s=timeout_s)


@pytest.mark.parametrize(
    "credential", [Community(1, snmp_agent.COMMUNITY), PUBLIC, GOOD], ids=["v1", "v2c", "v3 authPriv"]
)
def test_both_libraries_read_the_same_of_a_real_agent(port, credential):
    ours, theirs = device(port, credential), Device("127.0.0.1", port, credential, timeout_s=60.0)
    constant = f"{INTERFACES}.2", f"{INTERFACES}.3", f"{INTERFACES}.6", f"{SYSTEM_GROUP}.9.1"

    wanted = [SYSTEM["sysName"], SYSTEM["sysObjectID"], f"{SYSTEM_GROUP}.99.0"]
    assert len(ours.get(wanted)) == 2, "one that is missing takes none of the others with it"
    assert ours.get(wanted) == theirs.get(wanted)
    for table in constant:
        before, found, after = (list(chain(*one.walk(table))) for one in (theirs, ours, theirs))
        # Other tests make and remove interfaces of this host meanwhile.
        steady = [row for row in before if row in after]
        assert [row for row in found if row in steady] == steady
        assert set(found) <= {*before, *after}
    assert [ours.has(oid) for oid in (INTERFACES, ".1.3.6.1.2.1.33")] == [True, False]


def test_a_whole_device_has_the_same_figures(port):
    ours, theirs = device(port), Device("127.0.0.1", port, PUBLIC, timeout_s=60.0)

    before, found, after = ({(one.name, one.labels) for one in poll(made).metrics} for made in (theirs, ours, theirs))

    assert before & after <= found <= before | after
    assert len(found) > 50


@pytest.mark.parametrize("name", STRONG)
def test_long_keys_are_made_as_the_agent_makes_them(port, name):
    user = User(name, *STRONG[name], snmp_agent.AUTH_KEY, snmp_agent.PRIV_KEY)
    libraries = [device(port, user)]
    if not user.privacy.endswith("C"):
        libraries.append(Device("127.0.0.1", port, user, timeout_s=60.0))

    for one in libraries:
        assert one.get([SYSTEM["sysName"]]) == {SYSTEM["sysName"]: b"thu-nghiem"}


def test_silence_and_a_wrong_key_are_told_apart(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        with pytest.raises(SilentError, match="timeout"):
            device(deaf.getsockname()[1], timeout_s=0.2).get([SYSTEM["sysName"]])
    with pytest.raises(UserError, match="not accepted"):
        device(port, User(GOOD.name, "SHA1", "AES128", "sai-sai-sai-sai", GOOD.priv_key)).get([SYSTEM["sysName"]])


def test_a_table_ends_at_the_limit(port, monkeypatch):
    monkeypatch.setattr(pysnmp_client, "ROWS", 3)
    monkeypatch.setattr(pysnmp_client, "ROWS_AT_ONCE", 2)

    assert sum(map(len, device(port).walk(INTERFACES))) == 4


def test_answers_that_are_garbage_are_silence_and_nothing_worse(port):
    def serve():
        while (question := front.recvfrom(65_535))[0] != b"stop":
            front.sendto(b"\x30\x82\xff\xff\x02\x01" + bytes(200), question[1])

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front:
        front.bind(("127.0.0.1", 0))
        serving = threading.Thread(target=serve)
        serving.start()
        with pytest.raises(SilentError):
            device(front.getsockname()[1], timeout_s=0.2).get([SYSTEM["sysName"]])
        front.sendto(b"stop", front.getsockname())
        serving.join()


def test_a_name_nobody_knows_is_silence_and_says_what_to_mend(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(SilentError, match=r"no such name or address .*; write an IP address, or mend DNS"):
        TolerantDevice("khong-co.invalid", 161, PUBLIC, timeout_s=0.2)


def test_a_device_is_asked_over_ipv6(port):
    def relay():
        question, asker = front.recvfrom(65_535)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
            back.settimeout(60)
            back.sendto(question, ("127.0.0.1", port))
            front.sendto(back.recv(65_535), asker)

    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as front:
        front.bind(("::1", 0))
        front.settimeout(60)
        relaying = threading.Thread(target=relay)
        relaying.start()
        made = TolerantDevice("::1", front.getsockname()[1], PUBLIC, timeout_s=60.0)
        assert made.get([SYSTEM["sysName"]]) == {SYSTEM["sysName"]: b"thu-nghiem"}
        relaying.join()


@pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning")
@pytest.mark.filterwarnings("ignore:.*BaseEventLoop.__del__:pytest.PytestUnraisableExceptionWarning")
def test_without_a_free_file_descriptor_nothing_hangs_and_the_reason_is_said():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        with pytest.raises(SilentError, match=r"127\.0\.0\.1:161: it cannot be asked: .*Too many open files"):
            device(161)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    gc.collect()  # the loop that asyncio began to make goes while its complaint is still awaited
