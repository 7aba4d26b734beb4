# SPDX-License-Identifier: Apache-2.0
import math
import random

import pytest

from giamsat_rules.engine import Engine
from giamsat_rules.guard import Guard
from giamsat_rules.level import LEVELS
from giamsat_rules.readings.metric import Earlier, Holding, Layout, Series
from giamsat_rules.readings.watch import Watch, Watches
from giamsat_rules.rule import MetricRule
from giamsat_rules.verdict import Subject
from giamsat_wire.record import Columns

SECOND = 10**9
PLACES = ((), (("device", "a"), ("fstype", "ext4"), ("mountpoint", "/")), (("device", "eth0"),), (("state", "zombie"),))


@pytest.fixture(scope="module")
def rules(shipped_rules):
    return tuple(rule for rule in shipped_rules.rules.values() if isinstance(rule, MetricRule))


def every_series(rules):
    names = {name for rule in rules for name in (*rule.metrics, rule.per) if name}
    return tuple((name, labels) for name in sorted(names) for labels in PLACES)


def near(limit, chance):
    """A number a rule may stumble over: its limit, what is next to it on either side, or what is none."""
    close = (limit, -limit, math.nextafter(limit, math.inf), math.nextafter(limit, -math.inf))
    return chance.choice((*close, 0.0, 1.0, math.nan, math.inf, chance.uniform(-1e3, 1e12)))


@pytest.mark.parametrize("level", LEVELS)
def test_a_rule_that_is_left_out_has_no_series_that_meets_it(rules, shipped_pack, level):
    chance, profile = random.Random(level), shipped_pack.profile(level)
    layout = Layout(every_series(rules))
    watch = Watch(layout, profile, rules, Guard())
    limits = [profile.value(rule.limit) for rule in watch.rules]
    left_out = 0
    for _ in range(40):
        one, before = (Series([near(chance.choice(limits), chance) for _ in layout.series], layout) for _ in "ab")
        earlier = chance.choice((None, Earlier(before, 15.0), Earlier(before, 0.0)))
        due = watch.due(one, 1_000 * SECOND, earlier, ())
        for rule in watch.rules:
            holding = Holding()
            holding.take(rule, profile, one, 1_000 * SECOND, earlier)
            left_out += rule not in due
            assert rule in due or not holding.since, rule.header.name

    assert left_out > 100


def life(rules, seed):
    """What a host tells that has good and bad days, breaks, other levels, and series that come and go."""
    chance, series, at = random.Random(seed), every_series(rules), 1_000
    level, values, present = 3, [50.0] * len(series), frozenset(range(len(series)))
    for _ in range(150):
        at += chance.choice((15, 15, 15, 15, 15, 60, 400, -30))
        level = chance.choice((1, 2, 3, 5, None)) if chance.random() < 0.05 else level
        if chance.random() < 0.1:
            present = frozenset(chance.sample(range(len(series)), len(series) * 3 // 4))
        for number in chance.sample(range(len(series)), 8):
            values[number] = chance.choice((0.0, 1.0, 50.0, values[number] + chance.choice((1, 100, 1e6)), math.nan))
        shown = [number for number in range(len(series)) if number in present]
        columns = Columns(at * SECOND, 0, tuple(series[n] for n in shown), [values[n] for n in shown])
        yield Subject("host-1", level), columns


@pytest.mark.parametrize("seed", range(3))
def test_judging_by_every_rule_each_time_gives_the_same_verdicts(rules, shipped_rules, shipped_pack, monkeypatch, seed):
    engine = Engine(shipped_rules, shipped_pack)
    quick = [engine.judge_samples(subject, columns) for subject, columns in life(rules, seed)]

    monkeypatch.setattr(Watch, "due", lambda self, *_: list(self.rules))
    engine = Engine(shipped_rules, shipped_pack)
    slow = [engine.judge_samples(subject, columns) for subject, columns in life(rules, seed)]

    assert quick == slow
    assert sum(map(len, quick)) > 20


def test_hosts_with_the_same_series_and_level_share_a_watch(rules, shipped_pack):
    watches, series = Watches(rules, Guard()), every_series(rules)
    first = watches.of(series, shipped_pack.profile(3))

    assert watches.of((*series,), shipped_pack.profile(3)) is first
    assert watches.of(series, shipped_pack.profile(4), first) is not first
    assert watches.of(series[1:], shipped_pack.profile(3), first) is not first


def test_a_watch_of_other_rules_is_not_gone_on_with(rules, shipped_pack):
    series, profile = every_series(rules), shipped_pack.profile(3)
    before = Watches(rules[1:], Guard()).of(series, profile)

    assert Watches(rules, Guard()).of(series, profile, before).given is rules
