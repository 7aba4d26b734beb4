# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.engine import Engine
from giamsat_rules.verdict import Occurrence, Subject

SECOND = 10**9
TEXT = """
title: c
name: c
correlation:
  type: {type}
  {rules}
  group-by: [ip]
  timespan: 1m
  condition: {condition}
"""


@pytest.fixture
def engine_of(rules_of, detection, shipped_pack):
    def build(type_, condition, rules="rules: [a]", more=""):
        text = TEXT.format(type=type_, condition=condition, rules=rules) + more
        bases = [detection(name, f"{{k: {name}}}") for name in "abx"]
        ruleset = rules_of(*bases, text)
        assert ruleset.problems == ()
        return Engine(ruleset, shipped_pack)

    return build


def told(engine, said, *, ended=True):
    """The counts of what was raised, by events (second, rule, value)."""
    verdicts = []
    for at, rule, value in said:
        fields = {"k": rule, "ip": "::1", "v": value}
        verdicts += engine.judge(Occurrence(Subject("h", 3), at * SECOND, fields))
    verdicts += engine.settle() if ended else ()
    return [verdict.count for verdict in verdicts if verdict.rule == "c"]


def values(*numbers):
    return [(n, "a", number) for n, number in enumerate(numbers)]


@pytest.mark.parametrize(
    ("type_", "condition", "numbers", "expected"),
    [
        ("value_sum", "{gte: 100, field: v}", (40, 50, 10), [3]),
        ("value_sum", "{gte: 100, field: v}", (40, 50, "x"), []),
        ("value_sum", "{lt: 100, field: v}", (40, 50), [2]),
        ("value_sum", "{gte: 100, field: v}", (1e308, 1e308, float("inf"), float("nan"), 100), [1]),
        ("value_sum", "{lt: 100, field: v}", (1e308, 1e308, 40, 50), [2]),
        ("value_avg", "{gt: 10, field: v}", (5, 10, 20), [3]),
        ("value_avg", "{gt: 10, field: v}", (100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), []),
        ("value_avg", "{eq: 2, field: v}", (1, 2, 3), [3]),
        ("value_median", "{gte: 5, field: v}", (1, 5, 900), [3]),
        ("value_median", "{gte: 5, field: v}", (1, 1, 900), []),
        ("value_percentile", "{gte: 9, field: v, percentile: 90}", tuple(range(1, 11)), [10]),
        ("value_percentile", "{gt: 9, field: v, percentile: 90}", tuple(range(1, 11)), []),
        ("event_count", "{lte: 2}", (1, 1), [2]),
        ("event_count", "{lte: 2}", (1, 1, 1), []),
        ("event_count", "{eq: 3}", (1, 1, 1), [3]),
        ("event_count", "{eq: 3}", (1, 1, 1, 1), []),
        ("event_count", "{neq: 3}", (1, 1), [2]),
        ("value_count", "{lt: 3, field: v}", (1, 2, 2), [3]),
        ("value_count", "{gte: 2, field: [v, ip]}", (1, 2), [2]),
    ],
)
def test_a_correlation_computes_what_its_type_says(engine_of, type_, condition, numbers, expected):
    assert told(engine_of(type_, condition), values(*numbers)) == expected


@pytest.mark.parametrize(
    ("type_", "condition", "order", "expected"),
    [
        ("temporal", "a and b", "ba", [2]),
        ("temporal", "a and (b or x)", "ax", [2]),
        ("temporal", "a and not b", "a", [1]),
        ("temporal", "a and not b", "ab", []),
        ("temporal_ordered", "a and b", "ab", [2]),
        ("temporal_ordered", "a and b", "ba", []),
    ],
)
def test_an_extended_condition_says_which_rules_must_be_met(engine_of, type_, condition, order, expected):
    engine = engine_of(type_, condition, rules="generate: false")

    assert told(engine, [(n, rule, 0) for n, rule in enumerate(order)]) == expected


def test_what_later_events_can_make_untrue_is_judged_when_the_span_is_over(engine_of):
    engine = engine_of("event_count", "{lt: 3}")

    early = told(engine, [(0, "a", 1), (1, "a", 1)], ended=False)
    after = told(engine, [(121, "other", 1)], ended=False)

    assert (early, after) == ([], [2])


@pytest.mark.parametrize(("events", "counts"), [(1, []), (2, [2]), (3, [3]), (4, [])])
@pytest.mark.parametrize("condition", ["{gt: 1, lte: 3}", "{lt: 4, gte: 2}"])
def test_a_range_has_two_ends(engine_of, condition, events, counts):
    engine = engine_of("event_count", condition)

    assert told(engine, [(second, "a", 1) for second in range(events)]) == counts


@pytest.mark.parametrize("condition", ["{gt: 1, gte: 3}", "{gt: 1, lt: 9, eq: 3}", "{gt: 1, lte: x}"])
def test_two_comparisons_that_are_no_range_are_refused(rules_of, detection, condition):
    text = TEXT.format(type="event_count", condition=condition, rules="rules: [a]")

    assert [problem.origin.line for problem in rules_of(detection("a", "{k: a}"), text).problems]


@pytest.mark.parametrize(
    ("type_", "condition", "rules"),
    [
        ("event_count", "{gte: 10, lte: 5}", "rules: [a]"),
        ("event_count", "{lt: 1}", "rules: [a]"),
        ("value_avg", "{gt: 5, lt: 5, field: v}", "rules: [a]"),
        ("temporal", "{gte: 3}", "rules: [a, b]"),
        ("temporal", "a and not a", "generate: false"),
    ],
)
def test_a_condition_that_can_never_hold_is_refused_where_it_is_said(rules_of, detection, type_, condition, rules):
    text = TEXT.format(type=type_, condition=condition, rules=rules)
    bases = (detection(name, f"{{k: {name}}}") for name in "ab")

    found = rules_of(text, *bases)

    assert [(each.origin.line, each.remedy) for each in found.problems] == [(9, "correct the comparison")]
    assert "the condition can never hold: no " in found.problems[0].what


def test_the_greatest_value_is_judged_at_once(engine_of):
    engine = engine_of("value_percentile", "{gte: 9, field: v, percentile: 100}")

    assert told(engine, [(0, "a", 3), (1, "a", 9)], ended=False) == [2]


def test_an_event_that_comes_when_its_span_is_over_is_counted_as_missed(engine_of):
    engine = engine_of("event_count", "{lt: 3}")

    told(engine, [(0, "a", 1), (300, "a", 1), (1, "a", 1)], ended=False)

    assert engine.evicted == {"c": 1}


def test_a_rule_that_generates_speaks_beside_what_it_builds(engine_of):
    engine = engine_of("event_count", "{gte: 2}", more="  generate: true\n")

    said = [engine.judge(Occurrence(Subject("h", 3), n, {"k": "a", "ip": "::1"})) for n in range(2)]

    assert [[verdict.rule for verdict in each] for each in said] == [["a"], ["a", "c"]]


def test_events_that_name_the_same_thing_by_sigma_and_by_ecs_are_one_group(rules_of, detection, shipped_pack):
    text = TEXT.format(type="event_count", rules="rules: [a]", condition="{gte: 2}").replace("[ip]", "[SourceIp]")
    engine = Engine(rules_of(detection("a", "{k: a}"), text), shipped_pack)
    occurrences = [
        Occurrence(Subject("h", 3), n, {"k": "a", name: "::1"}) for n, name in enumerate(["SourceIp", "source.ip"])
    ]

    (verdict,) = [verdict for each in occurrences for verdict in engine.judge(each)]

    assert verdict.group == {"SourceIp": "::1"}
