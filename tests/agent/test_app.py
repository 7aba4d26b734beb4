# SPDX-License-Identifier: Apache-2.0
"""The agent as a process of its own, against a small collector with mutual TLS."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from giamsat_agent import safe_start, status
from giamsat_agent.uplink import identity
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import Happenings, Readings, decode
from giamsat_wire.lane import Lane
from support.patience import Patience
from support.pretend_host import TREE
from support.push_server import enrolled, serving

PATIENT = "from giamsat_agent import app; from giamsat_agent.uplink import client; client.GOODBYE_S = 60.0; app.main()"
"""The agent, which on a busy machine is given time for its goodbye."""


@dataclass
class Site:
    server: object
    config: object
    state: object


@pytest.fixture
async def site(tmp_path):
    async with serving(tmp_path) as server:
        state = tmp_path / "state"
        identity.store(state / "identity", enrolled(server.authority), b"bound")
        config = tmp_path / "agent.toml"
        config.write_text(
            f'state = "{state}"\n[collector]\naddresses = ["{server.address}"]\n[sensors]\nperiod_s = 5\n'
            f'[host]\nproc = "{TREE}/proc"\nsys = "{TREE}/sys"\nroot = "{TREE}/root"\n'
        )
        yield Site(server, config, state)


@contextlib.asynccontextmanager
async def running(*words, state=None):
    """An agent; `state` is what systemd calls its STATE_DIRECTORY."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PATIENT,
        *map(str, words),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **({"STATE_DIRECTORY": str(state)} if state else {})},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ended(process):
    async with asyncio.timeout(60):
        _, said = await process.communicate()
    return process.returncode, said.decode()


async def until(claim, seconds=60):
    patience = Patience(seconds)
    while not claim():
        assert patience.lasts(), f"it is not so within {seconds} s"
        await asyncio.sleep(0.02)


def kinds(server):
    """The events the collector holds, in order, by kind; frames are uncompressed when they are small."""
    found = []
    for lane in (Lane.URGENT, Lane.EVENT):
        for payload in server.payloads(lane):
            for flags in (1, 0):
                with contextlib.suppress(Exception):
                    frame = decode(flags, payload, ChainDecoder())
                    if isinstance(frame, Happenings) and frame.events:
                        found += [event.kind for event in frame.events]
                        break
    return found


def first_reading(server):
    frame = decode(1 | 8, server.payloads(Lane.METRIC)[0], ChainDecoder())
    assert isinstance(frame, Readings)
    return {sample.name for sample in frame.sets[0].samples}


async def test_a_started_agent_sends_its_start_and_a_reading_and_stops_with_a_goodbye(site):
    async with running(site.config) as process:
        await until(lambda: site.server.payloads(Lane.METRIC) and kinds(site.server))
        process.terminate()
        code, said = await ended(process)

    assert code == 0, said
    assert kinds(site.server) == ["agent-started", "agent-stopped"]
    assert {"node_load1", "node_scrape_collector_success", "process_cpu_seconds_total"} <= first_reading(site.server)
    assert site.server.goodbyes == ["stopped in order"]


async def test_an_agent_that_is_killed_goes_on_after_its_last_frame(site):
    async with running(site.config) as process:
        await until(lambda: site.server.payloads(Lane.METRIC))
        process.kill()
        await ended(process)
    held = len(site.server.payloads(Lane.METRIC))
    async with running(site.config) as process:
        await until(lambda: len(site.server.payloads(Lane.METRIC)) > held and len(kinds(site.server)) > 1)

    assert site.server.missing == []
    assert site.server.seqs(Lane.METRIC) == list(range(1, len(site.server.seqs(Lane.METRIC)) + 1))
    assert kinds(site.server)[:2] == ["agent-started", "agent-started"]


