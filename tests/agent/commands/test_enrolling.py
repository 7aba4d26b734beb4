# SPDX-License-Identifier: Apache-2.0
import pytest
from typer.testing import CliRunner

from giamsat_agent.cli import app

TOKEN = f"gs1.{'a' * 12}.{'s' * 26}.{'a' * 32}"


@pytest.fixture
def run(tmp_path):
    config = tmp_path / "agent.toml"
    config.write_text(f'state = "{tmp_path / "state"}"\n')
    return lambda *words: CliRunner().invoke(app, ["enrol", *map(str, words), "--config", str(config)], input=TOKEN)


@pytest.mark.parametrize("words", [(), ("--export", "a", "--import", "b"), ("--collector", "c:1", "--export", "a")])
def test_one_way_at_a_time(run, words):
    result = run(*words)

    assert result.exit_code == 1
    assert "--collector HOST:PORT" in str(result.exception)


def test_a_request_is_never_written_over_another_file(run, tmp_path):
    first = run("--export", tmp_path / "stick")
    again = run("--export", tmp_path / "stick")

    assert first.exit_code == 0, first.exception
    assert "exists already" in str(again.exception)


def test_where_nothing_can_be_written_or_read_the_next_step_is_said(run, tmp_path):
    assert "a stick with room" in str(run("--export", tmp_path / "none" / "stick").exception)
    assert "cannot be read" in str(run("--import", tmp_path / "none").exception)
    (tmp_path / "words").write_text("words")
    assert "enrol --export" in str(run("--import", tmp_path / "words").exception)
