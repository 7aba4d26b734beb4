# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_rules.language.sigma import parsed, read_rule
from giamsat_rules.verdict import Occurrence, Subject
from giamsat_rules.why_not import why_not

RULE = """title: r
name: r
logsource: {product: linux, category: process_creation}
detection:
  image: {Image|endswith: [/curl, /wget]}
  line: {CommandLine|contains: '.sh'}
  also: {a: 1}
  filter: {user.name: backup}
  condition: image and (line or also) and not filter
"""
EVENT = {"process.executable": "/usr/bin/curl", "process.command_line": "curl x.sh"}


@pytest.fixture
def reason(document, shipped_pack):
    def ask(fields, level=3, **changes):
        read = document(RULE)
        rule = replace(read_rule(read).rule, **changes)
        return why_not(rule, parsed(read), Occurrence(Subject("h", level), 0, fields), shipped_pack)

    return ask


def test_a_rule_that_fires_has_no_reason(reason):
    assert reason(EVENT) is None


@pytest.mark.parametrize(
    ("change", "field", "seen", "what"),
    [
        ({"process.executable": "/bin/nc"}, "Image", "/bin/nc", "does not match"),
        ({"process.executable": None}, "Image", None, "nor as process.executable"),
        ({"process.command_line": "curl"}, "CommandLine", "curl", "none of 2 alternatives"),
        ({"user.name": "Backup"}, "user.name", "Backup", "exclusion"),
        ({"event.category": ("web",)}, "logsource", "event.category: ('web',)", "another log source"),
    ],
)
def test_the_first_false_part_is_told_with_what_was_seen(reason, change, field, seen, what):
    found = reason(EVENT | change)

    assert (found.field, found.seen) == (field, seen)
    assert what in found.what


def test_a_level_that_does_not_judge_the_rule_is_the_reason(document, shipped_pack):
    read = document(RULE.replace("name: r", "name: account_created"))
    profile = shipped_pack.profiles[3]
    without = replace(profile, rules=profile.rules - {"account_created"})
    pack = replace(shipped_pack, profiles={**shipped_pack.profiles, 3: without})

    found = why_not(read_rule(read).rule, parsed(read), Occurrence(Subject("h", 3), 0, EVENT), pack)

    assert "level 3 does not judge" in found.what
