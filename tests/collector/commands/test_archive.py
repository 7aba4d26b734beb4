# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from typer.testing import CliRunner

from giamsat_collector.archive.folder import Archive
from giamsat_collector.cli import app
from support.stored import holding

SPAN = ("--since", "2027-01-15", "--until", "2027-01-16")


@pytest.fixture
def run(tmp_path):
    config = tmp_path / "collector.toml"
    config.write_text(f'data = "{tmp_path}"\n')
    return lambda *words: CliRunner().invoke(app, ["archive", *words, "--config", str(config)])


@pytest.fixture
def archive(tmp_path):
    archive = Archive(tmp_path / "archive")
    archive.append(3, [holding(1, source__ip="192.0.2.7"), holding(2, "port-opened", agent="A2")])
    return archive


@pytest.mark.usefixtures("archive")
def test_events_are_read_as_the_rules_take_them(run):
    found = [json.loads(text) for text in run("read", *SPAN).stdout.splitlines()]

    assert [(one["agent.id"], one["event.action"]) for one in found] == [("A1", "user-login"), ("A2", "port-opened")]
    assert found[0]["source.ip"] == "192.0.2.7"
    assert found[0]["@timestamp"].startswith("2027-01-15T")


@pytest.mark.usefixtures("archive")
def test_only_what_is_asked_for_is_read(run):
    assert len(run("read", *SPAN, "--asset", "A2").stdout.splitlines()) == 1
    assert len(run("read", *SPAN, "--action", "user-login").stdout.splitlines()) == 1
    for nothing in (("--since", "2027-01-16", "--until", "2027-01-17"), (*SPAN, "--asset", "A3")):
        result = run("read", *nothing)
        assert (result.stdout, result.exit_code) == ("", 0)
        assert "holds no such event" in result.stderr


@pytest.mark.usefixtures("archive")
def test_each_level_says_how_far_back_it_goes(run):
    (row,) = [json.loads(text) for text in run("show", "--json").stdout.splitlines()]

    assert (row["level"], row["since"], row["files"]) == (3, "2027-01-15T12:00:00.000Z", 1)
    assert "2027-01-15" in run("show").output


def test_an_empty_archive_says_so(run):
    assert "empty" in run("show").output


def test_damage_is_found_named_and_told_by_the_exit_code(run, archive):
    assert run("verify").exit_code == 0
    (day,) = archive.days()
    archive.append(3, [holding(3)])
    data = bytearray(day.path.read_bytes())
    data[60] ^= 1
    day.path.write_bytes(data)

    result = run("verify")

    assert result.exit_code == 2
    assert "bytes are damaged; 1 khung" in " ".join(result.output.split())
