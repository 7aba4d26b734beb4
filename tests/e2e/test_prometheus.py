# SPDX-License-Identifier: Apache-2.0
"""Debian's real Prometheus finds the hosts by http_sd, scrapes their pages over TLS, and says up or down by itself."""

import contextlib
import json
import re
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from support.peers import program
from support.ports import free_ports

pytestmark = pytest.mark.peer("prometheus", "promtool")
SHIPPED = Path(__file__).resolve().parents[2] / "packaging" / "prometheus" / "prometheus.yml"


class Prometheus:
    def __init__(self, port):
        self._port = port

    def query(self, expression):
        """The instant vector of an expression: labels and value."""
        words = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/query?{words}", timeout=5) as answer:
            found = json.load(answer)["data"]["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def value(self, expression):
        with contextlib.suppress(OSError):
            found = self.query(expression)
            return found[0][1] if len(found) == 1 else None

    def types(self):
        """Every metric's type, as Prometheus has learned it from the pages."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/metadata", timeout=5) as answer:
            return {name: rows[0]["type"] for name, rows in json.load(answer)["data"].items()}


@contextlib.contextmanager
def prometheus(here):
    (port,) = free_ports(1)
    data = here.folder / "collector"
    config = here.hosts / "prometheus.yml"
    # The file we ship, with this site's places in it and a pace that suits a test.
    text = SHIPPED.read_text().replace("/etc/prometheus/giamsat", str(data)).replace("root.pem", "roots.pem")
    text = text.replace("collector.example:8443", f"localhost:{here.console}")
    config.write_text(re.sub("(scrape_interval|refresh_interval): [0-9]+s", r"\1: 1s", text))
    here.process(
        [
            str(program("prometheus")),
            f"--config.file={config}",
            f"--storage.tsdb.path={here.hosts / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        "prometheus.log",
    )
    yield Prometheus(port)


def test_a_host_is_up_while_its_agent_runs_and_down_when_it_stopped(here):
    with prometheus(here) as found:
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
            lambda: (
                (found.value(f'rate(node_cpu_seconds_total{{agent_id="{agent}",cpu="0",mode="user"}}[30s])') or 0) > 0
            ),
            60,
            "counters have a rate",
        )

        process.terminate()
        process.wait(60)
        here.until(lambda: found.value(up) == 0, 30, "the host is down")


def test_the_collectors_own_page_pleases_promtool(here):
    here.agent("host", level=2)
    live = sum(agent["state"] == "live" for agent in here.ask("enrol.agents"))
    page = here.fetch("/metrics")
    checked = subprocess.run([program("promtool"), "check", "metrics"], input=page, capture_output=True, check=False)

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
    assert live >= 1
    assert f'giamsat_agents{{state="live"}} {live}' in page.decode()
