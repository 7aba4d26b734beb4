# SPDX-License-Identifier: Apache-2.0
"""The contract: readings judged many at once bring what each brings that is judged alone, and leave the same behind."""

import math
import random
from collections import Counter
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.judge import Judge
from giamsat_collector.readings import chains
from giamsat_rules.readings.watch import Watch
from giamsat_rules.rule import MetricRule
from giamsat_rules.suppression import Suppression
from giamsat_rules.verdict import Subject
from giamsat_wire.chain import ChainEncoder
from giamsat_wire.codec import encode_readings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Sample, SampleSet
from support.clock import ManualClock
from support.judging import SECOND, engine, stored

NOW = ManualClock().wall_ns()
HOUR = 3600 * SECOND
PLACES = ((), (("device", "a"), ("fstype", "ext4"), ("mountpoint", "/")), (("device", "eth0"),), (("state", "zombie"),))
RULES = tuple(rule for rule in engine()._watches._rules if isinstance(rule, MetricRule))
SERIES = tuple(
    (name, labels)
    for name in sorted({name for rule in RULES for name in (*rule.metrics, rule.per) if name} | {"node_load1"})
    for labels in PLACES
)


class Places:
    """Hosts of every level; one moves to another after an hour."""

    def subject(self, asset, at_ns=None):
        number = int(asset[-1])
        level = (1, 2, 3, 4, 5, None)[number % 6]
        return Subject(asset, 5 if number == 2 and (at_ns or 0) > NOW + HOUR else level, "40.412")


def judge():
    return Judge(engine(), Places(), HostPages(), Fleet(ManualClock()))


def limits():
    profile = engine()._yardstick.profile(3)
    return [profile.value(rule.limit) for rule in RULES]


class Host:
    """A host that has good and bad days: its readings stay, grow, fall, come near a limit, or are no numbers."""

    def __init__(self, chance, number):
        self.chance, self.agent = chance, f"agent {number}"
        self.encoder, self.at_ns, self.epoch, self.sent = ChainEncoder(), NOW, 5, 0
        few = chance.choice((8, 40, len(SERIES)))
        self.series = chance.sample(SERIES, few)
        self.values = dict.fromkeys(self.series, 50.0)
        self.calm = chance.random() < 0.5
        self.limits = limits()

    def frame(self, id_):
        chance = self.chance
        sets = [self._set() for _ in range(chance.choice((1, 2, 4, 4)))]
        encoded = encode_readings(self.encoder, sets, begin=chance.random() < 0.03)
        self.sent += 1
        received = self.at_ns + chance.choice((0, SECOND, 400 * SECOND))
        received += 100 * HOUR if chance.random() < 0.02 else 0  # nobody believes when it was taken
        return replace(
            stored(encoded, lane=Lane.METRIC, id_=id_, agent=self.agent, received_ns=received, epoch=self.epoch),
            offset_ns=chance.choice((0, 0, 0, 5 * SECOND)),
        )

    def _set(self):
        chance = self.chance
        usual = 0.97 if self.calm else 0.8
        self.at_ns += 15 * SECOND if chance.random() < usual else chance.choice((0, 60, 400, -30)) * SECOND
        changing = chance.random() < (0.1 if self.calm else 0.6)
        for one in chance.sample(self.series, min(6, len(self.series))) if changing else ():
            self.values[one] = self._value(self.values[one])
        return SampleSet(self.at_ns, 0, tuple(Sample(name, self.values[name, of], of) for name, of in self.series))

    def _value(self, now):
        chance = self.chance
        limit = chance.choice(self.limits)
        near = (limit, -limit, math.nextafter(limit, math.inf), math.nextafter(limit, -math.inf))
        odd = chance.choice((math.nan, math.inf, -0.0, 1e300, 1 / 3)) if chance.random() < 0.1 else 0.0
        grown = now + chance.choice((0.01, 1, 100, 1e6)) if math.isfinite(now) else 1.0
        return chance.choice((0.0, 1.0, 50.0, grown, grown, chance.choice(near), odd, (self.at_ns + HOUR) / SECOND))


