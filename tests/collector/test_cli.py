# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from giamsat_collector.cli import GROUPS, app
from support.console_line import line

PROGRAM = Path(sys.executable).parent / "giamsat-collector"


def run(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60, check=False)


def test_an_error_of_ours_is_one_message_and_exit_code_1(tmp_path):
    config = tmp_path / "c.toml"
    config.write_text("dta = 1\n[listen]\ningest = 99999\n")

    result = run("config", "check", "--config", str(config))

    assert result.returncode == 1
    assert "dta: no such key" in result.stderr
    assert "listen.ingest" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_daemon_refuses_the_same_configuration(tmp_path):
    config = tmp_path / "c.toml"
    config.write_text("dta = 1\n")

    result = run("run", "--config", str(config))

    assert (result.returncode, "dta: no such key" in result.stderr) == (1, True)


def test_a_mistyped_command_is_answered_with_a_suggestion():
    result = run("alert", "list")

    assert result.returncode == 2
    assert "alerts" in result.stderr


def test_every_value_in_force_can_be_shown(tmp_path):
    config = tmp_path / "c.toml"
    config.write_text("[listen]\nconsole = 9443\n")

    shown = json.loads(run("config", "show", "--config", str(config)).stdout)

    assert (shown["listen"]["console"], shown["listen"]["ingest"]) == (9443, 7443)


def test_the_status_is_printed_for_people_and_machines(tmp_path):
    with line(tmp_path, status={"version": "1", "agents": {"live": 2}}) as here:
        assert json.loads(here.run("status", "--json").stdout)["agents"] == {"live": 2}
        assert "2 đang báo cáo / live" in here.run("status").stdout


def test_it_says_which_version_it_is():
    result = run("--version")

    assert (result.returncode, result.stdout) == (0, f"giamsat-collector {version('giamsat-collector')}\n")


def test_every_group_is_there_and_says_what_it_is_for():
    for name, told in GROUPS.items():
        shown = CliRunner().invoke(app, [name, "--help"])

        assert shown.exit_code == 0, name
        assert told.partition(" ")[0] in shown.stdout
        assert "--install-completion" not in shown.stdout


@pytest.mark.parametrize(
    "command", ["alerts show", "flows search", "indicators list", "registry units", "rules show", "suppress end"]
)
def test_a_short_command_waits_for_no_engine_and_no_database(command):
    heavy = "{'sqlalchemy', 'numpy', 'sigma', 'giamsat_rules.engine'}"
    asked = (
        f"import sys, giamsat_collector.cli as c\ntry: c.main()\nfinally: print(sorted({heavy} & sys.modules.keys()))"
    )
    words = [sys.executable, "-c", asked, *command.split(), "--help"]
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)

    assert said.stdout.splitlines()[-1] == "[]"
