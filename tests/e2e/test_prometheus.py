# SPDX-License-Identifier: Apache-2.0
"""Debian's real Prometheus finds the hosts by http_sd, scrapes their pages over TLS, and says up or down by itself."""

import subprocess

import pytest

from support.peers import program
from support.prometheus import prometheus

pytestmark = pytest.mark.peer("prometheus", "promtool")


def test_a_host_is_up_while_its_agent_runs_and_down_when_it_stopped(here):
    found = prometheus(here)
    agent, process = here.agent("host", level=3)
    up = f'up{{agent_id="{agent}"}}'
    here.until(lambda: found.value(up) == 1, 30, "the host is up")

    ((labels, _),) = found.query(up)
    assert (labels["job"], labels["level"]) == ("giamsat-node", "3")
    assert labels["unit"]
    assert labels["system"].startswith("VD-")
    here.until(lambda: found.value('up{job="giamsat-collector"}') == 1, 30, "the collector is up")
    names = found.query(f'count by (__name__) ({{agent_id="{agent}"}})')
    assert {"node_uname_info", "node_cpu_seconds_total", "node_load1"} <= {row["__name__"] for row, _ in names}
    types = found.types()
    assert types["node_cpu_seconds_total"] == types["node_network_receive_bytes_total"] == "counter"
    assert types["node_load1"] == types["node_memory_MemAvailable_bytes"] == "gauge"
    here.until(
        lambda: (found.value(f'rate(node_cpu_seconds_total{{agent_id="{agent}",cpu="0",mode="user"}}[30s])') or 0) > 0,
        60,
        "counters have a rate",
    )

    process.terminate()
    process.wait(60)
    here.until(lambda: found.value(up) == 0, 30, "the host is down")


def test_the_collectors_own_page_pleases_promtool(here):
    here.agent("host", level=2)

    def live():
        return sum(agent["state"] == "live" for agent in here.ask("enrol.agents"))

    before, page, after = live(), here.fetch("/metrics"), live()
    checked = subprocess.run([program("promtool"), "check", "metrics"], input=page, capture_output=True, check=False)

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
    assert before >= 1
    # A host of another test may fall silent meanwhile.
    assert any(f'giamsat_agents{{state="live"}} {count}.0\n' in page.decode() for count in range(after, before + 1))
