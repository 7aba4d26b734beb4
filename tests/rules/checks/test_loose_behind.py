# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.behind import Behind
from giamsat_rules.checks.loose_behind import find
from giamsat_rules.owner import Owner


def test_the_shipped_rules_stand_behind_what_can_stand_for_them(book):
    assert list(find(book)) == []


@pytest.mark.parametrize(
    ("name", "other", "why"),
    [
        ("ssh_brute_force", "unheard_of", "no rule here that raises something"),
        ("ssh_brute_force", "ssh_failed_login", "no rule here that raises something"),
        ("root_login_from_outside", "login_brute_force", "less severe: it would hide more than it shows"),
        ("ssh_brute_force", "account_tried_from_many_addresses", "broken down by user.name, and this is not"),
        ("ssh_brute_force", "disk_nearly_full", "broken down by nothing"),
    ],
    ids=["unknown", "silent", "weaker", "others", "no-offender"],
)
def test_a_rule_behind_what_cannot_stand_for_it_is_found(with_rule, name, other, why):
    (problem,) = find(with_rule(name, behind=Behind((other,))))

    assert f"{name} stands behind {other}" in problem.what
    assert why in problem.what


def test_a_rule_about_accounts_alone_stands_behind_what_tried_them_on_its_own_asset(with_rule):
    assert list(find(with_rule("account_guessing", behind=Behind(("password_spraying",))))) == []
    (problem,) = find(with_rule("account_guessing", behind=Behind(("password_spraying",), Owner.UNIT)))
    assert "broken down by source.ip, and this is not" in problem.what


def test_rules_that_stand_behind_each_other_are_found(with_rule):
    found = [one.what for one in find(with_rule("ssh_success_after_failures", behind=Behind(("password_spraying",))))]

    assert "password_spraying stands behind itself: what it stands behind stands behind it" in found