def life(seed):
    """Batches of frames of many hosts, as commits bring them."""
    chance = random.Random(seed)
    hosts = [Host(chance, number) for number in range(9)]
    number = 0
    for _ in range(16):
        batch = []
        for host in chance.sample(hosts, 6):
            for _ in range(chance.choice((1, 2, 12))):
                number += 1
                batch.append(host.frame(number))
        yield batch


def remembered(judge):
    """All that the rules remember of each host."""
    assets = judge.engine.memory[0]
    return {
        asset: (
            repr((state.holding, state.raised, state.hidden)),
            state.last and (state.last.at_ns, repr(list(state.last.series.numbers)), state.last.watch.profile.hash),
        )
        for asset, state in assets.known.items()
    }


@pytest.mark.parametrize("seed", range(4))
def test_many_at_once_bring_what_each_brings_alone(seed, monkeypatch):
    together, alone, held = judge(), judge(), Counter()
    whole = Watch.due
    monkeypatch.setattr(Watch, "due", lambda *words: held.update(["due"]) or whole(*words))
    hiding = Suppression(1, None, lambda _: False, NOW + HOUR, NOW + HOUR + HOUR // 2, 0)
    for number, batch in enumerate(life(seed)):
        if number == 9:
            for one in (together, alone):
                one.follow(engine())
        if number == 5:
            together.engine.suppressions.every = alone.engine.suppressions.every = (hiding,)
        held.clear()
        expected = [alone.frame(frame) for frame in batch]
        one_by_one, _ = held["due"], held.clear()
        found = [one for at in range(0, len(batch), 50) for one in together.frames(batch[at : at + 50])]

        assert [one.verdicts for one in found] == [one.verdicts for one in expected]
        assert found == expected
        assert remembered(together) == remembered(alone)
        assert held["due"] <= one_by_one
    assert (together.late_total, together.clamped_total) == (alone.late_total, alone.clamped_total)
    assert together.engine.suppressions.hidden == alone.engine.suppressions.hidden


def test_of_hosts_to_whom_nothing_happens_hardly_any_reading_is_looked_at(monkeypatch):
    together, encoders = judge(), {f"agent {number}": ChainEncoder() for number in range(5)}
    samples = [("node_load1", 1.0, ()), ("node_timex_sync_status", 0.0, ()), ("node_vmstat_oom_kill", 3.0, ())]
    frames = []
    for at in range(40):
        for agent, encoder in encoders.items():
            sets = [
                SampleSet(NOW + (at * 4 + each) * 15 * SECOND, 0, tuple(Sample(*one) for one in samples))
                for each in range(4)
            ]
            encoded = encode_readings(encoder, sets, begin=False)
            received = sets[-1].wall_ns
            frames.append(stored(encoded, lane=Lane.METRIC, id_=at + 1, agent=agent, received_ns=received))
    looked, whole = Counter(), Watch.due
    monkeypatch.setattr(Watch, "due", lambda *words: looked.update(["due"]) or whole(*words))

    found = [one for at in range(0, len(frames), 50) for one in together.frames(frames[at : at + 50])]

    assert {(one.rule, one.change) for each in found for one in each.verdicts} == {("clock_unsynchronised", "raised")}
    assert looked["due"] < len(frames) * 4 / 10


def test_a_fault_in_asking_is_told_and_costs_no_verdict(monkeypatch):
    monkeypatch.setattr("giamsat_collector.readings.conditions.Conditions.ask", lambda *_: 1 // 0)
    together, alone = judge(), judge()
    batch = next(life(1))

    with capture_logs() as said:
        found = together.frames(batch[: chains.FRAMES_AT_ONCE])

    assert found == [alone.frame(frame) for frame in batch[: chains.FRAMES_AT_ONCE]]
    assert {line["event"] for line in said} <= {"readings_not_asked_together"}
