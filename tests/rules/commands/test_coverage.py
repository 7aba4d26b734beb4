# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from typer.testing import CliRunner

from giamsat_rules.cli import app


@pytest.mark.parametrize("words", [[], ["--json"], ["--navigator"]])
def test_the_techniques_are_told_in_every_form(words):
    result = CliRunner().invoke(app, ["coverage", *words])

    assert result.exit_code == 0
    assert "T1110.001" in result.stdout


def test_one_object_a_technique():
    lines = CliRunner().invoke(app, ["coverage", "--json"]).stdout.splitlines()

    assert {tuple(json.loads(line)) for line in lines} == {("technique", "rules", "levels", "proven")}
