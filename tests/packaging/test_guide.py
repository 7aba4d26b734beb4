# SPDX-License-Identifier: Apache-2.0
"""What the guides tell people to type is what the programs understand."""

import re
import shlex
import shutil
import textwrap
from pathlib import Path

import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from giamsat_agent import cli as agent
from giamsat_agent.devices import profile
from giamsat_agent.parsers import product
from giamsat_collector import cli as collector
from giamsat_rules import cli as rules
from giamsat_rules.load import load_pack

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "packaging" / "guide"
FOLDERS = [ROOT / "rules" / "README.md", ROOT / "agent" / "README.md"]
TEXTS = [ROOT / "README.md", ROOT / "README.vi.md", *FOLDERS, *sorted(GUIDE.glob("*.md"))]
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


def shown(text):
    """The files a guide shows: each block that begins with a comment that names one."""
    blocks = re.findall(r"^ *```(?:yaml|toml)\n( *# (\S+)\n.*?)```", text, re.DOTALL | re.MULTILINE)
    return {name: textwrap.dedent(block) for block, name in blocks}


def test_the_rule_and_the_pack_that_are_shown_are_right(tmp_path):
    shutil.copytree(ROOT / "rules" / "levels", tmp_path / "packs")
    for name, block in shown((ROOT / "rules" / "README.md").read_text("utf-8")).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(block, "utf-8")
    for level in (1, 2, 3, 5):
        (tmp_path / f"packs/province/level-{level}.yml").write_text(f"import: tcvn11930-2017/level-{level}\n")

    found = [CliRunner().invoke(rules.app, [word, "--rules", str(tmp_path / "mine")]) for word in ("check", "test")]

    assert [(one.exit_code, one.stderr if one.exit_code else "") for one in found] == [(0, ""), (0, "")]
    assert "2 of 2 cases passed" in found[1].stdout
    assert load_pack(tmp_path / "packs/province").profile(4).values["ssh_failed_logins"] == 5


def test_the_product_and_the_kind_of_device_that_are_shown_are_right():
    files = shown((ROOT / "agent" / "README.md").read_text("utf-8"))

    meaning = product.read("cardgate", files["cardgate.toml"]).of_text("access denied for 'an' from 203.0.113.9")
    kind = profile._parsed(yaml.safe_load(files["cardgate.yml"]))

    assert (meaning.kind, meaning.fields["source.ip"], meaning.fields["user.name"]) == (
        "user-login",
        "203.0.113.9",
        "an",
    )
    assert (kind.os, kind.weight(".1.3.6.1.4.1.99999.1", "") > 0, len(kind.mib.tables)) == ("cardgate", True, 1)
