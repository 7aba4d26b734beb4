# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
from pathlib import Path

import pytest

from giamsat_agent import peer_socket
from giamsat_agent.packets.telling.report import MESSAGE_BYTES, Counted, Sight, encode
from giamsat_agent.packets.telling.service import CaptureService
from giamsat_wire.clock import SystemClock

NOBODY = 65_534


class Running:
    """A service that runs, and what it delivered."""

    def __init__(self, path):
        self.path = path
        self.events = []
        self.service = CaptureService(
            path, ["eth0"], user="no-such-user", clock=SystemClock(), deliver=self.events.extend
        )

    def connected(self):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.connect(str(self.path))
        return line

    def values(self):
        return {(sample.name, *sum(sample.labels, ())): sample.value for sample in self.service.samples()}

    async def until(self, happened):
        async with asyncio.timeout(60):
            while True:
                if happened():
                    return
                await asyncio.sleep(0.01)


@pytest.fixture
def folder():
    """A folder that other users can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def here(folder):
    running = Running(folder / "packets.sock")
    task = asyncio.ensure_future(running.service.run())
    await running.until(running.path.exists)
    await asyncio.sleep(0.05)
    yield running
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_what_a_capture_process_says_is_delivered_and_its_end_is_told(here):
    with here.connected() as line:
        line.send(encode(Sight("eth0", watched=True)))
        line.send(encode(Counted("eth0", 5, 0, 0)))
        await here.until(lambda: here.values()[("giamsat_capture_packets_total", "device", "eth0")] == 5)
        assert here.service.problems() == {}
    await here.until(lambda: len(here.events) == 2)

    assert [event.kind for event in here.events] == ["capture-started", "capture-lost"]


async def test_what_is_no_report_is_refused_and_counted_and_the_next_one_is_taken(here):
    with here.connected() as line:
        line.send(b"{}")
        line.send(b"x" * (MESSAGE_BYTES + 100))
        line.send(encode(Sight("eth0", watched=True)))
        await here.until(lambda: here.events)

    assert here.values()[("giamsat_capture_refused_total", "reason", "malformed")] == 1
    assert here.values()[("giamsat_capture_refused_total", "reason", "oversized")] == 1


async def test_a_capture_process_that_comes_back_is_listened_to_again(here):
    for _ in range(2):
        with here.connected() as line:
            line.send(encode(Sight("eth0", watched=True)))
            await here.until(lambda: here.service.problems() == {})
        await here.until(lambda: here.service.problems() != {})

    assert [event.kind for event in here.events] == ["capture-started", "capture-lost"] * 2


@pytest.mark.root
async def test_while_nobody_can_be_let_in_it_is_a_problem_and_then_tried_again(folder, monkeypatch):
    monkeypatch.setattr(peer_socket, "RETRY_S", 0.01)
    loop, running = asyncio.get_running_loop(), Running(folder / "packets.sock")
    accept, full = loop.sock_accept, [OSError(24, "Too many open files")]

    async def accepted(listener):
        if full:
            raise full[0]
        return await accept(listener)

    monkeypatch.setattr(loop, "sock_accept", accepted)
    task = asyncio.ensure_future(running.service.run())
    await running.until(lambda: "Too many open files" in running.service.problems().get("packets", ""))
    full.clear()
    await running.until(lambda: "packets" not in running.service.problems())
    with running.connected() as line:
        line.send(encode(Sight("eth0", watched=True)))
        await running.until(lambda: running.events)
    task.cancel()

    assert running.events[0].kind == "capture-started"


async def test_another_user_is_not_listened_to(here):
    os.seteuid(NOBODY)
    try:
        line = here.connected()
    finally:
        os.seteuid(0)
    with line:
        line.send(encode(Sight("eth0", watched=True)))
    await here.until(lambda: ("giamsat_capture_refused_total", "reason", "peer") in here.values())

    assert here.events == []


async def test_a_socket_that_cannot_be_opened_is_a_problem_with_the_reason(tmp_path):
    running = Running(tmp_path / "missing" / "packets.sock")
    task = asyncio.ensure_future(running.service.run())
    await running.until(lambda: "packets" in running.service.problems())
    task.cancel()

    assert "cannot be listened on" in running.service.problems()["packets"]
