# SPDX-License-Identifier: Apache-2.0
"""The signer as a child, as a real process: what others can see of it, and what becomes of it."""

import asyncio
import os
import signal

import pytest

from giamsat_collector.enrol import signer as signer_module
from giamsat_collector.enrol import signer_process as module
from giamsat_collector.enrol.signer import Signer, at
from giamsat_collector.enrol.signer_process import SignerProcess


@pytest.fixture
async def process(tmp_path, monkeypatch):
    monkeypatch.setattr(signer_module, "START_S", 60.0)
    process = SignerProcess(tmp_path / "ca", tmp_path / "s")
    await process.start()
    yield process
    await process.stop()


async def test_one_that_was_killed_is_started_anew_with_the_same_keys(process, tmp_path):
    signer = await Signer.opened(at(tmp_path / "s"))
    keeping = asyncio.ensure_future(process.keep())

    os.kill(process._child.pid, signal.SIGKILL)
    await process._child.wait()
    assert not await signer.look()
    again = await Signer.opened(at(tmp_path / "s"))
    keeping.cancel()

    assert not signer.up
    assert process.restarts_total == {"ended": 1, "hung": 0}
    assert again.trust.root == signer.trust.root


async def test_one_that_cannot_be_started_now_is_tried_again(process, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    signer = await Signer.opened(at(tmp_path / "s"))
    with monkeypatch.context() as without:
        without.setattr("sys.executable", str(tmp_path / "gone"))
        keeping = asyncio.ensure_future(process.keep())
        os.kill(process._child.pid, signal.SIGKILL)
        async with asyncio.timeout(60):
            while process.restarts_total["ended"] < 2:  # noqa: ASYNC110 - what another process has to reach
                await asyncio.sleep(0.01)
    await Signer.opened(at(tmp_path / "s"))
    keeping.cancel()

    assert await signer.look() is False


async def test_it_ends_with_whoever_started_it(process, tmp_path):
    await Signer.opened(at(tmp_path / "s"))
    child = process._child

    child.stdin.close()
    async with asyncio.timeout(60):
        code = await child.wait()

    assert code == 0
    assert not (tmp_path / "s").exists()


async def test_one_that_hangs_is_stopped_all_the_same(process, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "STOP_S", 0.2)
    await Signer.opened(at(tmp_path / "s"))
    child = process._child
    os.kill(child.pid, signal.SIGSTOP)

    async with asyncio.timeout(60):
        await process.stop()
        await child.wait()

    assert child.returncode == -signal.SIGKILL
    await process.stop()


async def test_one_that_hangs_is_ended_and_started_anew_with_the_same_keys(process, tmp_path, monkeypatch):
    signer = await Signer.opened(at(tmp_path / "s"))
    keeping, hung = asyncio.ensure_future(process.keep()), process._child
    os.kill(hung.pid, signal.SIGSTOP)
    with monkeypatch.context() as impatient:
        impatient.setattr(signer_module, "PATIENCE_S", 0.2)
        await signer.look()

    process.watch(answers=signer.up)
    assert hung.returncode is None, "it may be slow for a while"
    monkeypatch.setattr(module, "HUNG_S", 0.0)
    process.watch(answers=signer.up)
    assert await hung.wait() == -signal.SIGKILL
    again = await Signer.opened(at(tmp_path / "s"))
    process.watch(answers=True)
    keeping.cancel()

    assert not signer.up
    assert process.restarts_total == {"ended": 0, "hung": 1}
    assert again.trust.root == signer.trust.root
    assert process._child.returncode is None
