# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime, timedelta

import pytest

from giamsat_collector.archive.folder import Archive
from giamsat_wire.clock import SystemClock
from support.candidate import candidate, edited
from support.console_line import line
from support.in_force import SHOWN, TAKEN
from support.overriding import override, written
from support.stored import holding


@pytest.fixture
def here(tmp_path):
    registered = {"registry__units": [], "registry__systems": [{"id": "S1"}], "registry__placements": []}
    with line(tmp_path, rules__show=SHOWN, rules__use=TAKEN, **registered) as here:
        yield here


def asked(here, command):
    return [words for name, words in here.asked if name == command]


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
    frames = [holding(n, source__ip="192.0.2.9", received_ns=now - 3600 * 10**9, agent=f"A{n}") for n in range(1, 4)]
    Archive(tmp_path / "archive").append(3, frames)
    words = ("rules", "use", folders.detections, "--pack", folders.pack, "--budget")

    above, little = here.run(*words, "2"), here.run(*words, "5")

    assert (above.exit_code, little.exit_code) == (3, 4)
    assert "--budget 0" in little.stderr
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
