# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.rulebook.rulebook import difference, problems, read
from giamsat_rules.load import Folders, shipped
from support.candidate import candidate, edited, newer
from support.coverage import BOOK as OURS


def test_the_same_texts_are_the_same_rulebook_wherever_they_lie(tmp_path):
    there = read(candidate(tmp_path))

    assert problems(OURS, there) == ()
    assert difference(OURS, there) == {
        "added": [],
        "removed": [],
        "changed": [],
        "unchanged": len(OURS.rules.rules),
        "packs_added": [],
        "packs_removed": [],
        "overrides_added": [],
        "overrides_removed": [],
        "levels": [],
    }


def test_every_difference_is_named(tmp_path):
    folders = candidate(tmp_path, with_rule=True, ssh_failed_logins=6)
    (folders.detections / "accounts" / "account_locked_out.yml").unlink()
    newer(folders, "account_created")
    found = difference(OURS, there := read(folders))

    assert (found["added"], found["removed"], found["changed"]) == (
        ["heard_of"],
        ["account_locked_out"],
        ["account_created"],
    )
    ours, theirs = "tcvn11930-2017", "tcvn14423-2026"  # the second imports the first
    assert [(each["pack"], each["level"]) for each in found["levels"]] == [
        (pack, level) for pack in (ours, theirs) for level in (1, 2, 3, 4, 5)
    ]
    assert found["levels"][2] == {
        "pack": ours,
        "level": 3,
        "rules_added": ["heard_of"],
        "rules_removed": [],
        "values": {"ssh_failed_logins": (8.0, 6.0)},
    }
    assert there.digest != OURS.digest


def test_a_rule_that_changed_and_kept_its_version_is_a_problem(tmp_path):
    folders = candidate(tmp_path)
    edited(folders, "account_created", "level: medium", "level: low")

    assert any("account_created changed and is still version " in each for each in problems(OURS, read(folders)))


def test_a_rule_that_cannot_be_read_is_a_problem(tmp_path):
    folders = candidate(tmp_path)
    edited(folders, "account_created", "condition: selection", "condition: nothing_of_that_name")

    assert any("account_created.yml:" in each for each in problems(OURS, read(folders)))


def test_a_rule_no_level_can_judge_is_a_problem(tmp_path):
    folders = candidate(tmp_path)
    for level in folders.pack.glob("level-*.yml"):
        kept = [line for line in level.read_text().splitlines() if "ssh_failed_logins" not in line]
        level.write_text("\n".join([*kept, ""]))

    assert any("ssh_failed_logins" in each for each in problems(OURS, read(folders)))


def test_a_folder_without_rules_is_a_problem(tmp_path):
    (tmp_path / "none").mkdir()

    assert any("holds no rule" in each for each in problems(OURS, read(Folders(tmp_path / "none", shipped().pack))))


@pytest.mark.parametrize("missing", ["detections", "pack"])
def test_what_is_not_there_is_refused_with_its_path(tmp_path, missing):
    folders = candidate(tmp_path / "x")
    gone = getattr(folders, missing)
    gone.rename(tmp_path / "elsewhere")

    with pytest.raises(RefusedError, match=str(gone)):
        read(folders)
