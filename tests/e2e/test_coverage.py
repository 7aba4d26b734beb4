# SPDX-License-Identifier: Apache-2.0
"""The proof of coverage: 0 of 512 without data, one more when a system is met, one less when its host falls silent."""

import subprocess

import pytest

from support.site import BIN, site

LINE = "Nov 23 10:00:00 may1 sshd[7]: Failed password for root from 192.0.2.7 port 9 ssh2\n"


@pytest.fixture
def here(tmp_path):
    with site(tmp_path) as here:
        yield here


def met(here):
    return here.ask("coverage.show")["met"]


def show(here, *words):
    words = [BIN / "giamsat-collector", "coverage", "show", *words, "--config", here.config]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_the_total_follows_what_arrives_from_one_host(here, tmp_path):
    assert met(here) == 0
    root = tmp_path / "root"
    (root / "var/log").mkdir(parents=True)
    log = root / "var/log/auth.log"
    log.write_text("")
    agent, process = here.agent("host", level=1, settings=f'[host]\nroot = "{root}"\n')
    system, _ = here.system(1)
    with log.open("a") as file:
        file.write(LINE)

    here.until(lambda: met(here) == 1, 30, f"the system is met: {here.ask('coverage.show', system=system)}")
    assert '"met"} 1.0' in here.fetch("/metrics").decode()
    here.until(lambda: here.ask("coverage.ledger", asset=agent, hours=1)["waiting"], 30, "a heartbeat tells what waits")
    ledger = here.ask("coverage.ledger", asset=agent, hours=1)
    assert ledger["hours"][0]["received"]["metric"] >= 1
    assert ledger["hours"][0]["data"] == "full"
    assert set(ledger["sources"]) == {str(log)}
    assert "giamsat_agent_frames_dropped_total" in " ".join(ledger["counters"])
    process.kill()
    here.until(lambda: met(here) == 0, 30, "the total is one less")
    failing = show(here, "--system", system, "--failing")
    assert "monitor.hosts" in failing.stdout
    assert "giamsat-agent status" in failing.stdout
    assert "0/512" in failing.stderr
    assert failing.returncode == 3

    here.start_agent("host")
    with log.open("a") as file:
        file.write(LINE)
    here.until(lambda: met(here) == 1, 30, "the total is what it was")
    assert show(here, "--system", system).returncode == 0
    assert here.state(agent) == "live"
