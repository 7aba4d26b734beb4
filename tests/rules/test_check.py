# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import giamsat_rules.checks as folder
from giamsat_rules.check import found
from giamsat_rules.checks import ALL


def test_the_list_of_checks_is_the_folder_of_checks():
    files = {file.stem for file in Path(folder.__file__).parent.glob("*.py")} - {"__init__"}

    assert {check.__module__.rsplit(".", 1)[1] for check in ALL} == files


def test_the_shipped_rules_pass_every_check(book):
    assert found(book, ALL) == ()


def test_a_rule_that_only_feeds_others_does_not_speak(book):
    assert "ssh_failed_login" not in {rule.header.name for rule in book.speaking()}
