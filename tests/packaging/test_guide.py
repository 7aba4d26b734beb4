# SPDX-License-Identifier: Apache-2.0
"""What the guides tell people to type is what the programs understand."""

import re
import shlex
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from giamsat_agent import cli as agent
from giamsat_collector import cli as collector
from giamsat_rules import cli as rules

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "packaging" / "guide"
TEXTS = [ROOT / "README.md", ROOT / "README.vi.md", ROOT / "rules" / "README.md", *sorted(GUIDE.glob("*.md"))]
PROGRAMS = {
    "giamsat-agent": get_command(agent.app),
    "giamsat-collector": get_command(collector.app),
    "giamsat-rules": get_command(rules.app),
}


def told(text):
    """The command lines of a text: in blocks, in tables, in sentences."""
    blocks = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    spans = re.findall(r"`(giamsat-[a-z]+ [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for line in (*blocks, *(" ".join(span.split()) for span in spans)):
        for part in line.split("#")[0].split("|"):
            words = shlex.split(part)
            if words[:1] == ["sudo"]:
                del words[0]
            if words and words[0] in PROGRAMS:
                yield words


def misunderstood(words):
    """The first word a program does not know; None when it knows all."""
    command, rest = PROGRAMS[words[0]], words[1:]
    while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        # As the program does it: what stands in a module of its own is only then brought.
        _, found, left = command.resolve_command(command.make_context(None, [], resilient_parsing=True), rest)
        if found is None:
            return rest[0]
        command, rest = found, left
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    options = [word.split("=")[0] for word in rest if word.startswith("--")]
    return next((word for word in options if word not in known | {"--help", "--install-completion"}), None)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_a_guide_tells_is_one_that_the_program_knows(path):
    lines = list(told(path.read_text(encoding="utf-8")))

    assert lines
    assert [(" ".join(words), odd) for words in lines if (odd := misunderstood(words))] == []


@pytest.mark.parametrize("program", ["agent", "collector"])
def test_every_command_a_program_sends_people_to_is_one_that_is_known(program):
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / program).rglob("*.py")]
    named = {line for text in texts for line in re.findall(r"'(?:sudo )?(giamsat-[a-z]+ [^'{}\n]+)'", text)}

    assert named
    assert [(line, odd) for line in sorted(named) if (odd := misunderstood(line.split()))] == []


def test_a_command_that_does_not_exist_is_found():
    assert misunderstood(["giamsat-agent", "spool", "shwo"]) == "shwo"
    assert misunderstood(["giamsat-agent", "spool", "show", "--jsno"]) == "--jsno"
    assert misunderstood(["giamsat-agent", "spool", "show", "--json"]) is None


@pytest.mark.parametrize("path", sorted(GUIDE.glob("*.vi.md")), ids=lambda path: path.name)
def test_both_languages_tell_the_same_commands(path):
    ours, theirs = (list(told(each.read_text("utf-8"))) for each in (path, GUIDE / path.name.replace(".vi", "")))

    assert ours == theirs


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_place_a_guide_points_to_is_there(path):
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))

    assert [link for link in links if not (path.parent / link).exists()] == []
