# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from typer.testing import CliRunner

from giamsat_rules.cli import app

RULE = """title: r
name: r
id: 00000000-0000-4000-8000-000000000001
logsource: {product: linux}
detection:
  s: {CommandLine|contains: evil}
  condition: s
"""


@pytest.fixture
def run(tmp_path):
    rule, events = tmp_path / "r.yml", tmp_path / "e.jsonl"
    rule.write_text(RULE)
    lines = [{"CommandLine": "EVIL"}, {"process": {"command_line": "good"}}, {"other": 1}]
    events.write_text("\n".join(map(json.dumps, lines)))
    return lambda *words: CliRunner().invoke(app, [*words, "--rules", str(rule), "--events", str(events)])


def test_an_event_is_judged_by_names_of_sigma_and_of_ecs(run):
    assert [json.loads(line)["lines"] for line in run("eval").stdout.splitlines()] == [[1]]


@pytest.mark.parametrize("name", ["r", "00000000-0000-4000-8000-000000000001"])
def test_each_event_says_why_it_did_not_fire(run, name):
    said = [json.loads(line) for line in run("why-not", name).stdout.splitlines()]

    assert [each["fires"] for each in said] == [True, False, False]
    assert (said[1]["field"], said[1]["wanted"], said[1]["seen"]) == ("CommandLine", "*evil*", "good")
    assert said[2]["seen"] is None


def test_a_rule_that_is_not_there_is_said_in_one_message(run):
    result = run("why-not", "absent")

    assert result.exit_code == 1
    assert "no rule 'absent'" in result.stderr
