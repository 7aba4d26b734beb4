# SPDX-License-Identifier: Apache-2.0
import random
from dataclasses import replace

import pytest

from giamsat_rules.engine import Engine
from giamsat_rules.rule import Detection, LogSource, RuleSet
from giamsat_rules.verdict import Subject
from giamsat_rules.verdict_builder import EVIDENCE
from giamsat_wire.record import Sample, SampleSet
from support.failed_logins import SECOND, Stood, failures, judged


@pytest.fixture
def pair_of(rules_of, detection, correlation, shipped_pack):
    """An engine with one correlation of two detections, a and b."""

    def build(type_: str) -> Engine:
        both = correlation("both", "[a, b]", type_=type_, condition="{gte: 2}")
        return Engine(rules_of(detection("a", "{k: a}"), detection("b", "{k: b}"), both), shipped_pack)

    return build


def test_the_counts_of_an_episode_add_up_to_its_occurrences(engine):
    verdicts = judged(engine, failures(100))

    assert [verdict.change for verdict in verdicts] == ["raised"] + ["continued"] * 92
    assert verdicts[0].count == 8
    assert sum(verdict.count for verdict in verdicts) == 100
    assert [ref for verdict in verdicts for ref in verdict.refs] == list(range(100))


def test_a_verdict_carries_what_an_analyst_needs(engine, shipped_pack):
    (raised, *_) = judged(engine, failures(30, level=1))

    assert raised.kind == "alert"
    assert raised.title_vi
    assert raised.title_en
    assert raised.group == {"source.ip": "192.0.2.7"}
    assert raised.threshold == {"ssh_failed_logins": 20, "ssh_failed_window": 300}
    assert raised.profile == shipped_pack.profile(1).hash
    assert raised.techniques == ("T1110.001", "T1110.003")
    assert (raised.first_ns, raised.last_ns) == (0, 19 * SECOND)
    assert len(raised.evidence) == EVIDENCE


def test_assets_are_never_counted_together(engine):
    occurrences = [each for n in range(10) for each in failures(1, asset=f"host-{n}", start=n)]

    assert judged(engine, occurrences) == []


def test_the_same_occurrences_in_the_same_order_give_the_same_verdicts(shipped_rules, shipped_pack):
    occurrences = failures(40, every=7) + failures(40, every=5, **{"source.ip": "2001:db8::1"})
    random.Random(1).shuffle(occurrences)

    first = judged(Engine(shipped_rules, shipped_pack), occurrences)
    second = judged(Engine(shipped_rules, shipped_pack), occurrences)

    assert first == second
    assert first


def test_a_time_that_is_not_believed_raises_nothing_and_is_counted(engine):
    verdicts = [verdict for each in failures(50) for verdict in engine.judge(each._replace(clamped=True))]

    assert verdicts == []
    assert engine.counters.clamped == 50


def test_a_rule_that_raises_is_disabled_and_the_others_go_on(shipped_rules, shipped_pack):
    def broken(fields):
        raise ZeroDivisionError("by design")

    header = shipped_rules.rules["account_created"].header
    faulty = Detection(header, LogSource(), broken)
    engine = Engine(RuleSet({**shipped_rules.rules, "account_created": faulty}), shipped_pack)

    verdicts = judged(engine, failures(10))

    assert sum(verdict.count for verdict in verdicts) == 10
    assert engine.counters.disabled == {"account_created": "ZeroDivisionError: by design"}


def test_a_rule_that_was_disabled_does_not_say_its_condition_is_over(engine):
    subject = Subject("host-1", 5)
    engine.judge_presence(subject, {"agent": 0}, 100 * SECOND)
    engine.counters.disabled["agent_silent"] = "by design"

    assert engine.judge_presence(subject, {"agent": 100 * SECOND}, 101 * SECOND) == ()


def test_a_rule_whose_parameter_no_level_sets_is_disabled_with_the_reason(
    rules_of, detection, correlation, shipped_pack
):
    ruleset = rules_of(detection("base", "{a: 1}"), correlation("many", "[base]", condition="{gte: '%no_such%'}"))

    engine = Engine(ruleset, shipped_pack)

    assert "no_such" in engine.counters.disabled["many"]


def test_a_threshold_no_window_can_hold_is_disabled_and_not_silently_never_met(shipped_rules, pack_of):
    engine = Engine(shipped_rules, pack_of(3, ssh_failed_logins=10_000))

    assert "what never comes" in engine.counters.disabled["ssh_brute_force"]


def test_judging_again_what_an_engine_reaches_back_to_continues_the_episode(shipped_rules, shipped_pack):
    occurrences = failures(2000, every=60, level=5) + failures(10, every=1, level=5, start=120_000)
    last = occurrences[-1]
    first, second = Engine(shipped_rules, shipped_pack), Engine(shipped_rules, shipped_pack)
    judged(first, occurrences[:-1])
    judged(second, [each for each in occurrences[:-1] if each.at_ns >= last.at_ns - second.reach_ns])

    assert judged(first, [last]) == judged(second, [last])
    assert second.reach_ns == 2 * 3 * 3600 * SECOND


