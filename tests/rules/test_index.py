# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.index import Index
from giamsat_rules.rule import Detection, LogSource


def detection(header, source, actions=None):
    return Detection(header, source, lambda fields: True, frozenset(actions) if actions else None)


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

    assert (rule in Index([rule]).candidates(fields)) is expected


def test_a_rule_that_needs_an_action_sees_no_other_event_and_each_once(header):
    rule = detection(header, LogSource("linux", "iam"), ["User-Login", "user-logout"])
    index = Index([rule])

    assert list(index.candidates({"event.action": "user-login", "event.category": ("iam",)})) == [rule]
    assert list(index.candidates({"event.action": "service-failed", "event.category": ("iam",)})) == []
