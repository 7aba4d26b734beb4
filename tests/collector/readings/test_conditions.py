# SPDX-License-Identifier: Apache-2.0
import math
import random

import numpy as np
import pytest

from giamsat_collector.readings.conditions import Asked, Conditions
from giamsat_collector.readings.stretch import Stretch
from giamsat_rules.guard import Guard
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.readings.metric import Earlier, Holding, Layout, Series
from giamsat_rules.readings.watch import Watch
from giamsat_rules.rule import MetricRule
from giamsat_rules.verdict import Subject
from giamsat_wire.packed import PackedSet

SECOND = 10**9
PLACES = ((), (("device", "a"), ("fstype", "ext4"), ("mountpoint", "/")), (("device", "eth0"),))
SETS = 6
EMPTY = PackedSet(0, 0, b"", b"", b"", b"")


@pytest.fixture(scope="module")
def rules():
    every = load_rules(shipped().detections).rules.values()
    return tuple(rule for rule in every if isinstance(rule, MetricRule))


@pytest.fixture(scope="module")
def pack():
    return load_pack(shipped().pack)


def every_series(rules):
    names = {name for rule in rules for name in (*rule.metrics, rule.per) if name}
    return tuple((name, labels) for name in sorted(names) for labels in PLACES)


def near(limit, chance):
    close = (limit, -limit, math.nextafter(limit, math.inf), math.nextafter(limit, -math.inf))
    return chance.choice((*close, 0.0, -0.0, 1.0, math.nan, math.inf, -math.inf, chance.uniform(-1e3, 1e12)))


def hosts(rules, pack, chance):
    """Readings of hosts with different series and levels, in shared cells: what each holds, set by set."""
    made, cells = [], []
    for number in range(7):
        profile = pack.profile(1 + number % 5)
        layout = Layout(tuple(chance.sample(every_series(rules), chance.choice((0, 3, 30)))))
        watch = Watch(layout, profile, rules, Guard())
        limits = [profile.value(rule.limit) for rule in watch.rules]
        rows = [[near(chance.choice(limits), chance) for _ in layout.series] for _ in range(SETS + 1)]
        for row in rows[1:]:
            row[: len(row) // 3] = [value + chance.choice((0.0, 1.0, 15.0, 1e5)) for value in rows[0][: len(row) // 3]]
        times = [1_000 * SECOND + at * chance.choice((15, 15, 0, 60, -30)) * SECOND for at in range(SETS + 1)]
        made.append((watch, rows, times, len(cells)))
        cells += [row[place] for place in range(len(layout.series)) for row in rows]
    return [
        (
            Asked(
                Stretch(
                    watch.layout.series, [PackedSet(0, 0, b"", b"", b"", b"")] * SETS, np.array(cells), at, rows[0]
                ),
                Subject("a", 1),
                watch,
                times[1:],
                times[0],
            ),
            rows,
            times,
        )
        for watch, rows, times, at in made
    ]


def bits(asked, at):
    """The conditions a reading meets, as numbers of rules."""
    watch = asked.watch
    every = [*watch.over, *watch.equal, *watch.shares, *watch.ending, *watch.growing]
    met = np.unpackbits(np.frombuffer(asked.met[at], np.uint8))
    return {condition[0] for condition, holds in zip(every, met, strict=False) if holds}


@pytest.mark.parametrize("seed", range(20))
def test_what_is_met_is_what_each_rule_finds_in_each_reading(rules, pack, seed):
    """Held against the rules themselves; what they are due for and do not find in the end are numbers that are none."""
    every = hosts(rules, pack, random.Random(seed))

    Conditions().ask([asked for asked, _, _ in every])

    found = 0
    for asked, rows, times in every:
        for at in range(SETS):
            series, watch = Series(rows[at + 1], asked.watch.layout), asked.watch
            passed = times[at + 1] - times[at]
            earlier = Earlier(Series(rows[at], watch.layout), passed / 10**9) if passed >= 0 else None
            holding = [_holds(rule, watch.profile, series, times[at + 1], earlier) for rule in watch.rules]
            sure = {number for number, holds in enumerate(holding) if holds} - watch.always
            if earlier is None:
                sure -= watch.rates
                assert bits(asked, at) - watch.always - watch.rates == sure
            else:
                assert bits(asked, at) - watch.always == sure
            found += len(sure)
    assert found


def _holds(rule, profile, series, at_ns, earlier):
    holding = Holding()
    holding.take(rule, profile, series, at_ns, earlier)
    return bool(holding.since)


def test_equal_bytes_are_equal_conditions_whatever_else_is_asked(rules, pack):
    every = [asked for asked, _, _ in hosts(rules, pack, random.Random(3))]
    asking = Conditions()
    asking.ask(every)
    together = [asked.met for asked in every]

    for asked, met in zip(every, together, strict=True):
        asking.ask([asked])
        assert asked.met == met


def test_nothing_asked_is_nothing_found():
    Conditions().ask([])
