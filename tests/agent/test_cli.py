# SPDX-License-Identifier: Apache-2.0
import json
import re
import time
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from giamsat_agent import cli, next_step, status
from support.own_status import made
from support.pretend_host import TREE

ROOTS = ["--proc", str(TREE / "proc"), "--sys", str(TREE / "sys"), "--root", str(TREE / "root")]


def called(*words):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "agent.toml"
    path.write_text(f'state = "{tmp_path}"\n')
    return path


def written(folder, **changes):
    status.write(folder, made(**changes))


def test_a_reading_is_printed_as_prometheus_text():
    result = called("host", "read", *ROOTS)

    assert "# TYPE node_load1 gauge\n" in result.stdout
    assert "\nnode_cpu_seconds_total{" in result.stdout


def test_a_reading_is_printed_as_one_json_object_a_line():
    result = called("host", "read", "--json", *ROOTS)

    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert {"name", "labels", "value", "type"} == {key for row in rows for key in row}
    assert any(row["name"] == "node_load1" and row["type"] == "gauge" for row in rows)


def test_a_right_configuration_is_said_to_be_right(config):
    assert called("config", "check", "--config", config).exit_code == 0


def test_emergency_keys_that_are_not_there_are_said_before_they_are_needed(config, tmp_path):
    with config.open("a") as file:
        file.write('[collector]\nemergency_keys = ["/nowhere/1", "/nowhere/2", "/nowhere/3"]\n')

    result = called("config", "check", "--config", config)

    assert result.exit_code == 1
    said = str(result.exception)
    assert re.match("/nowhere/1: không đọc được khóa khẩn cấp.* / the emergency key cannot be read", said)


def test_every_value_in_force_is_shown(config, tmp_path):
    shown = json.loads(called("config", "show", "--config", config).stdout)

    assert shown["state"] == str(tmp_path)
    assert shown["sensors"]["period_s"] == 15.0


def test_a_wrong_configuration_is_one_message_and_exit_code_one(config, monkeypatch, capsys):
    config.write_text("stat = 1\n")
    monkeypatch.setattr("sys.argv", ["giamsat-agent", "config", "check", "--config", str(config)])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 1
    message = capsys.readouterr().err
    assert message.startswith(f"giamsat-agent: {config}: ")
    assert "stat" in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    ("changes", "code"),
    [({}, 0), ({"connected": False, "problem": "unavailable"}, 4), ({"written_ns": time.time_ns() - 10**12}, 3)],
)
def test_the_exit_code_of_status_says_how_the_agent_is(config, tmp_path, changes, code):
    written(tmp_path, **changes)

    assert called("status", "--config", config).exit_code == code


@pytest.mark.parametrize(("there", "step"), [([], next_step.enrolling), (["identity"], next_step.starting)])
def test_without_an_agent_the_status_says_what_to_do(config, tmp_path, there, step):
    for name in there:
        (tmp_path / name).mkdir()
    result, of_program = called("status", "--config", config), called("status", "--json", "--config", config)

    assert (result.exit_code, of_program.exit_code) == (3, 3)
    assert f"next: {step()}\n" in result.stdout
    assert (of_program.stdout, of_program.stderr) == ("", result.stdout), "a program reads JSON, or nothing"


def test_where_something_cannot_be_read_the_status_says_who_tells_how_to_grant_it(config, tmp_path):
    written(tmp_path, failing={"system_log": "no log can be read"})
    lacking = called("status", "--config", config).stdout
    written(tmp_path)
    whole = called("status", "--config", config).stdout

    assert "✗ system_log: no log can be read\n    → " in lacking
    assert "sudo giamsat-agent doctor" in lacking
    assert "doctor" not in whole


def test_what_the_collector_did_not_take_is_shown_with_what_became_of_it(config, tmp_path):
    written(tmp_path, refused={"overload": 12, "unknown": 1})
    said = called("status", "--config", config).stdout

    assert "overload: 12; bộ thu đang bận" in said
    assert "unknown: 1; bộ thu mới hơn agent" in said


def test_a_status_can_be_read_by_programs(config, tmp_path):
    written(tmp_path)

    assert json.loads(called("status", "--json", "--config", config).stdout)["agent_id"] == "a-1"


def test_it_says_which_version_it_is():
    result = called("--version")

    assert (result.exit_code, result.stdout) == (0, f"giamsat-agent {version('giamsat-agent')}\n")
