# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.engine import Engine
from giamsat_rules.verdict import Occurrence, Subject

FILTER = """
title: f
name: f
logsource: {{product: {product}}}
filter: {{rules: {rules}, known: {{user.name: backup}}, condition: not known}}
giamsat: {{filter: {{reason: nightly, author: an, until: 2026-01-10}}}}
"""
DAY = 24 * 3600
UNTIL = 1_767_225_600 + 10 * DAY


@pytest.fixture
def engine_of(rules_of, detection, shipped_pack):
    def build(**said):
        rules = rules_of(
            detection("r", "{a: xyz}"),
            detection("s", "{a: xyz}"),
            FILTER.format(**{"product": "linux", "rules": "[r]"} | said),
        )
        return Engine(rules, shipped_pack), rules

    return build


def rules_met(engine, at_s=0, user="backup"):
    occurrence = Occurrence(Subject("h", 3), at_s * 10**9, {"a": "xyz", "user.name": user})
    return [verdict.rule for verdict in engine.judge(occurrence)]


def test_a_filter_hides_what_it_knows_from_the_rules_it_names_and_counts_it(engine_of):
    engine, _ = engine_of()

    assert rules_met(engine) == ["s"]
    assert rules_met(engine, user="an") == ["r", "s"]
    assert engine.counters.hidden == {"f": 1}


def test_a_filter_ends_with_its_last_day(engine_of):
    engine, _ = engine_of()

    assert rules_met(engine, UNTIL - 1) == ["s"]
    assert rules_met(engine, UNTIL) == ["r", "s"]


def test_a_filter_of_any_rule_applies_to_all_of_its_log_source(engine_of):
    engine, _ = engine_of(rules="any")

    assert rules_met(engine) == []


ENDS = """
title: e
name: e
logsource: {{product: linux}}
detection: {{selection: {{a: well}}, condition: selection}}
giamsat: {{group-by: {group}, ends: {of}}}
"""


GROUP = "[user.name, event.provider, log.source.address]"


def ending(rules_of, detection, group=GROUP, of="r", told_by=GROUP):
    said = detection("r", "{a: xyz}") + f"giamsat: {{group-by: {told_by}}}\n"
    return rules_of(said, ENDS.format(group=group, of=of))


def test_a_rule_that_ends_alerts_of_another_says_which_of_its_groups_is_over(rules_of, detection, shipped_pack):
    engine = Engine(ending(rules_of, detection), shipped_pack)
    told = [
        (verdict.rule, verdict.change, verdict.count, verdict.group["user.name"])
        for what, user in (("xyz", "an"), ("well", "binh"), ("well", "an"))
        for verdict in engine.judge(Occurrence(Subject("h", 3), 7, {"a": what, "user.name": user}))
    ]

    assert told == [("r", "raised", 1, "an"), ("r", "ended", 0, "binh"), ("r", "ended", 0, "an")]


def test_an_end_is_of_the_group_of_who_told_it(rules_of, detection, shipped_pack):
    engine = Engine(ending(rules_of, detection), shipped_pack)
    polled, sent = {"event.provider": "snmp"}, {"event.provider": "syslog", "log.source.address": "192.0.2.66"}
    groups = [
        engine.judge(Occurrence(Subject("h", 3), 7, {"a": what, "user.name": "an", **by}))[0].group
        for what, by in (("xyz", polled), ("well", sent), ("well", polled), ("well", {**sent, **polled}))
    ]

    assert [group == groups[0] for group in groups] == [True, False, True, False]


def test_a_rule_that_would_end_what_others_told_of_is_left_out(rules_of, detection):
    rules = ending(rules_of, detection, "[user.name]", told_by="[user.name]")

    assert set(rules.rules) == {"r"}
    assert "event.provider and log.source.address" in rules.problems[0].remedy


@pytest.mark.parametrize(("group", "of"), [(GROUP, "nobody"), ("[host.name]", "r"), (GROUP, "e"), (GROUP, "[r]")])
def test_a_rule_that_could_end_no_alert_is_told_and_left_out(rules_of, detection, group, of):
    rules = ending(rules_of, detection, group, of)

    assert set(rules.rules) == {"r"}
    assert len(rules.problems) == 1


def test_a_filter_that_applies_to_nothing_is_told(engine_of):
    _, rules = engine_of(product="windows")

    assert "applies to no rule" in rules.problems[0].what