def test_a_value_count_counts_different_values(rules_of, detection, correlation, shipped_pack):
    many = correlation("spray", "[base]", type_="value_count", condition="{gte: 3, field: user.name}")
    engine = Engine(rules_of(detection("base", "{event.outcome: failure}"), many), shipped_pack)
    names = ["a", "a", "b", "b", "a", "c"]
    occurrences = [each for n, name in enumerate(names) for each in failures(1, start=n, **{"user.name": name})]

    verdicts = judged(engine, occurrences, "spray")

    assert [(verdict.change, verdict.count) for verdict in verdicts] == [("raised", 6)]


@pytest.mark.parametrize(
    ("type_", "order", "raised"),
    [("temporal", "ba", 1), ("temporal_ordered", "ba", 0), ("temporal_ordered", "ab", 1)],
)
def test_temporal_rules_wait_for_all_and_ordered_ones_for_the_order(pair_of, type_, order, raised):
    occurrences = [each for n, k in enumerate(order) for each in failures(1, start=n, k=k)]

    assert len(judged(pair_of(type_), occurrences, "both")) == raised


def test_an_aliased_field_joins_events_that_name_it_differently(rules_of, detection, correlation, shipped_pack):
    text = correlation("both", "[a, b]", type_="temporal", condition="{gte: 2}").replace("[source.ip]", "[who]")
    text += "  aliases:\n    who: {a: user.name, b: user.target.name}\n"
    engine = Engine(rules_of(detection("a", "{k: a}"), detection("b", "{k: b}"), text), shipped_pack)
    occurrences = [
        *failures(1, k="a", **{"user.name": "an"}),
        *failures(1, k="b", start=1, **{"user.target.name": "an"}),
    ]

    (verdict,) = judged(engine, occurrences, "both")

    assert verdict.group == {"who": "an"}


def test_a_rule_that_a_level_excludes_is_not_judged_there(shipped_rules, shipped_pack):
    profile = shipped_pack.profiles[2]
    without = replace(profile, rules=profile.rules - {"ssh_brute_force"})
    engine = Engine(shipped_rules, replace(shipped_pack, profiles={**shipped_pack.profiles, 2: without}))

    assert judged(engine, failures(50, level=2)) == []
    assert judged(engine, failures(50, level=3, asset="host-2"))


def test_a_condition_raised_before_a_restart_is_not_raised_again_and_clears(engine):
    subject = Subject("host-1", 5)
    engine.resume(subject, "agent_silent", [Stood({"source": "agent"}, 0, 0)])

    still = engine.judge_presence(subject, {"agent": 0}, 100 * SECOND)
    back = engine.judge_presence(subject, {"agent": 100 * SECOND}, 101 * SECOND)

    assert still == ()
    assert [(verdict.rule, verdict.change) for verdict in back] == [("agent_silent", "cleared")]


def test_an_asset_is_cleared_only_when_its_last_series_is(engine):
    def reading(at, **free):
        samples = [
            Sample(name, value, (("device", disk), ("fstype", "ext4"), ("mountpoint", f"/{disk}")))
            for disk, avail in free.items()
            for name, value in (("node_filesystem_avail_bytes", avail), ("node_filesystem_size_bytes", 100.0))
        ]
        return engine.judge_samples(Subject("host-1", 5), SampleSet(at * SECOND, at * SECOND, tuple(samples)))

    changes = [
        [verdict.change for verdict in reading(at, **free)]
        for at, free in [
            (0, {"a": 1, "b": 1}),
            (60, {"a": 1, "b": 1}),
            (75, {"a": 90, "b": 1}),
            (90, {"a": 90, "b": 90}),
        ]
    ]

    assert changes == [[], ["raised", "raised"], [], ["cleared"]]


def test_what_is_kept_goes_on_after_a_restart_from_where_it_was(engine):
    def reading(at_s):
        sample = Sample("giamsat_capture_detector_failures_total", 7.0, (("device", "eth0"), ("detector", "arp")))
        told = engine.judge_samples(Subject("host-1", 5), SampleSet(at_s * SECOND, at_s * SECOND, (sample,)))
        return [(verdict.rule, verdict.change) for verdict in told]

    group = {"detector": "arp", "device": "eth0"}
    engine.resume(Subject("host-1", 5), "capture_detector_fails", [Stood(group, 0, 100 * SECOND)])

    assert [reading(at_s) for at_s in (200, 3_700)] == [[], []]
    assert reading(3_701) == [("capture_detector_fails", "cleared")]
