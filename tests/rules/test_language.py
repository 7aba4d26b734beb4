# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.language import quantity, read_rule
from giamsat_rules.rule import Comparison, Parameter

METRIC = """title: m
name: m
logsource: {product: giamsat, category: metric}
detection:
  selection: {__name__: up}
  condition: selection
giamsat:
  metric: {lt: 1, for: 5m}
"""


@pytest.mark.parametrize(
    ("said", "expected"),
    [(5, 5.0), (0.5, 0.5), ("5m", 300.0), ("2h", 7200.0), ("%a_b%", Parameter("a_b"))]
    + [(bad, None) for bad in ("5", "%A%", "%%", "0s", "soon", True, None, [1], "1m%x%")],
)
def test_a_quantity_is_a_number_a_span_or_a_parameter(said, expected):
    assert quantity(said) == expected


def test_a_metric_rule_is_understood(document):
    rule = read_rule(document(METRIC)).rule

    assert rule.metrics == {"up"}
    assert (rule.comparison, rule.limit, rule.hold) == (Comparison.LT, 1.0, 300.0)


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("__name__: up", "job: x", 4, "no metric is named"),
        ("{lt: 1, for: 5m}", "{for: 5m}", 8, "exactly one comparison"),
        ("{lt: 1, for: 5m}", "{lt: 1, gt: 2, for: 5m}", 8, "exactly one comparison"),
        ("{lt: 1, for: 5m}", "{lt: 1, for: soon}", 8, "'soon'"),
        ("  metric: {lt: 1, for: 5m}", "  metrics: {}", 8, "giamsat.metrics is not known"),
        ("category: metric", "category: absence", 7, "absence"),
        ("title: m\n", "level: high\n", 1, "title"),
        ("name: m\n", "level: worst\n", 2, "worst"),
        ("name: m\n", "id: nonsense\n", 2, "UUID"),
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
        (
            "title: f\nlogsource: {product: linux}\nfilter: {rules: [a], selection: {a: 1}, condition: selection}\n",
            "filters",
        ),
        ("action: global\ntitle: g\n", "collections"),
        ("title: c\ncorrelation: [1]\n", "not a map"),
        ("title: c\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {lte: 3}}\n", "lte"),
        ("title: c\ncorrelation: {type: event_count, rules: [a], timespan: never, condition: {gte: 3}}\n", "never"),
        (
            "title: c\ncorrelation: {type: value_avg, rules: [a], timespan: 1m, condition: {gte: 3, field: x}}\n",
            "value_avg",
        ),
        ("title: c\ncorrelation: {type: nonsense, rules: [a], timespan: 1m, condition: {gte: 3}}\n", "nonsense"),
    ],
)
def test_what_is_not_evaluated_is_refused_and_never_dropped(document, text, what):
    reading = read_rule(document(text))

    assert reading.rule is None
    assert any(what in problem.what for problem in reading.problems)
