# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_rules.engine import Engine
from giamsat_rules.guard import Timing
from giamsat_rules.rule import Detection, LogSource, RuleSet
from giamsat_rules.verdict import Subject
from giamsat_wire.record import Sample, SampleSet
from support.failed_logins import SECOND, Stood, failures, judged


@pytest.mark.parametrize(("pace", "late"), [(240, False), (290, False), (240, True)])
def test_a_slow_episode_longer_than_any_window_goes_on_after_a_restart(shipped_rules, shipped_pack, pace, late):
    quick = failures(8, every=10)
    slow = failures(600, every=pace, start=300)
    more = failures(5, every=pace, start=300 + 600 * pace) + failures(1, start=300 + 300 * pace + 7) * late
    before, after = Engine(shipped_rules, shipped_pack), Engine(shipped_rules, shipped_pack)
    told = judged(before, quick + slow)
    since = slow[-1].at_ns - after.reach_ns
    judged(after, [each for each in quick + slow if each.at_ns >= since])
    ledger = Stood(told[0].group, min(each.first_ns for each in told), max(each.last_ns for each in told))

    after.resume(slow[-1].subject, "ssh_brute_force", [ledger])

    assert [verdict.change for verdict in judged(after, more)] == ["continued"] * len(more)
    assert sum(verdict.count for verdict in told) == 608


def test_an_episode_that_was_over_is_not_taken_up_again(shipped_rules, shipped_pack):
    engine = Engine(shipped_rules, shipped_pack)
    engine.resume(Subject("host-1", 3), "ssh_brute_force", [Stood({"source.ip": "192.0.2.7"}, 0, 70 * SECOND)])

    changes = [verdict.change for verdict in judged(engine, failures(9, start=100_000))]

    assert changes == ["raised", "continued"]


def test_new_rules_go_on_with_what_the_old_ones_remember(shipped_rules, shipped_pack):
    old = Engine(shipped_rules, shipped_pack)
    judged(old, failures(7))

    new = Engine(shipped_rules, shipped_pack)
    new.remember(old)

    assert [verdict.count for verdict in judged(new, failures(1, start=8))] == [8]


def test_a_rule_that_looks_for_other_series_finds_them_in_hosts_known_before(shipped_rules, shipped_pack):
    def reading(engine, at):
        disks = (("node_filesystem_avail_bytes", 1.0), ("node_filesystem_size_bytes", 100.0))
        where = (("device", "a"), ("fstype", "ext4"), ("mountpoint", "/"))
        samples = tuple(Sample(name, value, where) for name, value in disks)
        return engine.judge_samples(Subject("host-1", 5), SampleSet(at * SECOND, at * SECOND, samples))

    rule = shipped_rules.rules["disk_nearly_full"]
    blind = replace(rule, matches=lambda _fields: False)
    old = Engine(replace(shipped_rules, rules={"disk_nearly_full": blind}), shipped_pack)
    new = Engine(replace(shipped_rules, rules={"disk_nearly_full": rule}), shipped_pack)
    assert reading(old, 0) == ()

    new.remember(old)

    assert [verdict.rule for at in (0, 60) for verdict in reading(new, at)] == ["disk_nearly_full"]


def test_a_rule_of_another_version_begins_anew(shipped_rules, shipped_pack):
    old = Engine(shipped_rules, shipped_pack)
    judged(old, failures(7))
    rule = shipped_rules.rules["ssh_brute_force"]
    changed = replace(rule, header=replace(rule.header, version=rule.header.version + 1))

    new = Engine(RuleSet({**shipped_rules.rules, "ssh_brute_force": changed}), shipped_pack)
    new.remember(old)

    assert judged(new, failures(1, start=8)) == []


def test_a_rule_that_takes_too_long_is_disabled_and_the_others_go_on(shipped_rules, shipped_pack):
    now = [0]

    def slow(fields):
        now[0] += 50_000_000
        return False

    faulty = Detection(shipped_rules.rules["account_created"].header, LogSource(), slow)
    rules = RuleSet({**shipped_rules.rules, "account_created": faulty})
    engine = Engine(rules, shipped_pack, timing=Timing(lambda: now[0], lambda: now[0]))

    verdicts = judged(engine, failures(100))

    assert sum(verdict.count for verdict in verdicts) == 100
    assert list(engine.counters.disabled) == ["account_created"]


