# SPDX-License-Identifier: Apache-2.0
import json

from typer.testing import CliRunner

from giamsat_rules.cli import app


def test_six_files_are_written_and_named(tmp_path):
    result = CliRunner().invoke(app, ["oscal", "--out", str(tmp_path / "new")])

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 6
    assert (
        json.loads((tmp_path / "new" / "level-3.json").read_text())["profile"]["imports"][0]["href"] == "catalog.json"
    )


def test_a_folder_that_cannot_be_made_is_said_with_the_next_step(tmp_path):
    (tmp_path / "file").write_text("")

    result = CliRunner().invoke(app, ["oscal", "--out", str(tmp_path / "file" / "x")])

    assert result.exit_code == 1
    assert "--out" in result.stderr
