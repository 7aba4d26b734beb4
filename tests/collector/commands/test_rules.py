# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from giamsat_collector.archive.folder import Archive
from giamsat_rules.load import shipped
from giamsat_wire.clock import SystemClock
from support.candidate import candidate, edited
from support.console_line import line
from support.stored import holding

KEPT = {"number": 2, "source": "/srv/b", "actor": "an", "taken_ns": 1_800_014_400 * 10**9, "follows": 0, "serial": 7}
SHOWN = {
    "number": 2,
    "source": "/srv/b",
    "packs": ["tcvn11930-2017 1.0.0", "tcvn14423-2026 1.0.0"],
    "digest": "ab12",
    "rules": 56,
    "left_out": ["a.yml:1: wrong; right it"],
    "disabled": {"slow": "it used too much"},
    "signed_only": False,
    "detections": str(shipped().detections),
    "levels": str(shipped().pack),
    "kept": [KEPT],
}
TAKEN = {
    "added": ["heard_of"],
    "removed": [],
    "changed": [],
    "unchanged": 56,
    "packs_added": ["own-2027"],
    "packs_removed": [],
    "levels": [
        {
            "pack": "tcvn11930-2017",
            "level": 3,
            "rules_added": [],
            "rules_removed": [],
            "values": {"ssh_failed_logins": [8.0, 6.0]},
        }
    ],
    "number": 3,
    "digest": "cd34",
}


@pytest.fixture
def here(tmp_path):
    with line(tmp_path, rules__show=SHOWN, rules__use=TAKEN, rules__back=TAKEN, registry__assets=[]) as here:
        yield here


def asked(here, command):
    return [words for name, words in here.asked if name == command]


def test_what_is_in_force_and_what_is_kept_is_shown(here):
    result = here.run("rules", "show")

    assert "56 luật" in result.stdout
    assert "* 2  15/01/2027 19:00  an  /srv/b  gói / bundle 7" in result.stdout
    assert "it used too much" in result.stderr
    assert json.loads(here.run("rules", "show", "--json").stdout) == SHOWN


def test_good_rules_are_handed_over_and_the_difference_is_shown(here, tmp_path):
    folders = candidate(tmp_path / "new", with_rule=True)

    result = here.run("rules", "use", folders.detections, "--pack", folders.pack)

    assert result.exit_code == 0
    assert "+ heard_of" in result.stdout
    assert "ssh_failed_logins 8.0 → 6.0" in result.stdout
    (words,) = asked(here, "rules.use")
    assert words["source"] == str(folders.detections)
    assert "detections/accounts/heard_of.yml" in words["files"]


def test_rules_whose_cases_fail_never_reach_the_collector(here, tmp_path):
    folders = candidate(tmp_path / "new")
    edited(folders, "account_created", "event.action: user-account-created", "event.action: something-else")

    result = here.run("rules", "use", folders.detections)

    assert result.exit_code == 1
    assert "account_created.cases.yml:" in result.stderr
    assert asked(here, "rules.use") == []


def test_rules_that_would_bring_more_than_the_budget_never_reach_the_collector(here, tmp_path):
    folders = candidate(tmp_path / "new", with_rule=True)
    now = SystemClock().wall_ns()
    frames = [holding(n, source__ip="192.0.2.9", received_ns=now - 10**9, agent=f"A{n}") for n in range(1, 4)]
    Archive(tmp_path / "archive").append(3, frames)

    result = here.run("rules", "use", folders.detections, "--pack", folders.pack, "--budget", "5")

    assert result.exit_code == 3
    assert asked(here, "rules.use") == []


def test_one_can_go_back(here):
    result = here.run("rules", "back")

    assert "in force: 3" in result.stderr
    assert len(asked(here, "rules.back")) == 1