def test_a_value_that_is_new_for_a_host_is_told_once(rules_of, detection, shipped_pack):
    text = detection("r", "{event.action: user-login}")
    engine = Engine(rules_of(text + "giamsat: {history: {new: [source.ip], within: 30d, learn: 1d}}\n"), shipped_pack)
    days = [(0, "a"), (2, "a"), (2, "b"), (3, "b")]
    occurrences = [each for day, ip in days for each in failures(1, start=day * 86_400, **{"source.ip": ip})]

    assert [verdict.first_ns for verdict in judged(engine, occurrences, "r")] == [2 * 86_400 * SECOND]


def test_a_rule_may_ask_for_the_hour_an_event_happened(rules_of, detection, shipped_pack):
    engine = Engine(rules_of(detection("r", "{event.action: user-login, '@timestamp|hour|gte': 22}")), shipped_pack)
    occurrences = [failures(1, start=hour * 3600)[0] for hour in (14, 15, 17)]

    assert [verdict.first_ns // SECOND // 3600 for verdict in judged(engine, occurrences, "r")] == [15]


QUIET_HOURS = """
title: night work
name: night_work
logsource: {product: linux, category: authentication}
filter:
  rules: any
  night: {'@timestamp|hour|gte': 22}
  condition: not night
"""


def test_a_filter_may_ask_for_the_hour_an_event_happened(rules_of, detection, shipped_pack):
    rules = rules_of(detection("r", "{event.action: user-login}"), QUIET_HOURS)
    occurrences = [failures(1, start=hour * 3600)[0] for hour in (14, 15, 17)]

    assert [each.first_ns // SECOND // 3600 for each in judged(Engine(rules, shipped_pack), occurrences, "r")] == [
        14,
        17,
    ]


def test_a_keyword_is_not_found_in_the_time_of_an_event(rules_of, shipped_pack):
    text = """
title: r
name: r
logsource: {product: linux}
detection:
  keywords: ['3600']
  any: {'@timestamp|hour|gte': 0}
  condition: keywords and any
"""

    assert judged(Engine(rules_of(text), shipped_pack), failures(1, start=3600), "r") == []


def test_an_alert_of_a_rule_that_the_level_no_longer_judges_by_keeps_nobody_from_starting(shipped_rules, shipped_pack):
    engine = Engine(shipped_rules, shipped_pack)
    engine.resume(Subject("host-1", 1), "new_address_on_port", [Stood({"observer.name": "switch-1"}, 0, 0)])

    assert not engine.memory[1]["new_address_on_port"].windows


STARVED = """
title: m
name: m
logsource: {{product: giamsat, category: metric}}
detection: {{selection: {{__name__: m}}, condition: selection}}
giamsat: {{metric: {metric}}}
"""


@pytest.mark.parametrize("metric", ["{gt: 5, for: 10m}", "{as: rate, gt: 5, for: 10m}"])
@pytest.mark.parametrize("judged_again", [0, 3], ids=["after-a-long-stop", "after-a-short-one"])
def test_what_held_long_enough_before_a_restart_goes_on_holding_until_a_reading_says_otherwise(
    rules_of, shipped_pack, metric, judged_again
):
    subject = Subject("host-1", 3)

    def told(engine, first, count, grows):
        """What so many readings of two series say, a minute apart; the second is so high, or grows so fast."""
        found = []
        for minute in range(first, first + count):
            high = grows * (60 * minute if "rate" in metric else 1)
            values = Sample("m", 0.0, (("of", "a"),)), Sample("m", float(high), (("of", "b"),))
            found += engine.judge_samples(subject, SampleSet(minute * 60 * SECOND, 0, values))
        return [(each.change, each.group, each.first_ns) for each in found]

    before, after = (Engine(rules_of(STARVED.format(metric=metric)), shipped_pack) for _ in range(2))
    ((_, group, since_ns),) = told(before, 0, 15, 9)
    told(after, 15 - judged_again, judged_again, 9)
    after.resume(subject, "m", [Stood(group, since_ns, since_ns)])

    assert told(after, 15, 2, 9) == []
    assert [each[0] for each in told(after, 17, 2, 0)] == ["cleared"]
    assert told(after, 19, 5, 9) == [], "it has to hold long enough again"
