# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from typer.testing import CliRunner

from giamsat_agent.cli import app
from giamsat_agent.errors import ConfigError
from support import web_server
from support.web_server import Authority


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    """A configuration with a real site whose certificate ends in five days, and a port nobody listens on."""
    folder = tmp_path_factory.mktemp("checks")
    authority = Authority(folder)
    with web_server.running(folder, [(authority.issue("site", days=5), "return 200 'chào';")]) as (port,):
        path = folder / "agent.toml"
        path.write_text(
            f'[[check]]\nname = "portal"\nwhat = "http"\ntarget = "https://127.0.0.1:{port}/"\n'
            f'ca_file = "{authority.ca_file}"\n'
            '[[check]]\nname = "gone"\nwhat = "tcp"\ntarget = "127.0.0.1:1"\n'
        )
        yield str(path)


def run(*words):
    return CliRunner().invoke(app, ["checks", "run", *words], env={"COLUMNS": "200"})


@pytest.mark.peer("nginx")
def test_one_check_by_name_says_what_it_found(configured):
    result = run("portal", "-c", configured)

    assert result.exit_code == 0
    assert "✓ portal" in " ".join(result.output.split())
    assert "200, chứng thư còn 5 ngày / certificate for 5 days" in result.output


@pytest.mark.peer("nginx")
def test_all_checks_as_json_and_the_exit_code_says_that_some_fail(configured):
    result = run("-c", configured, "--json")
    portal, gone = map(json.loads, result.stdout.splitlines())

    assert result.exit_code == 2
    assert (portal["check"], portal["success"], portal["failure"], portal["reason"]) == ("portal", True, None, None)
    assert {"name": "probe_http_status_code", "labels": {}, "value": 200.0, "type": "gauge"} in portal["metrics"]
    assert (gone["success"], gone["failure"]) == (False, "unreachable")
    assert gone["reason"] == "127.0.0.1 port 1: Connection refused"


@pytest.mark.peer("nginx")
def test_a_failing_check_alone_is_told_with_its_reason_and_figures_can_be_had_as_prometheus_text(configured):
    failing = run("gone", "-c", configured)
    page = run("-c", configured, "--prometheus")

    assert failing.exit_code == 4
    assert "✗ gone: 127.0.0.1 port 1: Connection refused" in failing.output
    assert 'probe_success{check="portal",what="http"} 1' in page.stdout
    assert "# HELP probe_ssl_earliest_cert_expiry" in page.stdout


def test_processes_that_may_be_missing_and_are_say_that_there_are_none(tmp_path):
    path = tmp_path / "agent.toml"
    path.write_text('[[check]]\nname = "p"\nwhat = "process"\ntarget = "khong-chay"\ncount_least = 0\n')
    result = run("-c", str(path))

    assert result.exit_code == 0, result.exception
    assert "0 tiến trình / processes" in result.output
    assert "since" not in result.output


def test_a_wrong_name_says_which_there_are(configured):
    result = run("portl", "-c", configured)

    assert isinstance(result.exception, ConfigError)
    assert str(result.exception).endswith("no check is called 'portl'; there are: portal, gone")


def test_without_any_check_the_next_step_is_said(tmp_path):
    path = tmp_path / "agent.toml"
    path.write_text("")

    assert "describe one as [[check]]" in str(run("-c", str(path)).exception)
