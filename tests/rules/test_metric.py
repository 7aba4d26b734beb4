# SPDX-License-Identifier: Apache-2.0
import math

import pytest

from giamsat_rules.metric import GAP_NS, Holding, Series
from giamsat_wire.record import Sample, SampleSet

SECOND = 10**9


@pytest.fixture
def rule(shipped_rules):
    return shipped_rules.rules["memory_pressure"]


def series(available, total):
    samples = (Sample("node_memory_MemAvailable_bytes", available), Sample("node_memory_MemTotal_bytes", total))
    return Series(SampleSet(0, 0, samples))


@pytest.mark.parametrize("total", [0.0, math.nan, math.inf * 0])
def test_a_ratio_that_is_no_number_meets_nothing(rule, total):
    assert list(series(1.0, total).matching(rule)) == []


def test_a_ratio_is_the_reading_by_its_counterpart(rule):
    (sample,) = series(1.0, 4.0).matching(rule)

    assert sample.value == 0.25


def test_time_without_readings_does_not_count_as_holding(rule, shipped_pack):
    holding, profile = Holding(), shipped_pack.profile(5)
    low = series(1.0, 100.0)

    assert holding.take(rule, profile, low, 0) == ()
    assert holding.take(rule, profile, low, GAP_NS + SECOND) == ()
    assert holding.take(rule, profile, low, 2 * GAP_NS + SECOND)


def test_a_clock_set_back_begins_anew(rule, shipped_pack):
    holding, profile = Holding(), shipped_pack.profile(5)

    holding.take(rule, profile, series(1.0, 100.0), 1000 * SECOND)
    holding.take(rule, profile, series(1.0, 100.0), 0)

    assert set(holding.since.values()) == {0}


def test_a_magnitude_has_no_sign(shipped_rules):
    samples = Series(SampleSet(0, 0, (Sample("node_timex_offset_seconds", -0.2),)))

    (sample,) = samples.matching(shipped_rules.rules["clock_offset"])

    assert sample.value == 0.2
