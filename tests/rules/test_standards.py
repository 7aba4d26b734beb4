# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.engine import Engine
from giamsat_rules.load import load_standards, shipped
from giamsat_rules.rule import Parameter
from giamsat_rules.verdict import Occurrence, Subject

OLD, NEW = "tcvn11930-2017", "tcvn14423-2026"
SECOND = 10**9


@pytest.fixture(scope="module")
def standards():
    return load_standards(shipped())


@pytest.mark.parametrize(
    ("level", "pack", "by"),
    [
        (2, None, (OLD, 2)),
        (2, OLD, (OLD, 2)),
        (2, NEW, (NEW, 2)),
        (None, NEW, (NEW, 5)),
        (2, "nobody has it", (OLD, 5)),
    ],
)
def test_a_subject_is_judged_by_its_pack_and_by_the_strictest_for_want_of_it(standards, level, pack, by):
    profile = standards.profile_of(Subject("host-1", level, pack=pack), 0)

    assert (profile.pack, profile.level) == by


def test_the_same_events_count_for_as_much_as_the_dossier_of_each_system_says(standards, shipped_rules):
    engine = Engine(shipped_rules, standards)
    told = {
        "event.action": "user-login",
        "event.category": ("authentication",),
        "event.outcome": "failure",
        "source.ip": "192.0.2.7",
        "process.name": "dovecot",
        "user.name": "an",
    }

    raised = {
        pack: [
            verdict.threshold["login_failures"]
            for number in range(12)
            for verdict in engine.judge(Occurrence(Subject(f"host of {pack}", 2, pack=pack), number * SECOND, told))
            if verdict.rule == "login_brute_force" and verdict.change == "raised"
        ]
        for pack in (OLD, NEW)
    }

    assert raised == {OLD: [], NEW: [5]}


def test_windows_reach_as_far_back_as_any_pack_asks(standards):
    window = Parameter("ssh_failed_window")

    assert standards.most(window) == max(profile.value(window) for profile in standards.every())
    assert (standards.most(90.0), standards.most(Parameter("nobody sets it"))) == (90.0, 0.0)
    assert len(tuple(standards.every())) == 10


def test_levels_of_the_newer_standard_are_not_supersets_and_ask_no_less_of_a_guesser(standards):
    new, old = standards.pack(NEW), standards.pack(OLD)

    assert not new.verified
    assert [new.profile(level).values["login_failures"] for level in (1, 2, 3, 4, 5)] == [10, 5, 5, 5, 5]
    assert all(
        new.profile(level).values["login_failures"] <= old.profile(level).values["login_failures"]
        for level in (1, 2, 3, 4, 5)
    )
