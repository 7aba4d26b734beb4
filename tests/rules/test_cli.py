# SPDX-License-Identifier: Apache-2.0
import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from giamsat_rules.cli import app
from giamsat_rules.commands.given import LINE_BYTES
from giamsat_rules.load import shipped


@pytest.fixture
def run():
    return lambda *words, stdin=None: CliRunner().invoke(app, words, input=stdin)


DETECTIONS = Path(__file__).resolve().parents[2] / "rules" / "detections"


def failure(second):
    return json.dumps(
        {
            "@timestamp": f"2026-01-01T00:00:{second:02d}Z",
            "event": {"action": "user-login", "outcome": "failure"},
            "process": {"name": "sshd"},
            "source": {"ip": "192.0.2.7"},
        }
    )


def test_the_shipped_cases_pass_and_are_counted(run):
    result = run("test")

    assert result.exit_code == 0
    shipped = len(list(DETECTIONS.rglob("*.cases.yml")))
    assert re.match(rf"(\d+) of \1 cases passed, {shipped} rules with cases; problems: 0", result.stdout)
    assert shipped >= 45


def test_of_cases_without_their_rule_none_counts_as_passed(run, tmp_path):
    (tmp_path / "lost.cases.yml").write_text("fires: [{why: w, events: [{}]}]\nnear_misses: [{why: w, events: [{}]}]\n")

    result = run("test", "--rules", str(tmp_path))

    assert result.exit_code == 1
    assert "there is no rule lost" in result.stderr
    assert result.stdout.startswith("0 of 2 cases passed")


def test_the_shipped_rules_have_no_problems(run):
    assert run("check").exit_code == 0


BROUGHT = """title: Somebody else's
status: test
logsource: {{product: windows, category: process_creation}}
detection: {{s: {{{test}}}, condition: {condition}}}
level: high
"""


def test_of_rules_that_somebody_brings_only_what_keeps_them_from_being_judged_is_told(run, tmp_path):
    for name, test, condition in (
        ("good", "Image|endswith: cmd.exe", "s"),
        ("counted", "Image: x", '"s | count() by User > 5"'),
        ("looking", "CommandLine|re: 'a(?!b)'", "s"),
    ):
        (tmp_path / f"{name}.yml").write_text(BROUGHT.format(test=test, condition=condition))

    result = run("check", "--rules", str(tmp_path))

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        (
            f"{tmp_path}/counted.yml:4: the condition counts behind a `|`, as Sigma no longer does;"
            " count in a correlation: event_count or value_count, with group-by and timespan"
        ),
        (
            f"{tmp_path}/looking.yml:4: Regular expression 'a(?!b)' is invalid: invalid perl operator: (?!;"
            " write it without what RE2 lacks: looking around, referring back"
        ),
    ]
    assert "1 rules" in result.stderr
    assert "with --pack" in result.stderr


def test_events_are_judged_by_level(run):
    events = "\n".join(failure(second) for second in range(9))

    assert json.loads(run("eval", "--events", "-", "--level", "3", stdin=events).stdout)["count"] == 9
    assert run("eval", "--events", "-", "--level", "2", stdin=events).stdout == ""


def test_lines_that_cannot_be_read_are_named_and_the_rest_is_judged(run, tmp_path):
    events = tmp_path / "events.jsonl"
    events.write_bytes(
        b"{broken\n\xff\n" + b"x" * (3 * LINE_BYTES) + b"\n" + b"\n".join(failure(n).encode() for n in range(9))
    )

    result = run("eval", "--events", str(events), "--level", "3")

    assert result.exit_code == 2
    assert [f"{events}:{number}:" in result.stderr for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert json.loads(result.stdout)["lines"] == list(range(4, 13))


def test_a_rule_file_with_an_error_is_named_with_its_line(run, tmp_path):
    rule = tmp_path / "bad.yml"
    rule.write_text("title: bad\nlogsource: {product: linux}\ndetection:\n  s: {a|wrong: 1}\n  condition: s\n")

    result = run("eval", "--rules", str(rule), "--events", "-", stdin="{}")

    assert result.exit_code == 2
    assert f"{rule}:3: Unknown modifier 'wrong'" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("eval", "--events", "absent.jsonl"),
        ("eval", "--events", "-", "--rules", "absent"),
        ("test", "--pack", "absent"),
        ("explain", "absent"),
    ],
)
def test_what_is_not_there_is_said_in_one_message(run, words):
    result = run(*words)

    assert result.exit_code == 1
    assert "absent" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_failing_case_is_named_with_its_line(run, tmp_path):
    source = shipped().detections / "accounts"
    (tmp_path / "account_created.yml").write_bytes((source / "account_created.yml").read_bytes())
    (tmp_path / "account_created.cases.yml").write_text("fires:\n  - {why: wrong, events: [{a: 1}]}\n")

    result = run("test", "--rules", str(tmp_path))

    assert result.exit_code == 1
    assert "account_created.cases.yml:2: wrong: expected alerts 1, got 0" in result.stderr


def test_an_explanation_ends_in_the_number_that_counts(run):
    result = run("explain", "ssh_brute_force", "--level", "5")

    assert result.exit_code == 0
    assert "= 5        level 5" in result.stdout


def test_it_says_which_version_it_is(run):
    result = run("--version")

    assert (result.exit_code, result.stdout) == (0, f"giamsat-rules {version('giamsat-rules')}\n")
