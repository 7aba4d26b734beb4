# SPDX-License-Identifier: Apache-2.0
"""Setting up: which Python is taken, when there is nothing to do, and what is said when it fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import environment
import pytest

DEV = Path(environment.__file__).parent


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace with locks and members, and an environment that was just made from them."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "LOCKS", tmp_path / "locks")
    for file in (
        "locks/run.txt",
        "locks/dev.txt",
        ".venv/bin/python",
        *(f"{m}/pyproject.toml" for m in environment.MEMBERS),
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(file)
    environment.stamp_of("run").write_text(environment.fingerprint("run"))
    return tmp_path


def test_an_environment_made_from_these_very_files_is_current(workspace):
    assert environment.is_current("run")
    assert not environment.is_current("dev")


@pytest.mark.parametrize("file", ["locks/run.txt", "agent/pyproject.toml"])
def test_a_changed_lock_or_project_makes_it_stale(workspace, file):
    (workspace / file).write_text("changed")

    assert not environment.is_current("run")


def test_an_environment_whose_python_is_gone_is_stale(workspace):
    (workspace / ".venv/bin/python").unlink()

    assert not environment.is_current("run")


def test_a_tool_that_succeeds_is_one_line(workspace, capfd):
    environment.run("doing it", [sys.executable, "-c", "print('noise')"], advice="none")

    assert capfd.readouterr().out == "set-up: doing it\n"


def test_a_tool_that_fails_shows_its_words_and_the_advice(workspace, capfd):
    with pytest.raises(environment.EnvironmentRefused, match=r"doing it: failed with exit code 4\. Try again"):
        environment.run("doing it", [sys.executable, "-c", "print('why'); raise SystemExit(4)"], advice="Try again")

    assert capfd.readouterr().err == "why\n"


def named_python(folder, asked=None, **versions):
    """What python.sh answers on a machine that has only these Pythons, of which one may be asked for."""
    for name, version in versions.items():
        file = folder / name.replace("_", ".")
        file.write_text(f"#!/bin/sh\necho {version}\n")
        file.chmod(0o755)
    shell = ["/bin/sh", str(DEV / "python.sh")]
    env = {"PATH": str(folder)} | ({} if asked is None else {"PYTHON": asked})
    return subprocess.run(shell, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_a_python_that_is_too_old_is_named_with_what_to_do(tmp_path):
    answer = named_python(tmp_path, python3="3.9")

    assert answer.returncode == 1
    assert "needs Python 3.11 or later; python3 is 3.9" in answer.stderr
    assert "make PYTHON=/path/to/python3.12" in answer.stderr


def test_no_python_at_all_is_said(tmp_path):
    assert "no python3 is on PATH" in named_python(tmp_path).stderr


def test_a_newer_python_under_its_own_name_is_taken(tmp_path):
    answer = named_python(tmp_path, python3="3.9", python3_12="3.12")

    assert answer.stdout.strip() == os.fspath(tmp_path / "python3.12")


def test_of_several_pythons_the_system_s_own_is_taken_unless_another_is_asked_for(tmp_path):
    several = {"python3": "3.11", "python3_13": "3.13"}

    assert named_python(tmp_path, **several).stdout.strip() == os.fspath(tmp_path / "python3")
    assert named_python(tmp_path, "python3.13", **several).stdout.strip() == os.fspath(tmp_path / "python3.13")
    assert named_python(tmp_path, "", **several).stdout.strip() == os.fspath(tmp_path / "python3")


@pytest.mark.parametrize(
    ("asked", "why"), [("python3.13", "python3.13 does not run"), ("python3.9", "python3.9 is 3.9")], ids=str
)
def test_another_python_than_the_one_asked_for_is_never_taken(tmp_path, asked, why):
    answer = named_python(tmp_path, asked, python3="3.12", python3_9="3.9")

    assert (answer.returncode, answer.stdout) == (1, "")
    assert f"needs Python 3.11 or later; {why}" in answer.stderr


def test_a_disk_without_room_is_told_before_anything_is_made(workspace, monkeypatch):
    environment.stamp_of("run").unlink()
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 90 << 20))

    with pytest.raises(environment.EnvironmentRefused, match="takes 750 MB, and its disk has 90 MB free; make room"):
        environment.make("dev")
