# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import socket
import subprocess

import pytest

from giamsat_agent.devices.credential import User
from giamsat_agent.devices.trap_listener import TrapListener
from giamsat_wire.clock import SystemClock
from support.peers import program
from support.ports import free_ports
from support.uplinks import until

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
V2 = ["-v2c", "-c", "public"]
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1.7"


ENGINE = "0x8000000001020304"
SIGNING, SEALING = "xacthuc-xacthuc", "baomat-baomat"
USERS = [
    User("ky", "SHA256", "", SIGNING, ""),
    User("sha", "SHA1", "AES128", SIGNING, SEALING),
    User("md5", "MD5", "DES", SIGNING, SEALING),
    User("mo"),
]


@pytest.fixture
async def here(tmp_path):
    events = []
    at = f"127.0.0.1:{free_ports(1)[0]}"
    listener = TrapListener(at, clock=SystemClock(), deliver=events.extend, state=tmp_path, users=USERS)
    task = asyncio.ensure_future(listener.run())
    await until(lambda: listener.port)
    yield listener, events
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def notify(listener, how, *words):
    """Run a real snmptrap; whether it was content."""
    at = f"127.0.0.1:{listener.port}"
    ran = await asyncio.to_thread(
        subprocess.run,
        [program("snmptrap"), "-r", "0", "-t", "30", *how, at, *words],
        capture_output=True,
        timeout=60,
        check=False,
    )
    await asyncio.sleep(0.1)
    return ran.returncode == 0


@pytest.mark.peer("snmptrap")
@pytest.mark.parametrize("how", [V2, [*V2, "-Ci"]], ids=["trap", "inform"])
async def test_a_real_notification_of_version_2_is_an_event_and_an_inform_is_answered(here, how):
    listener, events = here

    content = await notify(listener, how, "", LINK_DOWN, IF_NAME, "s", "Gi0/7")

    assert content
    (event,) = events
    assert (event.kind, event.fields["observer.ingress.interface.name"]) == ("device-interface-changed", "Gi0/7")


def version_3(user, *, level="authPriv", hashed="SHA", sealed="AES", signing=SIGNING, sealing=SEALING):
    said = ["-v3", "-e", ENGINE, "-u", user, "-l", level, "-a", hashed, "-A", signing, "-Z", "5,100"]
    return [*said, "-x", sealed, "-X", sealing] if level == "authPriv" else said


@pytest.mark.peer("snmptrap")
@pytest.mark.parametrize(
    ("how", "authenticated"),
    [
        (version_3("sha"), True),
        (version_3("md5", hashed="MD5", sealed="DES"), True),
        (version_3("ky", level="authNoPriv", hashed="SHA-256"), True),
        (["-v3", "-e", ENGINE, "-u", "mo", "-l", "noAuthNoPriv"], False),
    ],
    ids=["SHA1 and AES", "MD5 and DES", "SHA-256 alone", "neither"],
)
async def test_a_real_notification_of_version_3_says_who_signed_it(here, how, authenticated):
    listener, events = here

    await notify(listener, how, "", LINK_DOWN, IF_NAME, "s", "Gi0/7")

    (event,) = events
    assert (event.kind, event.fields["observer.ingress.interface.name"]) == ("device-interface-changed", "Gi0/7")
    assert event.fields["giamsat.snmp.authenticated"] is authenticated
    assert event.fields["giamsat.snmp.version"] == 3


@pytest.mark.peer("snmptrap")
@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        (version_3("ai-do"), "unknown_user"),
        (version_3("sha", signing="sai-sai-sai-sai"), "wrong_digest"),
        (version_3("sha", sealing="sai-sai-sai-sai"), "undecryptable"),
        (version_3("sha", level="authNoPriv"), "undecryptable"),
        (["-v3", "-e", ENGINE, "-u", "sha", "-l", "noAuthNoPriv"], "unsigned"),
    ],
)
async def test_a_notification_that_is_not_accepted_is_counted_with_the_reason(here, how, outcome):
    listener, events = here

    await notify(listener, how, "", LINK_DOWN)

    assert events == []
    assert [dict(sample.labels)["outcome"] for sample in listener.samples()] == [outcome]


def inform_3(user, *, hashed="SHA", sealed="AES", signing=SIGNING):
    return ["-v3", "-Ci", "-u", user, "-l", "authPriv", "-a", hashed, "-A", signing, "-x", sealed, "-X", SEALING]


@pytest.mark.peer("snmptrap")
@pytest.mark.parametrize(
    "how",
    [
        inform_3("sha"),
        inform_3("md5", hashed="MD5", sealed="DES"),
        ["-v3", "-Ci", "-u", "ky", "-l", "authNoPriv", "-a", "SHA-256", "-A", SIGNING],
        ["-v3", "-Ci", "-u", "mo", "-l", "noAuthNoPriv"],
    ],
    ids=["SHA1 and AES", "MD5 and DES", "SHA-256 alone", "neither"],
)
async def test_a_real_inform_of_version_3_finds_our_engine_and_is_content_with_the_response(here, how):
    listener, events = here

    content = await notify(listener, how, "", LINK_DOWN, IF_NAME, "s", "Gi0/7")

    assert content
    (event,) = events
    assert (event.kind, event.fields["observer.ingress.interface.name"]) == ("device-interface-changed", "Gi0/7")
    assert event.fields["giamsat.snmp.authenticated"] is (how[3] != "mo")


@pytest.mark.peer("snmptrap")
async def test_an_inform_that_is_not_accepted_hears_why(here):
    listener, events = here

    stranger = await notify(listener, inform_3("ai-do"), "", LINK_DOWN)
    wrong = await notify(listener, inform_3("sha", signing="sai-sai-sai-sai"), "", LINK_DOWN)

    assert (stranger, wrong, events) == (False, False, [])
    assert {dict(sample.labels)["outcome"] for sample in listener.samples()} == {
        "discovery",
        "unknown_user",
        "wrong_digest",
    }


@pytest.mark.peer("snmptrap")
async def test_a_notification_from_before_what_was_heard_is_too_old(here):
    listener, events = here

    await notify(listener, version_3("sha"), "", LINK_DOWN)
    await notify(listener, [*version_3("sha"), "-Z", "4,100"], "", LINK_DOWN)

    assert len(events) == 1
    assert "outside_time_window" in {dict(sample.labels)["outcome"] for sample in listener.samples()}


async def test_a_port_that_is_taken_is_a_problem_with_the_reason(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{taken.getsockname()[1]}"
        listener = TrapListener(at, clock=SystemClock(), deliver=list, state=tmp_path)
        task = asyncio.ensure_future(listener.run())
        await until(listener.problems)
        task.cancel()

    assert "in use" in listener.problems()["snmptrap"]
