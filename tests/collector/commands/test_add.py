# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import asdict

import pytest

from giamsat_collector.archive.folder import Archive
from giamsat_collector.errors import RefusedError
from giamsat_collector.suppressing.record import Record
from giamsat_rules.load import shipped
from support.console_line import line
from support.stored import holding

FAILED = {"event__outcome": "failure", "source__ip": "192.0.2.9", "process__name": "sshd", "user__name": "root"}
RECORD = Record(
    7, ("ssh_brute_force",), {"source.ip": "192.0.2.0/28"}, "máy quét", "12/QĐ", "an", 0, 0, 1_800_000_000 * 10**9
)
KEPT = asdict(RECORD) | {"state": "one_person", "agreed_from_level": 4}
IN_FORCE = {"detections": str(shipped().detections), "levels": str(shipped().pack), "overrides": ""}
PLACE = {"asset": "A1", "name": "may-1", "unit": "40.412", "unit_name": "Thành phố Vinh", "system": "S", "level": 3}
ASSETS = [{**PLACE, "pack": "tcvn11930-2017"}]
WORDS = (
    "--reason",
    "máy quét",
    "--document",
    "12/QĐ",
    "--expires",
    "30d",
    "--since",
    "2027-01-15",
    "--until",
    "2027-01-16",
)
ASKED = ("--rule", "ssh_brute_force", "--field", "source.ip=192.0.2.0/28")


@pytest.fixture
def here(tmp_path):
    Archive(tmp_path / "archive").append(3, [holding(number, **FAILED) for number in range(1, 10)])
    answers = {"check": KEPT, "add": KEPT, "preview": [{"rule": "disk_full", "unit": "40.412", "alerts": 4}]}
    named = {f"suppress__{name}": answer for name, answer in answers.items()}
    with line(tmp_path, rules__show=IN_FORCE, registry__placements=ASSETS, **named) as here:
        yield here


def test_a_preview_shows_by_rule_and_unit_what_it_would_have_hidden_and_hides_nothing(here):
    result = here.run("suppress", "add", *WORDS, *ASKED, "--dry-run")

    assert result.exit_code == 0
    assert "ssh_brute_force" in result.stdout
    assert "Thành phố Vinh" in result.stdout
    assert result.stderr.startswith("ẩn / to hide: ssh_brute_force: source.ip=192.0.2.0/28\n")
    assert "9 sự kiện" in result.stderr
    assert "takes away 1" in result.stderr
    assert "disk_full  Thành phố Vinh  4 cảnh báo" in result.stdout
    assert "takes away 4 cảnh báo đã có" in " ".join(result.stderr.split())
    assert "suppress.add" not in {name for name, _ in here.asked}


def test_what_is_added_says_how_far_it_reaches_and_what_a_second_person_runs(here):
    result = here.run("suppress", "add", *WORDS, *ASKED, "--unit", "40.412", "--json")

    hidden, others, kept = map(json.loads, result.stdout.splitlines())
    assert others["alerts"] == 4
    assert hidden == {"rule": "ssh_brute_force", "unit": "40.412", "hidden": 9}
    assert kept["number"] == 7
    assert "giamsat-collector suppress agree 7" in result.stderr
    (said,) = [words for name, words in here.asked if name == "suppress.add"]
    assert (said["unit"], said["fields"], said["rules"]) == (
        "40.412",
        {"source.ip": "192.0.2.0/28"},
        ["ssh_brute_force"],
    )


def test_a_span_of_which_nothing_is_kept_is_said_so(here):
    result = here.run("suppress", "add", *WORDS[:-2], *ASKED, "--until", "2027-01-15T00:00:01", "--dry-run")

    assert "the archive holds nothing" in result.stderr


def test_a_field_without_a_value_is_refused_with_how_to_write_it(here):
    result = here.run("suppress", "add", *WORDS, "--field", "source.ip")

    assert isinstance(result.exception, RefusedError)
    assert "NAME=VALUE" in str(result.exception)
