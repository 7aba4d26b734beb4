# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules.rule import Comparison, Correlation, CorrelationKind, Parameter
from giamsat_rules.satisfiability import PENDING, unreachable

C, K = Comparison, CorrelationKind


@pytest.fixture(scope="module")
def waiting(shipped_rules):
    header = shipped_rules.rules["ssh_brute_force"].header
    rule = Correlation(header, K.EVENT_COUNT, ("a", "b"), (), {}, 60.0, C.GTE, 1.0)

    def build(kind, *ends, **said):
        (comparison, least), *most = ends
        return replace(rule, kind=kind, comparison=comparison, least=least, most=most[0] if most else None, **said)

    return build


@pytest.mark.parametrize(
    ("kind", "ends", "why"),
    [
        (K.EVENT_COUNT, [(C.GTE, 10.0), (C.LTE, 5.0)], "no whole number from 1 to 512 is gte 10 and lte 5"),
        (K.EVENT_COUNT, [(C.GTE, 5.0), (C.LTE, 5.0)], None),
        (K.EVENT_COUNT, [(C.GT, 5.0), (C.LT, 6.0)], "no whole number from 1 to 512 is gt 5 and lt 6"),
        (K.EVENT_COUNT, [(C.LT, 1.0)], "no whole number from 1 to 512 is lt 1"),
        (K.VALUE_COUNT, [(C.EQ, 2.5)], "no whole number from 1 to 512 is eq 2.5"),
        (K.VALUE_COUNT, [(C.GT, float(PENDING))], "no whole number from 1 to 512 is gt 512"),
        (K.VALUE_COUNT, [(C.GTE, float(PENDING))], None),
        (K.TEMPORAL, [(C.GTE, 3.0)], "no whole number from 1 to 2 is gte 3"),
        (K.TEMPORAL, [(C.NEQ, 1.0)], None),
        (K.VALUE_SUM, [(C.GT, 5.0), (C.LT, 6.0)], None),
        (K.VALUE_SUM, [(C.GTE, 5.0), (C.LTE, 5.0)], None),
        (K.VALUE_SUM, [(C.GT, 5.0), (C.LTE, 5.0)], "no number is gt 5 and lte 5"),
        (K.VALUE_AVG, [(C.GTE, 7.0), (C.LTE, -7.0)], "no number is gte 7 and lte -7"),
        (K.VALUE_AVG, [(C.NEQ, 0.0)], None),
        (K.VALUE_MEDIAN, [(C.LT, -1e299)], None),
        (K.EVENT_COUNT, [(C.GTE, Parameter("p"))], None),
        (K.EVENT_COUNT, [(C.GTE, Parameter("p")), (C.LTE, 0.0)], "no whole number from 1 to 512 is lte 0"),
    ],
)
def test_what_no_events_can_meet_is_told_with_the_reason(waiting, kind, ends, why):
    said = unreachable(waiting(kind, *ends), lambda end: None if isinstance(end, Parameter) else end)

    assert said == why


@pytest.mark.parametrize(
    ("combination", "why"),
    [
        (lambda met: "a" in met and "b" not in met, None),
        (lambda met: "a" in met and "a" not in met, "no set of the rules it names meets it"),
        (lambda met: not met, "no set of the rules it names meets it"),
    ],
)
def test_an_extended_condition_is_tried_with_every_set_of_its_rules(waiting, combination, why):
    assert unreachable(waiting(K.TEMPORAL, (C.GTE, 1.0), combination=combination), float) == why


@given(
    st.sampled_from(list(K)),
    st.lists(st.tuples(st.sampled_from(list(C)), st.integers(-3, 6).map(float)), min_size=1, max_size=2),
    st.floats(-9, 9),
)
def test_nothing_is_refused_that_some_number_meets(waiting, kind, ends, number):
    counted = float(abs(int(number)) + 1) if "count" in kind else number
    if kind in {K.TEMPORAL, K.TEMPORAL_ORDERED}:
        counted = 1.0 + (number > 0)

    if all(compare.holds(counted, end) for compare, end in ends):
        assert unreachable(waiting(kind, *ends), float) is None
