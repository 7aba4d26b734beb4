# SPDX-License-Identifier: Apache-2.0
import math
from dataclasses import replace

import pytest

from giamsat_rules.readings import metric
from giamsat_rules.readings.metric import GAP_NS, Earlier, Holding, Layout, Series
from giamsat_rules.rule import Comparison, MetricView
from giamsat_wire.record import Sample, SampleSet

SECOND = 10**9
AVAILABLE = "node_memory_MemAvailable_bytes"


@pytest.fixture
def rule(shipped_rules):
    return shipped_rules.rules["memory_pressure"]


def laid_out(samples):
    reading = SampleSet(0, 0, samples)
    return Series(reading.values, Layout(reading.series))


def series(available, total):
    samples = (Sample(AVAILABLE, available), Sample("node_memory_MemTotal_bytes", total))
    return laid_out(samples)


@pytest.mark.parametrize("total", [0.0, math.nan, math.inf * 0])
def test_a_ratio_that_is_no_number_meets_nothing(rule, shipped_pack, total):
    holding = Holding()

    held = [holding.take(rule, shipped_pack.profile(5), series(0.0, total), n * 100 * SECOND) for n in range(9)]

    assert set(held) == {()}


def test_a_ratio_is_the_reading_by_its_counterpart(rule):
    assert series(1.0, 4.0).values(rule) == [(0, 0.25)]


def test_time_without_readings_does_not_count_as_holding(rule, shipped_pack):
    holding, profile = Holding(), shipped_pack.profile(5)
    low = series(1.0, 100.0)

    assert holding.take(rule, profile, low, 0) == ()
    assert holding.take(rule, profile, low, GAP_NS + SECOND) == ()
    assert holding.take(rule, profile, low, 2 * GAP_NS + SECOND)


def test_what_met_a_rule_is_kept_for_a_while(rule, shipped_pack, monkeypatch):
    holding, profile = Holding(), shipped_pack.profile(5)
    keeping = replace(rule, hold=0.0, keep=100.0)
    readings = [(0, 1.0), (100, 99.0), (101, 99.0), (200, 1.0), (250, 1.0), (350, 99.0), (351, 99.0)]

    told = [len(holding.take(keeping, profile, series(low, 100.0), at * SECOND)) for at, low in readings]

    assert told == [1, 1, 0, 1, 1, 1, 0]
    assert holding.is_empty
    monkeypatch.setattr(metric, "KEPT", 2)
    for number in range(4):
        labels = (("n", str(number)),)
        samples = (Sample(AVAILABLE, 1.0, labels), Sample("node_memory_MemTotal_bytes", 100.0, labels))
        held = holding.take(keeping, profile, laid_out(samples), 400 * SECOND)
    assert [dict(reading.labels)["n"] for reading in held] == ["2", "3"]


def test_a_clock_set_back_begins_anew(rule, shipped_pack):
    holding, profile = Holding(), shipped_pack.profile(5)

    holding.take(rule, profile, series(1.0, 100.0), 1000 * SECOND)
    holding.take(rule, profile, series(1.0, 100.0), 0)

    assert set(holding.since.values()) == {0}


def test_a_magnitude_has_no_sign(shipped_rules, shipped_pack):
    samples = laid_out((Sample("node_timex_offset_seconds", -9.0),))
    rule, holding = shipped_rules.rules["clock_offset"], Holding()

    held = [holding.take(rule, shipped_pack.profile(5), samples, n * 60 * SECOND) for n in range(20)]

    assert held[-1][0].value == 9.0


def counter(value, *, at, rule, holding, profile, earlier=None):
    series = laid_out((Sample(AVAILABLE, value),))
    return [reading.value for reading in holding.take(rule, profile, series, at * SECOND, earlier) or ()]


def test_a_rate_is_growth_a_second_and_a_counter_that_begins_anew_has_none(rule, shipped_pack):
    growing = replace(rule, per=None, view=MetricView.RATE, comparison=Comparison.GTE, limit=0.0, hold=0.0)
    given = {"rule": growing, "holding": Holding(), "profile": shipped_pack.profile(5)}
    before = {
        at: Earlier(laid_out((Sample(AVAILABLE, value),)), 10.0) for at, value in [(10, 100.0), (20, 150.0), (30, 5.0)]
    }

    rates = [
        counter(value, at=at, earlier=before.get(at), **given)
        for at, value in [(0, 100.0), (10, 150.0), (20, 5.0), (30, 25.0)]
    ]

    assert rates == [[], [5.0], [], [2.0]]


def test_a_deviation_counts_from_the_habit_of_the_series(rule, shipped_pack):
    odd = replace(rule, per=None, view=MetricView.DEVIATION, comparison=Comparison.GTE, limit=10.0, hold=0.0)
    given = {"rule": odd, "holding": Holding(), "profile": shipped_pack.profile(5)}

    usual = [counter(100.0 + n % 3, at=n * 300, **given) for n in range(100)]
    wild = counter(500.0, at=100 * 300, **given)

    assert not any(usual)
    assert wild[0] > 10


def test_what_is_left_of_a_time_is_counted_from_the_reading(rule, shipped_pack):
    ending = replace(rule, per=None, view=MetricView.LEFT, comparison=Comparison.LT, limit=30.0, hold=0.0)
    given = {"rule": ending, "holding": Holding(), "profile": shipped_pack.profile(5)}

    left = [counter(1_000.0, at=at, **given) for at in (970, 971, 1_010)]

    assert left == [[], [29.0], [-10.0]]


def test_the_age_of_a_time_is_counted_from_the_reading(rule, shipped_pack):
    old = replace(rule, per=None, view=MetricView.AGE, comparison=Comparison.GT, limit=30.0, hold=0.0)
    given = {"rule": old, "holding": Holding(), "profile": shipped_pack.profile(5)}

    ages = [counter(1_000.0, at=at, **given) for at in (970, 1_030, 1_031)]

    assert ages == [[], [], [31.0]]
