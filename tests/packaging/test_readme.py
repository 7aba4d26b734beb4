# SPDX-License-Identifier: Apache-2.0
"""The README's commands are the ones that are run here, and by .ci/run."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def commands(text):
    return [line.split("#")[0].strip() for line in text.splitlines() if line.startswith("make ")]


@pytest.fixture
def readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [command for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for command in commands(block)]


def test_ci_runs_the_check_and_then_exactly_the_test_command_of_the_readme(readme):
    run = ROOT / ".ci" / "run"

    assert commands(run.read_text()) == ["make check", *(command for command in readme if "test" in command)]
    assert run.stat().st_mode & 0o111


def test_every_target_the_readme_names_is_in_the_makefile(readme):
    named = set(re.findall(r"`make (\S+?)`", (ROOT / "README.md").read_text())) | {word.split()[1] for word in readme}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {"run", "test", "smoke"} <= named <= targets


def test_every_script_behind_a_target_exists():
    scripts = re.findall(r"\$\(dev\)/(\w+\.(?:py|sh))", (ROOT / "Makefile").read_text())

    assert [name for name in scripts if not (ROOT / "packaging" / "dev" / name).is_file()] == []
