# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from support.console_line import line
from support.in_force import SHOWN, TAKEN

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


@pytest.fixture
def here(tmp_path):
    answers = {"rules__show": SHOWN, "rules__back": TAKEN, "rules__overrides": REGISTER}
    with line(tmp_path, **answers) as here:
        yield here


def asked(here, command):
    return [words for name, words in here.asked if name == command]


def test_what_is_in_force_and_what_is_kept_is_shown(here):
    result = here.run("rules", "show")

    assert "56 quy tắc" in result.stdout
    assert "* 2  15/01/2027 19:00  an  /srv/b  gói / bundle 7" in result.stdout
    assert "it used too much" in result.stderr
    assert json.loads(here.run("rules", "show", "--json").stdout) == SHOWN


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
