# SPDX-License-Identifier: Apache-2.0
"""A host that is cut off: its frames go by hand to the collector, and a receipt comes back."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from giamsat_agent.commands import spool
from giamsat_agent.errors import StateError

BIN = Path(sys.executable).parent
RULE = "ssh_brute_force"


def ran(program, *words):
    return subprocess.run([BIN / program, *map(str, words)], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def cut_off(here):
    """A host that was enrolled and then reads its log without ever reaching the collector."""
    root = here.hosts / "root"
    (root / "var/log").mkdir(parents=True)
    log = root / "var/log/auth.log"
    log.touch()
    agent, config = here.enrolled("host", level=5, settings=f'[host]\nroot = "{root}"\n')
    config.write_text(config.read_text().replace(f":{here.ingest}", ":1"))
    process = here.start_agent("host")
    return agent, config, log, process


def held(config, lane="event"):
    # Asked again and again: in this process, where it costs nothing.
    shown = CliRunner().invoke(spool.app, ["show", "--json", "--config", str(config)])
    if isinstance(shown.exception, StateError):
        return {"waiting": 0, "acked": 0}  # the agent has only just been started
    assert shown.exit_code == 0, shown.output
    return next(row for row in map(json.loads, shown.stdout.splitlines()) if row["lane"] == lane)


def waiting(config, lane="event"):
    return held(config, lane)["waiting"]


def guess(log, times):
    # Older than what comes over the network may be, and not as old as what is carried may.
    then = time.strftime("%b %e 10:00:00", time.gmtime(time.time() - 10 * 86_400))
    with log.open("a") as file:
        for number in range(times):
            file.write(f"{then} may1 sshd[7]: Failed password for root from 192.0.2.7 port {number} ssh2\n")


def counted(here, agent):
    return [alert["count"] for alert in here.alerts(rule=RULE, asset=agent)]


def test_what_is_carried_is_judged_once_however_often_it_comes_and_then_forgotten(here, cut_off):
    agent, config, log, _ = cut_off
    here.until(lambda: waiting(config, "metric") > 0, 20, "the agent works")
    guess(log, 40)
    here.until(lambda: waiting(config) > 0, 20, "the guesses are in the spool")
    first, second = here.hosts / "first.parcel", here.hosts / "second.parcel"

    exported = ran("giamsat-agent", "spool", "export", first, "--config", config)
    assert exported.returncode == 0, exported.stderr
    guess(log, 10)
    here.until(lambda: waiting(config) > 1, 20, "more guesses are in the spool")
    assert ran("giamsat-agent", "spool", "export", second, "--config", config).returncode == 0

    for file in (second, first, second):
        imported = ran("giamsat-collector", "spool", "import", file, "--config", here.config)
        assert imported.returncode == 0, imported.stderr

    def counted_once():
        # A parcel may be made before the agent has read the last lines: what it lacks comes with the next one.
        if counted(here, agent) != [50]:
            second.unlink()
            assert ran("giamsat-agent", "spool", "export", second, "--config", config).returncode == 0
            assert ran("giamsat-collector", "spool", "import", second, "--config", here.config).returncode == 0
        return counted(here, agent) == [50]

    here.until(counted_once, 40, "each guess is counted once")
    assert here.state(agent) == "never_seen"

    before = held(config)["acked"]
    taken = ran("giamsat-agent", "spool", "import", f"{second}.receipt", "--config", config)
    assert taken.returncode == 0, taken.stderr
    here.until(lambda: held(config)["acked"] > before, 20, "the agent forgets what the collector holds")


def test_a_host_that_never_connects_is_enrolled_and_heard_by_hand(here):
    before, received = {agent["id"] for agent in here.ask("enrol.agents")}, here.ask("status")["frames_received"]
    config = here.host("alone")
    config.write_text(config.read_text().replace(f":{here.ingest}", ":1"))
    token, stick = here.hosts / "token", here.hosts / "alone.request"
    token.write_text(here.token(level=4))

    out = ran("giamsat-agent", "enrol", "--export", stick, "--token-file", token, "--config", config)
    taken = ran("giamsat-collector", "enrol", "import", stick, "--config", here.config)
    back = ran("giamsat-agent", "enrol", "--import", f"{stick}.answer", "--config", config)
    here.start_agent("alone")
    here.until(lambda: waiting(config, "metric") > 0, 20, "the agent works")
    ran("giamsat-agent", "spool", "export", here.hosts / "week.parcel", "--config", config).check_returncode()
    brought = ran("giamsat-collector", "spool", "import", here.hosts / "week.parcel", "--config", here.config)

    assert (out.returncode, taken.returncode, back.returncode) == (0, 0, 0), (out.stderr, taken.stderr, back.stderr)
    assert "giamsat-collector enrol import alone.request" in out.stderr
    assert "sudo giamsat-agent enrol --import alone.request.answer" in taken.stderr
    (agent,) = {agent["id"] for agent in here.ask("enrol.agents")} - before
    assert agent in back.stderr
    assert agent in brought.stderr
    assert here.ask("status")["frames_received"] > received
    assert ran("giamsat-agent", "enrol", "--export", stick, "--config", config).returncode == 1
