# SPDX-License-Identifier: Apache-2.0
import re
from datetime import UTC, datetime, timedelta

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_rules.load import shipped
from support.console_line import line
from support.overriding import override, written

IN_FORCE = {"detections": str(shipped().detections), "levels": str(shipped().pack), "overrides": ""}
SYSTEM = {"id": "S2", "name": "Thư điện tử", "unit": "40.412", "level": 2, "pack": "tcvn14423-2026"}
STRANGE = {**SYSTEM, "id": "S1", "pack": "tcvn2"}
HIDDEN = {"rules": [], "fields": {"giamsat.unit": "40.412"}, "reason": "bảo trì", "document": "12/QĐ"}


def suppressions(**words):
    return [{"number": 7, "state": "one_person", **HIDDEN, **words}]


ASSET = {"asset": "A1", "name": "may-1", "unit": "40.412", "unit_name": "Vinh", "system": "S2", "level": 2}


@pytest.fixture
def said(tmp_path):
    """What is printed when this is suppressed, and these are the overrides."""

    def run(*words, hidden=(), overrides=""):
        assets = [{**ASSET, "pack": "tcvn14423-2026"}]
        answers = {
            "rules__show": {**IN_FORCE, "overrides": overrides},
            "registry__placements": assets,
            "registry__systems": [SYSTEM, STRANGE],
            "suppress__list": list(hidden),
        }
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


def test_the_chain_goes_on_through_unit_system_and_asset_and_says_who_signed(said, tmp_path):
    day = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    folder = written(
        tmp_path / "o",
        override("set: {ssh_failed_logins: 14}", name="unit", scope="unit", of="40.412", expires=day),
        override(of="S2", expires=day),
        override("exclude: [ssh_brute_force]", name="host", scope="asset", of="A1", expires=day),
        override(name="old", of="S2", expires="2020-01-31"),
    )

    of_system = said("S2", "ssh_brute_force", overrides=str(folder)).stdout
    of_asset = said("A1", "ssh_brute_force", overrides=str(folder)).stdout

    chain = of_system.split("ssh_failed_logins [")[1].split("ssh_failed_window [")[0]
    values = re.findall(r"^  = (\S+) +(.*?)  \S+/([^/]+:\d+)$", chain, re.MULTILINE)
    assert [(value, by.split(" (")[0]) for value, by, _ in values] == [
        ("20", "level 1"),
        ("10", "level 2"),
        ("14", "unit 40.412"),
        ("12", "system S2"),
    ]
    assert [place for _, _, place in values[2:]] == ["o0.yml:7", "o1.yml:7"]
    assert "ngoại lệ / override portal: đang áp dụng / in force" in of_system
    assert "ngoại lệ / override old: không áp dụng nay / not now, → 2020-01-31  12/QĐ  Văn phòng" in of_system
    assert of_system.count("profile ") == 2
    assert "\njudged" in of_system
    assert "\nnot judged" in of_asset
    assert "exclude  asset A1 (host: 12/QĐ" in of_asset


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
