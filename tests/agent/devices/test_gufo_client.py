# SPDX-License-Identifier: Apache-2.0
import random
import socket
import threading

import pytest

from giamsat_agent.devices import gufo_client
from giamsat_agent.devices.credential import Community, User
from giamsat_agent.devices.errors import RefusedError, SilentError
from giamsat_agent.devices.gufo_client import Device
from giamsat_agent.devices.poll import poll
from giamsat_agent.devices.reading import SYSTEM
from support import snmp_agent

pytestmark = pytest.mark.peer("snmpd")

GOOD = User(snmp_agent.USER, "SHA1", "AES128", snmp_agent.AUTH_KEY, snmp_agent.PRIV_KEY)
PUBLIC = Community(2, snmp_agent.COMMUNITY)
STEADY = ".1.3.6.1.4.1.99999.1"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with snmp_agent.running(tmp_path_factory.mktemp("snmpd")) as port:
        yield port


def device(port, credential=PUBLIC, timeout_s=60.0):
    return Device("127.0.0.1", port, credential, timeout_s=timeout_s)


@pytest.mark.parametrize(
    "credential", [Community(1, snmp_agent.COMMUNITY), PUBLIC, GOOD], ids=["v1", "v2c", "v3 authPriv"]
)
def test_each_version_reads_a_real_agent(port, credential):
    found = device(port, credential).get([SYSTEM["sysName"], SYSTEM["sysObjectID"]])

    assert found[SYSTEM["sysName"]] == b"thu-nghiem"


@pytest.mark.parametrize(
    ("named", "authentication", "privacy"),
    [("MD5", "MD5", "DES"), ("SHA-256", "SHA256", "AES128"), ("SHA-512", "SHA512", "AES128")],
)
def test_each_algorithm_is_understood_by_a_real_agent(tmp_path, named, authentication, privacy):
    theirs = {"AES128": "AES"}.get(privacy, privacy)
    user = User(snmp_agent.USER, authentication, privacy, snmp_agent.AUTH_KEY, snmp_agent.PRIV_KEY)
    with snmp_agent.running(tmp_path, authentication=named, privacy=theirs) as port:
        assert device(port, user).get([SYSTEM["sysName"]]) == {SYSTEM["sysName"]: b"thu-nghiem"}


def test_a_device_may_be_given_by_its_name(port, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: [(2, 2, 17, "", ("127.0.0.1", 0))])

    found = Device("cong-chinh.test", port, PUBLIC, timeout_s=60.0).get([SYSTEM["sysName"]])

    assert found == {SYSTEM["sysName"]: b"thu-nghiem"}


