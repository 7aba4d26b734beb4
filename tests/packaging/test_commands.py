# SPDX-License-Identifier: Apache-2.0
"""What every one of our programs owes the person at the shell."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ["agent", "collector", "rules"]


def called(command, *words, **environment):
    program = Path(sys.executable).with_name(f"giamsat-{command}")
    env = {**os.environ, **environment}
    return subprocess.run([program, *words], env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_an_answer_not_an_error(command):
    answer = called(command, "--help")

    assert (answer.returncode, answer.stderr) == (0, "")
    assert f"giamsat-{command}" in answer.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_the_shell_completes_its_words(command):
    variable = f"_GIAMSAT_{command.upper()}_COMPLETE"
    answer = called(command, **{variable: "complete_bash", "COMP_WORDS": f"giamsat-{command} ", "COMP_CWORD": "1"})

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert len(answer.stdout.split()) >= 2


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_a_usage_error_that_names_it(command):
    answer = called(command, "--frobnicate")

    assert answer.returncode == 2
    assert "--frobnicate" in answer.stderr
