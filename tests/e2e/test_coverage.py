# SPDX-License-Identifier: Apache-2.0
"""The proof of coverage: 0 of 512 without data; of two systems that are met, one less when any one source stops."""

import subprocess
import sys

import pytest

from support.site import BIN, site

pytestmark = pytest.mark.root

LINE = "Nov 23 10:00:00 may1 sshd[7]: Failed password for root from 192.0.2.7 port 9 ssh2\n"
WITHIN_S = 60
"""Five minutes are allowed."""


@pytest.fixture
def here(tmp_path):
    with site(tmp_path) as here:
        yield here


class Host:
    """A host whose log is a file of its own; from level 3 on its network is watched, too."""

    def __init__(self, here, level):
        self.here, self.name = here, f"host{level}"
        self.system, _ = here.system(level)
        root = here.folder / f"root{level}"
        (root / "var/log").mkdir(parents=True)
        self.log = root / "var/log/auth.log"
        self.log.touch()
        packets = f'[packets]\ninterfaces = ["lo"]\nsocket = "{here.folder / "packets.sock"}"\nuser = "root"\n'
        settings = f'[host]\nroot = "{root}"\n{packets if level >= 3 else ""}'
        self.agent, _ = here.enrolled(self.name, level=level, settings=settings)
        self.process = here.start_agent(self.name)

    def watch(self):
        """Start what captures its packets."""
        words = [sys.executable, "-m", "giamsat_agent.capture", str(self.here.folder / f"{self.name}.toml")]
        return self.here.process(words, "capture.log")

    def writes(self):
        """Its log goes on."""
        with self.log.open("a") as file:
            file.write(LINE)

    def failing(self):
        """What its system lacks, and why."""
        (found,) = self.here.ask("coverage.show", system=self.system)["systems"]
        return {one["id"]: one["reason"]["en"] for one in found["obligations"] if one["step"]}


def met(here):
    return here.ask("coverage.show")["met"]


def said(here, *words):
    words = [BIN / "giamsat-collector", *words, "--config", here.config]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_the_total_falls_by_one_for_each_system_of_which_one_source_stops_and_rises_when_it_is_back(here):
    found = here.ask("coverage.show")
    assert (found["met"], found["total"]) == (0, 512)
    hosts = [Host(here, level) for level in (1, 2, 3)]
    logs, dies, watches = hosts
    capture = watches.watch()
    for host in hosts:
        read = f'giamsat_agent_source_up{{source="{host.log}"}} 1'
        here.until(lambda host=host, read=read: read in here.page(host.agent), WITHIN_S, f"{host.log} is read")
        host.writes()
    here.until(lambda: met(here) == 3, 30, f"all are met: {[host.failing() for host in hosts]}")
    assert '{level="3",state="met"} 1.0' in here.fetch("/metrics").decode()
    source_is_counted_at_both_ends(here, logs)

    capture.kill()
    here.until(lambda: met(here) == 2, WITHIN_S, "packets are no longer watched")
    assert watches.failing() == {"monitor.network": "no host watches packets"}
    dies.process.kill()
    # Something else stands in the place of the log: it cannot be read any more.
    logs.log.unlink()
    logs.log.mkdir()
    here.until(logs.failing, WITHIN_S, "the log is no longer read")
    assert set(logs.failing()) == {"log.host"}
    assert logs.failing()["log.host"].endswith(f"{logs.log}"[:80])
    assert met(here) == sum(not host.failing() for host in hosts)
    here.until(lambda: met(here) == 0, WITHIN_S, "the host is silent")
    assert dies.failing()["monitor.hosts"].startswith("not reporting: ")
    shown = said(here, "coverage", "show", "--system", dies.system, "--failing")
    assert "monitor.hosts: không gửi dữ liệu" in shown.stdout.partition("giamsat-agent status")[0]
    assert ("0/512" in shown.stderr, shown.returncode) == (True, 3)
    troubled = said(here, "coverage", "sources")
    line = f"{logs.log}: dừng / stopped  →  Trên máy chạy giamsat-agent doctor"
    assert (line in troubled.stdout, troubled.returncode) == (True, 3)

    logs.log.rmdir()
    for host in hosts:
        host.writes()
    watches.watch()
    here.start_agent(dies.name)
    here.until(lambda: met(here) == 3, WITHIN_S, f"the total is what it was: {[host.failing() for host in hosts]}")
    assert [host.failing() for host in hosts] == [{}] * 3


def source_is_counted_at_both_ends(here, host):
    """The host, its page for Prometheus and the collector's ledger say the same of its log."""
    told = f'outcome="produced",source="{host.log}"}} 2'
    here.until(lambda: told in here.page(host.agent), WITHIN_S, "two events of the log are told")
    ledger = here.ask("coverage.ledger", asset=host.agent, hours=1)
    assert (ledger["hours"][0]["data"], ledger["hours"][0]["received"]["metric"] >= 1) == ("full", True)
    (log,) = [one for one in ledger["sources"] if one["source"] == str(host.log)]
    assert (log["condition"], log["lost"]) == ("flowing", 0)
    words = [BIN / "giamsat-agent", "status", "--config", here.folder / f"{host.name}.toml"]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    assert f"nguồn / source {host.log}: 2 sự kiện / events" in found.stdout
