# SPDX-License-Identifier: Apache-2.0
"""Debian's real Prometheus beside a site, with the configuration we ship."""

import contextlib
import json
import re
import urllib.parse
import urllib.request
from pathlib import Path

from support.peers import program
from support.ports import free_ports

SHIPPED = Path(__file__).resolve().parents[2] / "packaging" / "prometheus" / "prometheus.yml"


class Prometheus:
    """What it knows, asked over its API."""

    def __init__(self, port):
        self._port = port

    def query(self, expression):
        """The instant vector of an expression: labels and value."""
        words = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/query?{words}", timeout=60) as answer:
            found = json.load(answer)["data"]["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def value(self, expression):
        """The value of the one series of an expression; None when there is none, or several."""
        with contextlib.suppress(OSError):
            found = self.query(expression)
            return found[0][1] if len(found) == 1 else None

    def types(self):
        """Every metric's type, as Prometheus has learned it from the pages."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/metadata", timeout=60) as answer:
            return {name: rows[0]["type"] for name, rows in json.load(answer)["data"].items()}


def prometheus(here):
    """Start one that scrapes every host of a site; it ends with the site."""
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
    return Prometheus(port)
