# SPDX-License-Identifier: Apache-2.0
import json
from datetime import UTC, datetime, timedelta

import pytest

from giamsat_collector.archive.folder import Archive
from giamsat_rules.load import shipped
from giamsat_wire.clock import SystemClock
from support.candidate import candidate, edited
from support.console_line import line
from support.overriding import override, written
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
    "overrides": "",
    "kept": [KEPT],
}
CHANGED = {"what": "set", "name": "ssh_failed_logins", "before": [8.0], "after": 12.0, "unit": "logins", "weaker": True}
LEFT_OUT = {"what": "exclude", "name": "web_attack", "before": [], "after": None, "unit": "", "weaker": True}
REGISTER = [
    {
        "override": "portal",
        "force": "now",
        "system": "S1",
        "owner": "Văn phòng",
        "document": "12/QĐ",
        "reason": "cổng có nhiều người dùng",
        "from": None,
        "expires": "2027-03-31",
        "changes": [CHANGED, LEFT_OUT],
    }
]
TAKEN = {
    "added": ["heard_of"],
    "removed": [],
    "changed": [],
    "unchanged": 56,
    "packs_added": ["own-2027"],
    "packs_removed": [],
    "overrides_added": ["portal (system S1, 12/QĐ, 2027-03-31): ssh_failed_logins = 12"],
    "overrides_removed": [],
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
    answers = {"rules__show": SHOWN, "rules__use": TAKEN, "rules__back": TAKEN, "rules__overrides": REGISTER}
    registered = {"registry__units": [], "registry__systems": [{"id": "S1"}], "registry__placements": []}
    with line(tmp_path, **answers, **registered) as here:
        yield here


def asked(here, command):
    return [words for name, words in here.asked if name == command]


def test_what_is_in_force_and_what_is_kept_is_shown(here):
    result = here.run("rules", "show")

    assert "56 quy tắc" in result.stdout
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


def test_overrides_alone_are_handed_over_with_the_rules_that_are_in_force(here, tmp_path):
    day = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"

    good = here.run("rules", "use", "--overrides", written(tmp_path / "good", override(expires=day)), "--dry-run")
    bad = here.run("rules", "use", "--overrides", written(tmp_path / "bad", override(of="S7", expires=day)))

    assert "+ ngoại lệ / override portal (system S1, 12/QĐ, 2027-03-31): ssh_failed_logins = 12" in good.stdout
    (words,) = asked(here, "rules.use")
    assert words["source"] == str(tmp_path / "good")
    assert "overrides/o0.yml" in words["files"]
    assert f"{tmp_path / 'bad' / 'o0.yml'}:1: no such system: S7" in bad.stderr


def test_the_register_says_for_whom_until_when_and_what_it_changes(here):
    result = here.run("rules", "overrides")

    assert "portal  đang áp dụng / in force  system S1   → 2027-03-31" in result.stdout
    assert "12/QĐ  Văn phòng: cổng có nhiều người dùng" in result.stdout
    assert "ssh_failed_logins: 8 → 12 logins  nới / weaker" in result.stdout
    assert "- web_attack  nới / weaker" in result.stdout
    assert "1 đang áp dụng / in force" in result.stderr
    assert json.loads(here.run("rules", "overrides", "--json").stdout) == REGISTER[0]


def test_one_can_go_back(here):
    result = here.run("rules", "back")

    assert "in force: 3" in result.stderr
    assert len(asked(here, "rules.back")) == 1
