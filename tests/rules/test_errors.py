# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from giamsat_rules.errors import Origin, Problem, RefusedError


def test_a_refusal_names_every_problem_with_file_line_and_remedy():
    problems = tuple(Problem(Origin(Path("a.yml"), line), "wrong", "correct it") for line in (1, 2))

    assert str(RefusedError(problems)) == "a.yml:1: wrong; correct it\na.yml:2: wrong; correct it"
