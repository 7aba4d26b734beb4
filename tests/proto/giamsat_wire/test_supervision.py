# SPDX-License-Identifier: Apache-2.0
import socket

import pytest

from giamsat_wire.supervision import EVERY_NS, Supervisor
from support.clock import ManualClock


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """A socket as a service manager listens on it, and the name it gives to the services it starts."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if name.startswith("@") else name)
        listening.setblocking(False)  # noqa: FBT003 - the standard library's signature
        yield listening, {"NOTIFY_SOCKET": name}


def heard(listening):
    words = []
    while True:
        try:
            words.append(listening.recv(100).decode())
        except BlockingIOError:
            return words


def test_the_manager_hears_of_the_beginning_of_life_and_of_the_end(manager):
    listening, environment = manager
    supervisor = Supervisor(ManualClock(), environment)

    supervisor.ready()
    supervisor.alive()
    supervisor.stopping()

    assert heard(listening) == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_work_is_not_told_more_often_than_anybody_needs(manager):
    listening, environment = manager
    clock = ManualClock()
    supervisor = Supervisor(clock, environment)

    for _ in range(2 * EVERY_NS // 1_000_000_000 + 1):
        supervisor.alive()
        clock.advance(1_000_000_000)

    assert heard(listening) == ["WATCHDOG=1"] * 3


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "/nowhere/notify"}])
def test_without_a_manager_nobody_is_told_and_nothing_fails(environment):
    assert Supervisor(ManualClock(), environment).ready() is None
