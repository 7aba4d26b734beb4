# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.index import Index
from giamsat_rules.rule import Anchor, Detection, LogSource
from giamsat_rules.scanners import automaton


def detection(header, source, anchor=None):
    return Detection(header, source, lambda fields: True, anchor=anchor)


@pytest.fixture
def header(shipped_rules):
    return shipped_rules.rules["account_created"].header


@pytest.mark.parametrize(
    ("source", "fields", "expected"),
    [
        (LogSource("linux", "iam"), {"event.category": ("iam", "host")}, True),
        (LogSource("linux", "iam"), {"event.category": ("process",)}, False),
        (LogSource("linux", "iam"), {"event.category": "iam"}, True),
        (LogSource("linux", "iam"), {}, True),
        (LogSource("linux", None, "sshd"), {"process.name": "sshd"}, True),
        (LogSource("linux", None, "sshd"), {"process.name": "cron"}, False),
        (LogSource("linux", None, "sshd"), {}, True),
        (LogSource("windows", "process_creation"), {"event.category": ("process",)}, True),
        (LogSource("windows", None, "security"), {"process.name": "x"}, True),
    ],
)
def test_a_log_source_excludes_only_what_it_knows(header, source, fields, expected):
    rule = detection(header, source)

    assert (rule in Index([rule], automaton).candidates(fields)) is expected


@pytest.mark.parametrize(
    ("anchor", "fields", "expected"),
    [
        (Anchor(values=frozenset({("event.action", "user-login")})), {"event.action": "User-Login"}, True),
        (Anchor(values=frozenset({("event.action", "user-login")})), {"event.action": "service-failed"}, False),
        (Anchor(values=frozenset({("EventID", 4625.0)})), {"EventID": "4625"}, True),
        (Anchor(values=frozenset({("EventID", 4625.0)})), {"EventID": 4624}, False),
        (Anchor(literals=frozenset({"mimikatz"})), {"a": 1, "b": ("x", "Invoke-MIMIKATZ")}, True),
        (Anchor(literals=frozenset({"mimikatz"})), {"a": "mimi", "b": "katz"}, False),
        (Anchor(fields=frozenset({"Image"})), {"Image": ""}, True),
        (Anchor(fields=frozenset({"Image"})), {"image": "x"}, False),
    ],
)
def test_a_rule_sees_only_events_that_have_what_it_needs(header, anchor, fields, expected):
    rule = detection(header, LogSource(), anchor)

    assert list(Index([rule], automaton).candidates(fields)) == [rule] * expected


def test_a_rule_is_shown_an_event_once_and_in_the_order_of_the_rules(header):
    both = Anchor(literals=frozenset({"aa", "bb"}), fields=frozenset({"x"}))
    rules = [detection(header, LogSource()), detection(header, LogSource(), both), detection(header, LogSource())]

    assert [id(each) for each in Index(rules, automaton).candidates({"x": "aabb"})] == [id(each) for each in rules]
