# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.case import START_NS, failure, read_cases
from giamsat_rules.engine import Engine

GIVEN = "given: {event.action: user-login, event.outcome: failure, process.name: sshd, source.ip: 192.0.2.7}\n"


def only(document, text):
    problems = []
    cases = read_cases(document(GIVEN + text, "ssh_brute_force.cases.yml"), problems)
    assert problems == []
    return (*cases.fires, *cases.near_misses)[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("fires:\n  - {why: w, level: 5, events: [{times: 5}]}\n", None),
        ("fires:\n  - {why: w, level: 5, events: [{times: 4}]}\n", "expected alerts 1, got 0"),
        ("near_misses:\n  - {why: w, level: 5, events: [{times: 5}]}\n", "expected alerts 0, got 1"),
        ("fires:\n  - {why: w, level: 5, events: [{times: 9}], expect: {count: 8}}\n", "expected count 8, got 9"),
        (
            "fires:\n  - {why: w, level: 5, events: [{times: 5}], expect: {late: true}}\n",
            "expected late True, got False",
        ),
    ],
)
def test_a_case_fails_when_the_rule_says_anything_else(document, shipped_rules, shipped_pack, text, why):
    case = only(document, text)

    assert failure(case, "ssh_brute_force", Engine(shipped_rules, shipped_pack)) == why


def test_events_are_spaced_numbered_and_completed_from_the_catalogue(document):
    case = only(
        document,
        "fires:\n  - {why: w, events: [{times: 2, every: 8s, user.name: 'u{n}'}, {after: 1m, source.ip: null}]}\n",
    )

    assert [(step.at_ns - START_NS) // 10**9 for step in case.steps] == [0, 8, 68]
    assert [step.fields.get("user.name") for step in case.steps] == ["u1", "u2", None]
    assert case.steps[0].fields["event.category"] == ("authentication",)
    assert "source.ip" not in case.steps[2].fields


def test_readings_follow_one_another_and_grow(document):
    case = only(
        document,
        "fires:\n  - {why: w, readings: [{values: {a: 1, b: 1}, every: 15s}, "
        "{times: 3, every: 15s, values: {a: 10, b: 2}, grows: {a: 5}}]}\n",
    )

    assert [(step.wall_ns - START_NS) // 10**9 for step in case.steps] == [0, 15, 30, 45]
    assert [[sample.value for sample in step.samples] for step in case.steps] == [[1, 1], [10, 2], [15, 2], [20, 2]]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("fires:\n  - {events: [{}]}\n", "it needs why"),
        ("fires:\n  - {why: w}\n", "it needs why, and events"),
        ("fires:\n  - {why: w, events: [{times: 0}]}\n", "times is 0"),
        ("fires:\n  - {why: w, events: [{times: 99999999}]}\n", "times is 99999999"),
        ("fires:\n  - {why: w, events: [{every: soon}]}\n", "'soon'"),
        ("fires:\n  - {why: w, events: [{}], expect: {alarms: 1}}\n", "alarms"),
        ("fires:\n  - {why: w, events: [{}], levle: 1}\n", "levle is not known"),
        ("fires:\n  - text\n", "not a map"),
        ("fires: 1\n", "fires is not a list"),
        ("fire: []\n", "fire is not known"),
    ],
)
def test_a_case_that_cannot_be_understood_is_told_and_the_rest_is_read(document, text, what):
    problems = []

    cases = read_cases(document(GIVEN + text + "near_misses:\n  - {why: w, events: [{}]}\n", "r.cases.yml"), problems)

    assert what in problems[0].what
    assert len(cases.near_misses) == 1
