# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from giamsat_collector.archive.folder import Archive
from giamsat_rules.load import shipped
from support.candidate import candidate
from support.console_line import line
from support.stored import holding

FAILED = {"event__outcome": "failure", "source__ip": "192.0.2.9", "process__name": "sshd", "user__name": "root"}
SPAN = ("--since", "2027-01-15", "--until", "2027-01-17")
SHORT = ("--since", "2027-01-15", "--until", "2027-01-15T19:05")
IN_FORCE = {"detections": str(shipped().detections), "levels": str(shipped().pack), "overrides": ""}
PLACE = {"asset": "A1", "name": "may-1", "unit": "40.412", "unit_name": "Thành phố Vinh", "system": "S", "level": 3}
ASSETS = [{**PLACE, "pack": "tcvn11930-2017"}]


@pytest.fixture
def here(tmp_path):
    archive = Archive(tmp_path / "archive")
    archive.append(3, [holding(number, **FAILED) for number in range(1, 7)])
    with line(tmp_path, rules__show=IN_FORCE, registry__placements=ASSETS) as here:
        yield here


def test_every_difference_is_a_line_and_the_sum_the_last(here, tmp_path):
    folders = candidate(tmp_path / "new", with_rule=True, ssh_failed_logins=6)

    result = here.run("replay", "--rules", folders.detections, "--pack", folders.pack, *SPAN, "--json")

    *lines, total = map(json.loads, result.stdout.splitlines())
    assert {(one["change"], one["rule"], one["count_before"], one["count"], one["level"]) for one in lines} == {
        ("added", "ssh_brute_force", 0, 6, 3),
        ("added", "heard_of", 0, 6, 3),
    }
    assert total["alerts_per_day"] > total["alerts_per_day_before"] == 0
    assert total["rules_not_rehearsed"] > 0


def test_people_see_units_by_name_and_the_cost(here, tmp_path):
    folders = candidate(tmp_path / "new", with_rule=True)

    result = here.run("replay", "--rules", folders.detections, *SPAN)

    assert result.exit_code == 0
    assert "Thành phố Vinh" in result.stdout
    assert "heard_of" in result.stdout
    assert "judging took" in result.stderr


def test_more_than_the_budget_is_told_by_the_exit_code(here, tmp_path):
    folders = candidate(tmp_path / "new", with_rule=True, ssh_failed_logins=6)
    words = ("replay", "--rules", folders.detections, "--pack", folders.pack, *SPAN)

    assert here.run(*words, "--budget", "1").exit_code == 3
    assert here.run(*words, "--budget", "9").exit_code == 0


def test_minutes_are_not_made_a_day_of_and_judge_no_budget_but_one_they_are_above_already(here, tmp_path):
    folders = candidate(tmp_path / "new", with_rule=True, ssh_failed_logins=6)
    words = ("replay", "--rules", folders.detections, "--pack", folders.pack, *SHORT)

    little, above = here.run(*words, "--budget", "9"), here.run(*words, "--budget", "1")
    total = json.loads(here.run(*words, "--json").stdout.splitlines()[-1])

    assert (little.exit_code, above.exit_code) == (4, 3)
    assert "0 giờ / h 5 phút / min: 0 → 2 cảnh báo / alerts (chưa đủ một ngày" in little.stderr
    assert "too little to judge a budget of 9 alerts a day by" in little.stderr
    assert "already above the budget of 1 for a whole day" in above.stderr
    assert (total["alerts"], total["alerts_per_day"]) == (2, None)


def test_a_span_that_ends_before_it_begins_is_refused(here):
    result = here.run("replay", "--since", "2027-01-16", "--until", "2027-01-15")

    assert result.exit_code == 1
    assert "earlier time first" in str(result.exception)
