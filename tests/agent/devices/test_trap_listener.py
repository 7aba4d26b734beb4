# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import socket
import subprocess

import pytest

from giamsat_agent.devices.trap_listener import TrapListener
from giamsat_wire.clock import SystemClock
from support.peers import program

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1.7"


@pytest.fixture
async def here():
    events = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{free.getsockname()[1]}"
    listener = TrapListener(at, clock=SystemClock(), deliver=events.extend)
    task = asyncio.ensure_future(listener.run())
    async with asyncio.timeout(10):
        while True:
            if listener.port:
                break
            await asyncio.sleep(0.01)
    yield listener, events
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def notify(listener, how, *words):
    """Run a real snmptrap; whether it was content."""
    at = f"127.0.0.1:{listener.port}"
    ran = await asyncio.to_thread(
        subprocess.run,
        [program("snmptrap"), "-r", "0", "-t", "3", "-v2c", "-c", "public", *how, at, *words],
        capture_output=True,
        timeout=30,
        check=False,
    )
    await asyncio.sleep(0.1)
    return ran.returncode == 0


@pytest.mark.peer("snmptrap")
@pytest.mark.parametrize("how", [[], ["-Ci"]], ids=["trap", "inform"])
async def test_a_real_notification_of_version_2_is_an_event_and_an_inform_is_answered(here, how):
    listener, events = here

    content = await notify(listener, how, "", LINK_DOWN, IF_NAME, "s", "Gi0/7")

    assert content
    (event,) = events
    assert (event.kind, event.fields["observer.ingress.interface.name"]) == ("device-interface-changed", "Gi0/7")


async def test_a_port_that_is_taken_is_a_problem_with_the_reason():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        listener = TrapListener(f"127.0.0.1:{taken.getsockname()[1]}", clock=SystemClock(), deliver=list)
        task = asyncio.ensure_future(listener.run())
        await asyncio.sleep(0.2)
        task.cancel()

    assert "in use" in listener.problems()["snmptrap"]
