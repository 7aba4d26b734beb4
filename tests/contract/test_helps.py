# SPDX-License-Identifier: Apache-2.0
"""What the three programs say of themselves with --help, in Vietnamese and in English."""

import os
import re
import subprocess

import click
import pytest
from typer.main import get_command

from giamsat_agent.cli import app as agent
from giamsat_collector.cli import app as collector
from giamsat_rules.cli import app as rules
from support.site import BIN

VIETNAMESE = re.compile("[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
OF_THE_LIBRARY = {"help", "install_completion", "show_completion"}


def commands(command, path):
    """A command and all below it, found as a shell finds them, by the words that name them."""
    yield " ".join(path), command
    if hasattr(command, "list_commands"):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                _, below, _ = command.resolve_command(context, [name])
                yield from commands(below, (*path, name))


def is_in_both(text):
    vietnamese, stroke, english = (text or "").partition(" / ")
    return bool(stroke and VIETNAMESE.search(vietnamese) and english and not VIETNAMESE.search(english))


@pytest.mark.parametrize("app", [agent, collector, rules], ids=["agent", "collector", "rules"])
def test_every_command_option_and_argument_is_explained_in_vietnamese_and_english(app):
    found = dict(commands(get_command(app), ()))

    assert len(found) > 5
    assert [name for name, command in found.items() if name and not is_in_both(command.help)] == []
    assert [
        f"{name} {each.name}: {each.help}"
        for name, command in found.items()
        for each in command.params
        if each.name not in OF_THE_LIBRARY and not is_in_both(each.help)
    ] == []


@pytest.mark.parametrize("program", ["giamsat-agent", "giamsat-collector", "giamsat-rules"])
def test_a_terminal_without_vietnamese_letters_is_told_all_the_same(program):
    without = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [BIN / program, "--help"], env=without, capture_output=True, text=True, timeout=60, check=True
    )

    assert "\\u" in done.stdout
    assert done.stderr == ""