@pytest.mark.parametrize("name", ["300.1.1.1", "x" * 300])
def test_a_name_nobody_knows_is_said_to_be_that(monkeypatch, name):
    def unknown(host, *_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(SilentError, match=r"no such name or address .*; write an IP address, or mend DNS"):
        Device(name, 161, PUBLIC, timeout_s=0.2)


def test_a_session_outlives_the_restart_of_its_agent(tmp_path):
    with snmp_agent.running(tmp_path) as port:
        session = device(port, GOOD, timeout_s=2)
    with snmp_agent.running(tmp_path, port=port):
        assert session.get([SYSTEM["sysName"]]) == {SYSTEM["sysName"]: b"thu-nghiem"}


def test_a_whole_device_is_read(port):
    found = poll(device(port))

    assert (found.os, found.errors) == ("linux", [])
    assert {"sysUpTime", "ifOperStatus", "ifHCInOctets", "hrStorageUsed"} <= {one.name for one in found.metrics}


@pytest.mark.parametrize("credential", [PUBLIC, GOOD], ids=["v2c", "v3"])
def test_a_table_of_long_texts_is_read_to_its_end(tmp_path, credential):
    table = ".1.3.6.1.4.1.99999.1"
    wanted = {f"{table}.{row}": f"{row:03}" + "x" * 252 for row in range(1, 61)}
    with snmp_agent.running(tmp_path, objects=wanted) as port:
        rows = [row for rows in device(port, credential).walk(table) for row in rows]

    assert {f"{table}.{name}": value.decode() for name, value in rows} == wanted


@pytest.mark.parametrize("credential", [PUBLIC, GOOD], ids=["v2c", "v3"])
def test_long_texts_are_read_however_many_are_asked_for_at_once(tmp_path, credential):
    wanted = {f".1.3.6.1.4.1.99999.1.{number}.0": f"{number:03}" + "x" * 252 for number in range(20)}
    with snmp_agent.running(tmp_path, objects=wanted) as port:
        read = device(port, credential).get(wanted)

    assert {oid: value.decode() for oid, value in read.items()} == wanted


def test_what_a_device_has_not_costs_one_question_more_at_most(port, monkeypatch):
    asked = []
    session = device(port, GOOD)
    monkeypatch.setattr(session, "has", asked.append)

    assert [*session.walk(".1.3.7"), *session.walk(".1.3.6.1.2.1.999")] == []
    assert [asked.count(oid) for oid in (".1.3.7", ".1.3.6.1.2.1.999")] == [1, 1]


def test_a_table_ends_at_the_limit(port, monkeypatch):
    monkeypatch.setattr(gufo_client, "ROWS", 3)

    assert sum(map(len, device(port).walk(".1.3.6.1.2.1.2"))) == 3


def test_a_wrong_community_is_silence_and_says_so(port):
    with pytest.raises(SilentError, match="wrong community"):
        device(port, Community(2, "khac"), timeout_s=0.3).get([SYSTEM["sysName"]])


@pytest.mark.parametrize(
    "wrong",
    [
        User(GOOD.name, "SHA1", "AES128", "sai-sai-sai-sai", GOOD.priv_key),
        User("khong-co", "SHA1", "AES128", GOOD.auth_key, GOOD.priv_key),
    ],
    ids=["wrong key", "unknown user"],
)
def test_a_wrong_user_is_refused_or_silent_and_never_read(port, wrong):
    with pytest.raises((RefusedError, SilentError), match="check"):
        device(port, wrong, timeout_s=0.5).get([SYSTEM["sysName"]])


def test_a_closed_port_is_silence():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        closed = held.getsockname()[1]
    with pytest.raises(SilentError):
        device(closed, timeout_s=0.3).get([SYSTEM["sysName"]])


@pytest.fixture
def spoiling(port):
    """A port behind which a real agent's answers come back with bytes changed, cut off or put in."""
    chance = random.Random(3)

    def spoiled(answer):
        place = chance.randrange(len(answer))
        return chance.choice(
            [
                answer[:place],
                answer[:place] + chance.randbytes(1) + answer[place + 1 :],
                answer[:place] + chance.randbytes(4) + answer[place:],
            ]
        )

    def serve():
        while (question := front.recvfrom(65_535))[0] != b"stop":
            back.sendto(question[0], ("127.0.0.1", port))
            front.sendto(spoiled(back.recv(65_535)), question[1])

    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back,
    ):
        front.bind(("127.0.0.1", 0))
        back.settimeout(60)
        serving = threading.Thread(target=serve)
        serving.start()
        yield front.getsockname()[1]
        back.sendto(b"stop", front.getsockname())
        serving.join()


def test_no_malformed_answer_does_more_than_fail_that_reading(spoiling):
    outcomes = set()
    for _ in range(600):
        try:
            device(spoiling, timeout_s=0.02).get([SYSTEM["sysDescr"], SYSTEM["sysObjectID"]])
        except (RefusedError, SilentError) as error:
            outcomes.add("malformed" if "malformed" in str(error) else type(error).__name__)

    assert "malformed" in outcomes, "no answer was bad enough for what this is about"
    assert "RefusedError" in outcomes


@pytest.fixture
def steady(tmp_path):
    """The port of a real agent with a table that nothing on this machine changes."""
    with snmp_agent.running(tmp_path, objects={f"{STEADY}.{row}": row for row in range(1, 601)}) as port:
        yield port


@pytest.fixture
def narrow(steady):
    """A port behind which a real agent answers only what fits into so many bytes; says how long questions were."""
    room = [65_535]

    def serve():
        while (question := front.recvfrom(65_535))[0] != b"stop":
            back.sendto(question[0], ("127.0.0.1", steady))
            if len(answer := back.recv(65_535)) <= room[0]:
                front.sendto(answer, question[1])

    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back,
    ):
        front.bind(("127.0.0.1", 0))
        back.settimeout(60)
        serving = threading.Thread(target=serve)
        serving.start()
        yield front.getsockname()[1], room
        back.sendto(b"stop", front.getsockname())
        serving.join()


def test_how_many_rows_an_answer_may_have_is_learned_and_tried_again_when_the_way_is_wide(narrow, monkeypatch):
    monkeypatch.setattr(gufo_client, "ANSWERS", 5)
    at, room = narrow
    whole = [str(row) for row in range(1, 601)]
    room[0] = 300
    session = device(at, timeout_s=1)

    def walked():
        answers = [rows for rows, _ in zip(session.walk(STEADY), range(12), strict=False)]
        return max(map(len, answers)), [row for rows in answers for row in rows]

    fewer, first = walked()
    room[0] = 65_535
    walked()
    more, again = walked()

    assert fewer < 25 < more
    assert [name for name, _ in first] == whole[: len(first)], "each row once, in its order"
    assert [name for name, _ in again] == whole[: len(again)]
