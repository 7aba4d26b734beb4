# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.alerts.priority import priority, rank, table


@pytest.mark.parametrize("severity", ["informational", "low", "medium", "high", "critical"])
def test_a_higher_level_is_never_less_urgent(severity):
    row = [priority(severity, level) for level in range(1, 6)]

    assert row == sorted(row, reverse=True)
    assert priority(severity, None) == row[-1]


def test_a_worse_severity_is_never_less_urgent():
    order = ["informational", "low", "medium", "high", "critical"]

    assert list(table()) == order
    for level in range(1, 6):
        column = [priority(severity, level) for severity in order]
        assert column == sorted(column, reverse=True)


def test_an_unknown_severity_counts_as_high():
    assert priority("odd", 3) == priority("high", 3)
    assert [rank(word) for word in ("informational", "odd", "high", "critical")] == [0, 3, 3, 4]
