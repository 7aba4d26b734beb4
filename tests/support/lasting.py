# SPDX-License-Identifier: Apache-2.0
"""Two real readings of a host as if it went on so: what was measured stays, what is counted grows as it grew."""

from giamsat_rules.engine import Engine
from giamsat_rules.verdict import Subject, Verdict
from giamsat_wire.record import Sample, SampleSet

MINUTE_S, MINUTES = 60, 61
COUNTED = ("_total", "_stat_drop")


def told(shipped, rule, first, then, seconds=MINUTE_S):
    """What a shipped rule tells at level 5 of an hour that went on as between two readings so many seconds apart."""
    rules, pack = shipped
    engine = Engine(rules.alone(rule), pack)
    verdicts: list[Verdict] = []
    before = {(one.name, one.labels): one.value for one in first}
    for minute in range(MINUTES):
        at_ns = minute * MINUTE_S * 10**9
        samples = tuple(_then(one, before, minute * MINUTE_S / seconds) for one in then) if minute else tuple(first)
        verdicts += engine.judge_samples(Subject("host", 5), SampleSet(at_ns, at_ns, samples))
    return [dict(verdict.group) for verdict in verdicts if verdict.change == "raised"]


def _then(sample, before, times):
    if not sample.name.endswith(COUNTED):
        return sample
    was = before.get((sample.name, sample.labels), sample.value)
    return Sample(sample.name, was + (sample.value - was) * times, sample.labels)
