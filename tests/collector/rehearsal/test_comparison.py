# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import date

import pytest

from giamsat_collector.rehearsal.comparison import Comparison
from giamsat_collector.rehearsal.rehearse import Expected, Key, Outcome

MONDAY = date(2026, 11, 23)


def outcome(**counts):
    alerts = {}
    for rule, count in counts.items():
        key = Key(MONDAY, rule, "A1")
        alerts[key] = Expected(key, "40.412", 3, "high", count)
    return Outcome(alerts, 1, {}, 0)


def test_what_came_went_and_changed_is_told_and_what_stayed_is_not():
    found = Comparison(2.0, outcome(a=1, b=2, c=3), outcome(b=5, c=3, d=1))

    said = [(one.change, one.alert.key.rule, one.alert.count) for one in found.differences()]

    assert said == [("removed", "a", 1), ("changed", "b", 5), ("added", "d", 1)]


def test_counts_are_broken_down_by_whatever_is_asked_for():
    found = Comparison(2.0, outcome(a=1, b=2), outcome(b=5, c=1, d=1))

    assert found.by(lambda alert: str(alert.level)) == {
        "3": {"before": 2, "after": 3, "added": 2, "removed": 1, "changed": 1}
    }
    assert found.by(lambda alert: alert.key.rule)["a"] == {"before": 1, "removed": 1}
    assert (found.per_day_before, found.per_day) == (1.0, 1.5)


def test_what_another_stands_for_is_no_alert_more_a_day_and_a_change_where_it_was_one():
    before, after = outcome(a=1, b=2), outcome(a=1)
    key = Key(MONDAY, "b", "A1")
    after = replace(after, alerts={**after.alerts, key: replace(before.alerts[key], behind="a")})
    found = Comparison(1.0, before, after)

    assert (found.per_day_before, found.per_day) == (2.0, 1.0)
    assert [(one.change, one.alert.behind) for one in found.differences()] == [("changed", "a")]


@pytest.mark.parametrize(
    ("days", "most", "excess"),
    [
        (1.0, 3, None),
        (1.0, 2, "above"),
        (0.99, 4, None),  # the first frame of a day comes some minutes into it
        (0.5, 3, "too_little"),
        (0.001, 3, "too_little"),
        (0.001, 2, "above"),  # it is above already, whatever the rest of the day brings
        (0.0, 9, "too_little"),
        (0.5, 0, None),
    ],
)
def test_a_budget_is_judged_by_a_day_at_least_and_never_kept_by_less(days, most, excess):
    assert Comparison(days, outcome(), outcome(a=1, b=1, c=1)).excess(most) == excess


def test_nothing_kept_is_no_alerts_a_day():
    assert Comparison(0.0, outcome(), outcome()).per_day == 0.0
