# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_rules.load import shipped
from support.console_line import line

IN_FORCE = {"detections": str(shipped().detections), "levels": str(shipped().pack)}
SYSTEM = {"id": "S2", "name": "Thư điện tử", "unit": "40.412", "level": 2, "pack": "tcvn14423-2026"}
STRANGE = {**SYSTEM, "id": "S1", "pack": "tcvn2"}
HIDDEN = {"rules": [], "fields": {"giamsat.unit": "40.412"}, "reason": "bảo trì", "document": "12/QĐ"}


def suppressions(**words):
    return [{"number": 7, "state": "one_person", **HIDDEN, **words}]


@pytest.fixture
def said(tmp_path):
    """What is printed when this is suppressed."""

    def run(*words, hidden=()):
        answers = {"rules__show": IN_FORCE, "registry__systems": [SYSTEM, STRANGE], "suppress__list": list(hidden)}
        with line(tmp_path, **answers) as here:
            return here.run("rules", "explain", *words)

    return run


def test_the_chain_ends_at_the_value_of_the_systems_level_with_file_line_and_hash(said):
    result = said("S2", "ssh_brute_force")

    assert "Thư điện tử" in result.stdout
    assert "= 10       level 2" in result.stdout
    assert "level-2.yml:" in result.stdout
    assert "profile " in result.stdout


def test_it_is_judged_by_the_standard_its_dossier_refers_to(said):
    printed = said("S2", "login_brute_force").stdout

    assert "level 2  pack tcvn14423-2026 1.0.0" in printed
    assert re.search(r"= 20 .*tcvn11930-2017/level-2.yml:\d+\n  = 5 .*tcvn14423-2026/level-2.yml:\d+", printed)


def test_a_pack_nobody_has_is_said_and_judged_as_the_strictest(said):
    result = said("S1", "ssh_brute_force")

    assert "level 5 (unclassified" in result.stdout
    assert "there is no level pack tcvn2" in result.stderr


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ({}, True),
        ({"rules": ["ssh_brute_force"]}, True),
        ({"rules": ["web_attack"]}, False),
        ({"state": "over"}, False),
        ({"fields": {"giamsat.unit": "40.413"}}, False),
        ({"fields": {"giamsat.system": "S3"}}, False),
    ],
)
def test_what_is_hidden_from_it_is_said(said, words, shown):
    assert ("12/QĐ" in said("S2", "ssh_brute_force", hidden=suppressions(**words)).stdout) is shown


@pytest.mark.parametrize(("words", "why"), [(("S9", "x"), "no such system"), (("S2", "ssh_brut"), "there is no rule")])
def test_what_is_not_known_is_refused_with_what_there_is(said, words, why):
    with pytest.raises(RefusedError, match=why):
        raise said(*words).exception
