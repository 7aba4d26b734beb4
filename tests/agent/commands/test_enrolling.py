# SPDX-License-Identifier: Apache-2.0
import os
import pty
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from giamsat_agent.cli import app
from giamsat_agent.errors import IdentityError
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink.identity import Identity, Validity

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


def test_a_refused_request_leaves_no_file_and_its_name_can_be_used_again(run, tmp_path):
    state, stick = tmp_path / "state", tmp_path / "stick"
    state.touch()  # where the keys would be written
    refused = run("--export", stick)
    left = stick.exists()
    state.unlink()

    assert isinstance(refused.exception, IdentityError), refused.exception
    assert not left
    assert run("--export", stick).exit_code == 0
    assert stick.stat().st_size > 0


def test_an_enrolled_host_is_told_so_before_the_file_is_opened(run, tmp_path):
    known = Identity("agent-1", "unit-1", b"", b"", b"", Validity(0, 1), "c:1")
    identities.store(tmp_path / "state" / "identity", known, b"")

    assert "enrolled already as agent-1" in str(run("--export", tmp_path / "none" / "stick").exception)


def test_where_nothing_can_be_written_or_read_the_next_step_is_said(run, tmp_path):
    assert "a stick with room" in str(run("--export", tmp_path / "none" / "stick").exception)
    assert "name the answer that came back" in str(run("--import", tmp_path / "none").exception)
    (tmp_path / "words").write_text("words")
    assert "enrol --export" in str(run("--import", tmp_path / "words").exception)


def typed(tmp_path, collector):
    """What is said to a person who sits at a terminal and has not typed anything yet."""
    (tmp_path / "agent.toml").write_text(f'state = "{tmp_path / "state"}"\n')
    ours, theirs = pty.openpty()
    try:
        words = ["enrol", "--collector", collector, "--config", str(tmp_path / "agent.toml")]
        command = [str(Path(sys.executable).with_name("giamsat-agent")), *words]
        done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, timeout=120, check=False)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 1
    return done


def test_a_person_types_the_code_only_when_the_collector_can_be_reached(tmp_path):
    with socket.socket() as silent:  # its port is taken, and nobody listens
        silent.bind(("127.0.0.1", 0))
        refused = typed(tmp_path, f"127.0.0.1:{silent.getsockname()[1]}")

    assert "check the address, the port (7444)" in refused.stderr
    assert "line 1" not in refused.stdout


def test_a_person_types_no_code_where_the_host_is_enrolled_already(tmp_path):
    known = Identity("agent-1", "unit-1", b"", b"", b"", Validity(0, 1), "c:1")
    identities.store(tmp_path / "state" / "identity", known, b"")
    told = typed(tmp_path, "127.0.0.1:1")

    assert "enrolled already as agent-1" in told.stderr
    assert "line 1" not in told.stdout
