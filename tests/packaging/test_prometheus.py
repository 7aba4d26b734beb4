# SPDX-License-Identifier: Apache-2.0
"""What Prometheus and Grafana are given stands on what the collector's page really says."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from giamsat_collector.expose.collector import OwnMetrics
from support import peers
from support.own_page import READING

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "packaging/prometheus/giamsat.rules.yml"
DASHBOARD = ROOT / "packaging/grafana/giamsat.json"
CASES = ROOT / "tests/fixtures/prometheus/giamsat.rules.test.yml"


def asked():
    """Every expression somebody is shown or woken by."""
    rules = yaml.safe_load(RULES.read_text("utf-8"))["groups"][0]["rules"]
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [*(rule["expr"] for rule in rules), *(target["expr"] for panel in panels for target in panel["targets"])]


@pytest.mark.peer("promtool")
def test_each_alert_fires_when_it_should_and_not_else(tmp_path):
    for each in (RULES, CASES):
        shutil.copy(each, tmp_path)

    words = [peers.program("promtool"), "test", "rules", CASES.name]
    said = subprocess.run(words, cwd=tmp_path, text=True, capture_output=True, check=False)

    assert (said.returncode, "SUCCESS" in said.stdout) == (0, True), said.stdout + said.stderr


@pytest.mark.peer("promtool")
def test_every_expression_is_one_prometheus_reads(tmp_path):
    rules = [{"record": f"job:e{at}:sum", "expr": expr} for at, expr in enumerate(asked())]
    (tmp_path / "all.yml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))

    words = [peers.program("promtool"), "check", "rules", "all.yml"]
    said = subprocess.run(words, cwd=tmp_path, text=True, capture_output=True, check=False)

    assert said.returncode == 0, said.stdout + said.stderr


def test_every_metric_with_its_labels_stands_on_the_page():
    page = OwnMetrics().page(READING).decode()
    labels = {
        name: set(re.findall(r'(\w+)="', tail)) for name, tail in re.findall(r"^(\w+)(\{.*?\})? ", page, re.MULTILINE)
    }
    wanted = {
        (name, tuple(re.findall(r"(\w+)=", tail)))
        for expr in asked()
        for name, tail in re.findall(r"\b(giamsat_\w+)(\{.*?\})?", expr)
    }

    assert len(wanted) > 15
    assert [(name, keys) for name, keys in wanted if name not in labels or not labels[name].issuperset(keys)] == []