async def test_an_agent_that_is_killed_before_its_first_event_passes_over_no_line(site, tmp_path):
    log = tmp_path / "root" / "var" / "log" / "auth.log"
    log.parent.mkdir(parents=True)
    log.touch()
    site.config.write_text(site.config.read_text().replace(f"{TREE}/root", f"{tmp_path}/root"))
    async with running(site.config) as process:
        await until(lambda: site.server.payloads(Lane.METRIC))
        process.kill()
        await ended(process)
    log.write_text("Nov 23 10:00:00 may1 sshd[7]: Failed password for root from 192.0.2.1 port 4242 ssh2\n")
    async with running(site.config):
        await until(lambda: "user-login" in kinds(site.server))


async def test_a_running_agent_says_how_it_is(site):
    async with running(site.config) as process:
        await until(lambda: (found := status.read(site.state)) is not None and found.connected)

        found = status.read(site.state)
        assert (found.collector, found.unit) == (site.server.address, "40.412")
        assert found.sensors > 20
        process.terminate()
        await ended(process)
    assert status.read(site.state) is None


def test_a_host_nobody_has_enrolled_is_not_tried_again_and_again(tmp_path):
    config = tmp_path / "agent.toml"
    config.write_text(f'state = "{tmp_path}"\n')
    words = [sys.executable, "-m", "giamsat_agent.app", config]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    unit = Path(__file__).parents[2] / "packaging/systemd/giamsat-agent.service"

    assert f"RestartPreventExitStatus={done.returncode}\n" in unit.read_text()
    assert "this host is not enrolled; run: giamsat-agent enrol --collector HOST:7444" in done.stderr


async def test_a_second_agent_on_the_same_state_is_refused(site):
    async with running(site.config):
        await until(lambda: site.server.greetings)
        async with running(site.config) as second:
            code, said = await ended(second)

    assert code == 1
    assert "another agent is running" in said


async def test_after_crashes_it_lives_with_the_least_and_says_so(site):
    site.config.write_text(site.config.read_text() + "[restarts]\nsafe_after = 2\n")
    for crashes in (1, 2):
        async with running(site.config) as process:
            await until(lambda: (found := status.read(site.state)) is not None and found.pid == process.pid)
            process.kill()
            await ended(process)
        assert len(json.loads((site.state / safe_start.STARTS).read_text())) == crashes
    async with running(site.config) as process:
        await until(lambda: "agent-restricted" in kinds(site.server))
        await until(lambda: (found := status.read(site.state)) is not None and found.pid == process.pid)

        found = status.read(site.state)
        assert (found.mode, found.sensors) == ("safe", 0)
        process.terminate()
        await ended(process)
    assert not (site.state / safe_start.STARTS).exists()


async def test_with_a_configuration_that_is_refused_it_goes_on_as_it_last_worked(site):
    safe_start.proved(site.state, site.config)
    site.config.write_text("sensors = 7")
    async with running(site.config, state=site.state):
        await until(lambda: "agent-restricted" in kinds(site.server) and site.server.payloads(Lane.METRIC))


async def test_a_host_that_is_not_enrolled_is_told_what_to_do(tmp_path):
    config = tmp_path / "agent.toml"
    config.write_text(f'state = "{tmp_path}/state"\n')
    async with running(config) as process:
        code, said = await ended(process)

    assert code == 1
    assert "giamsat-agent enrol" in said
    assert len(said.splitlines()) == 1


async def test_an_empty_key_stops_the_start_with_one_message(site):
    (site.state / "identity" / "tls-1.key").write_bytes(b"")
    async with running(site.config) as process:
        code, said = await ended(process)

    assert (code, len(said.splitlines())) == (1, 1)
    assert "tls-1.key: hỏng" in said


async def test_an_unknown_key_stops_the_start_with_one_message(tmp_path):
    config = tmp_path / "agent.toml"
    config.write_text("[collectors]\n")
    async with running(config) as process:
        code, said = await ended(process)

    assert code == 1
    assert said.startswith(f"giamsat-agent: {config}: ")
    assert "Traceback" not in said
