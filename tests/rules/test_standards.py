# SPDX-License-Identifier: Apache-2.0
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from giamsat_rules.absence import AGENT
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_standards, shipped
from giamsat_rules.override import read_override
from giamsat_rules.rule import Parameter
from giamsat_rules.standards import Standards
from giamsat_rules.verdict import Occurrence, Subject
from support.overriding import override

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


@pytest.fixture
def with_overrides(standards, document, shipped_pack):
    def build(*texts):
        read = [read_override(document(text), shipped_pack.declared, []) for text in texts]
        return Standards(standards.default, [standards.pack(NEW)], read, ZoneInfo("Asia/Ho_Chi_Minh"))

    return build


def day_ns(text):
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


def guesses(engine, subject, at_ns, number):
    failed = {"event.action": "user-login", "event.category": ("authentication",), "event.outcome": "failure"}
    fields = {**failed, "source.ip": "192.0.2.7", "process.name": "sshd", "user.name": "root"}
    said = [engine.judge(Occurrence(subject, at_ns + index * SECOND, fields)) for index in range(number)]
    return [one for verdicts in said for one in verdicts if one.rule == "ssh_brute_force" and one.change == "raised"]


def test_an_override_counts_within_its_days_and_reverts_by_itself(with_overrides, shipped_rules):
    engine = Engine(shipped_rules, with_overrides(override("from: 2026-11-02\nset: {ssh_failed_logins: 12}")))
    ours, other = Subject("h1", 3, "40", "S1", OLD), Subject("h2", 3, "40", "S2", OLD)

    before = guesses(engine, ours, day_ns("2026-11-01T23:00:00+07:00"), 8)
    quiet = guesses(engine, ours, day_ns("2027-03-31T23:50:00+07:00"), 8)
    loud = guesses(engine, ours, day_ns("2027-03-31T12:00:00+07:00"), 12)
    elsewhere = guesses(engine, other, day_ns("2027-03-31T12:00:00+07:00"), 8)
    after = guesses(engine, ours, day_ns("2027-04-01T00:00:00+07:00"), 8)

    found = [[one.threshold["ssh_failed_logins"] for one in said] for said in (before, quiet, loud, elsewhere, after)]
    assert found == [[8], [], [12], [8], [8]]
    assert len({before[0].profile, elsewhere[0].profile, after[0].profile}) == 1
    assert loud[0].profile != before[0].profile


def test_late_events_are_judged_as_was_agreed_when_they_happened(with_overrides, shipped_rules):
    engine = Engine(shipped_rules, with_overrides(override()))
    subject = Subject("h1", 3, "40", "S1", OLD)

    guesses(engine, subject, day_ns("2027-06-01T00:00:00+07:00"), 1)

    assert guesses(engine, subject, day_ns("2027-03-01T00:00:00+07:00"), 8) == []


def test_those_without_an_override_share_the_profile_of_their_level(with_overrides):
    standards = with_overrides(override(), override(name="unit", scope="unit", of="41"))
    level, at_ns = standards.default.profile(3), day_ns("2027-01-01T00:00:00+07:00")

    assert standards.profile_of(Subject("h2", 3, "40", "S2", OLD), at_ns) is level
    ours = [standards.profile_of(Subject(host, 3, "40", "S1", OLD), at_ns) for host in ("h1", "h9")]
    assert ours[0] is ours[1]
    assert ours[0] is not level
    assert standards.most(Parameter("ssh_failed_logins")) == 20
    assert with_overrides(override("set: {ssh_failed_window: 9h}")).most(Parameter("ssh_failed_window")) == 9 * 3600


def test_what_a_reading_raised_clears_when_an_override_begins_and_comes_back_when_it_ends(
    with_overrides, shipped_rules
):
    engine = Engine(shipped_rules, with_overrides(override("from: 2027-03-31\nset: {agent_silent_after: 2d}")))
    subject = Subject("h1", 3, "40", "S1", OLD)
    heard = {AGENT: day_ns("2027-03-30T23:00:00+07:00")}

    said = [
        [
            one.change
            for one in engine.judge_presence(subject, heard, day_ns(f"{at}:00+07:00"))
            if one.rule == "agent_silent"
        ]
        for at in ("2027-03-30T23:30", "2027-03-31T00:10", "2027-04-01T00:10")
    ]

    assert said == [["raised"], ["cleared"], ["raised"]]


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
