# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.verdict import Occurrence, Subject
from giamsat_rules.verdict_builder import USERS, from_event, from_occurrences, thresholds


@pytest.mark.parametrize(
    ("rule", "level", "expected"),
    [
        ("account_created", 1, {}),
        ("ssh_brute_force", 4, {"ssh_failed_logins": 6, "ssh_failed_window": 300}),
        ("ssh_success_after_failures", 5, {"gte": 2, "ssh_success_window": 3600}),
        ("disk_nearly_full", 1, {"disk_free_ratio": 0.05, "disk_full_for": 600}),
        ("agent_silent", 5, {"agent_silent_after": 75}),
    ],
)
def test_a_threshold_goes_by_the_name_of_its_parameter(shipped_rules, shipped_pack, rule, level, expected):
    assert thresholds(shipped_rules.rules[rule], shipped_pack.profile(level)) == expected


def test_a_verdict_names_the_accounts_of_all_it_adds_beside_its_group_and_no_end_of_them(shipped_rules, shipped_pack):
    def named(*users, group):
        each = tuple(Occurrence(Subject("h", 3), 1, {"user.name": user} if user else {}) for user in users)
        rule, profile = shipped_rules.rules["ssh_brute_force"], shipped_pack.profile(3)
        return from_occurrences(rule, profile, each, group=group, change="continued").users

    assert named("an", None, "an", ("x", "y"), "binh", group={"source.ip": "192.0.2.7"}) == ("an", "binh")
    assert named("an", group={"user.name": "an"}) == ()
    assert len(named(*(f"u{number}" for number in range(99)), group={})) == USERS


@pytest.mark.parametrize("change", ["raised", "ended"])
@pytest.mark.parametrize("rule", ["account_created", "new_service_on_the_wire", "ssh_successful_login"])
@pytest.mark.parametrize("user", ["an", "", ("an", "binh")])
def test_of_one_event_the_short_way_says_what_the_long_one_does(shipped_rules, shipped_pack, rule, change, user):
    event = Occurrence(Subject("h", 3), 7, {"user.name": user}, late=bool(user), ref=9 if user else None)
    given = (shipped_rules.rules[rule], shipped_pack.profile(3))

    for group in ({}, {"user.name": "an"}):
        words = {"group": group, "change": change}
        assert from_event(*given, event, **words) == from_occurrences(*given, (event,), **words)
