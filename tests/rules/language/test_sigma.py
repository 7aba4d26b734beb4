# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.language.sigma import read_rule
from giamsat_rules.owner import Owner
from giamsat_rules.rule import Comparison, MetricView

FILTER = "title: f\nlogsource: {product: linux}\nfilter: {rules: any, s: {a: 1}, condition: not s}\n"
VALUES = "title: c\ncorrelation: {{type: {type}, rules: [a], timespan: 1m, condition: {{gte: 3, field: x}}}}\n"
METRIC = """title: m
name: m
logsource: {product: giamsat, category: metric}
detection:
  selection: {__name__: up}
  condition: selection
giamsat:
  metric: {lt: 1, for: 5m}
"""


def test_a_metric_rule_is_understood(document):
    rule = read_rule(document(METRIC)).rule

    assert rule.metrics == {"up"}
    assert (rule.comparison, rule.limit, rule.hold, rule.keep) == (Comparison.LT, 1.0, 300.0, 0.0)
    assert read_rule(document(METRIC.replace("for: 5m", "for: 5m, keep: 1h"))).rule.keep == 3_600.0


def test_two_demands_on_the_name_of_a_metric_leave_what_both_allow(document):
    text = METRIC.replace("__name__: up", "__name__: [up, down]").replace(
        "  condition: selection", "  other: {__name__: [down, idle]}\n  condition: selection and other"
    )

    assert read_rule(document(text)).rule.metrics == {"down"}


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("__name__: up", "job: x", 4, "no metric is named"),
        ("__name__: up", "__name__|all: [up, down]", 4, "no metric can have all the names"),
        ("{lt: 1, for: 5m}", "{for: 5m}", 8, "exactly one comparison"),
        ("{lt: 1, for: 5m}", "{lt: 1, gt: 2, for: 5m}", 8, "exactly one comparison"),
        ("{lt: 1, for: 5m}", "{lt: 1, for: soon}", 8, "'soon'"),
        ("{lt: 1, for: 5m}", "{lt: 1, for: 5m, keep: long}", 8, "'long'"),
        ("  metric: {lt: 1, for: 5m}", "  metrics: {}", 8, "giamsat.metrics is not known"),
        ("category: metric", "category: absence", 7, "absence"),
        ("title: m\n", "level: high\n", 1, "title"),
        ("name: m\n", "level: worst\n", 2, "worst"),
        ("name: m\n", "id: nonsense\n", 2, "UUID"),
        ("name: m\n", "id: 1\n", 2, "UUID"),
        ("  condition: selection", "  condition: other", 6, "other"),
    ],
)
def test_a_fault_is_told_with_its_line(document, old, new, line, what):
    reading = read_rule(document(METRIC.replace(old, new)))

    assert reading.rule is None
    assert any(problem.origin.line == line and what in problem.what for problem in reading.problems)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("title: f\nlogsource: {product: linux}\nfilter: {selection: {a: 1}, condition: selection}\n", "rules"),
        (FILTER + "giamsat: {filter: {until: soon}}\n", "until"),
        ("action: global\ntitle: g\n", "collections"),
        ("title: c\ncorrelation: [1]\n", "not a map"),
        (
            "title: c\ncorrelation: {type: temporal_ordered, rules: [a, b], timespan: 1m, condition: {lte: 3}}\n",
            "lte",
        ),
        ("title: c\ncorrelation: {type: event_count, rules: [a], timespan: never, condition: {gte: 3}}\n", "never"),
        (VALUES.format(type="value_percentile"), "percentile"),
        ("title: c\ncorrelation: {type: nonsense, rules: [a], timespan: 1m, condition: {gte: 3}}\n", "nonsense"),
    ],
)
def test_what_is_not_evaluated_is_refused_and_never_dropped(document, text, what):
    reading = read_rule(document(text))

    assert reading.rule is None
    assert any(what in problem.what for problem in reading.problems)


def test_a_history_and_a_view_of_a_metric_are_understood(document):
    text = METRIC.replace("product: giamsat, category: metric", "product: linux").replace("__name__: up", "a: 1")
    text = text.replace("  metric: {lt: 1, for: 5m}", "  history: {new: [source.ip], per: unit, within: '%days%'}")

    history = read_rule(document(text)).rule.history
    metric = read_rule(document(METRIC.replace("lt: 1", "as: rate, lt: 1"))).rule

    assert (history.fields, history.per, history.within.name, history.learn) == (
        ("source.ip",),
        Owner.UNIT,
        "days",
        604800.0,
    )
    assert metric.view is MetricView.RATE


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("history: {new: source.ip, within: 1d}", "history.new"),
        ("history: {new: [a], within: 1d, per: town}", "history.per"),
        ("history: {new: [a], within: soon}", "soon"),
    ],
)
def test_a_history_that_says_too_little_is_refused(document, said, what):
    text = METRIC.replace("product: giamsat, category: metric", "product: linux").replace("__name__: up", "a: 1")

    problems = read_rule(document(text.replace("metric: {lt: 1, for: 5m}", said))).problems

    assert any(what in problem.what for problem in problems)
