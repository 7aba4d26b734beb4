# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_agent.packets.anomaly import Anomaly, Kind, Severity, Target
from giamsat_agent.packets.deduplication import Once
from giamsat_agent.packets.detector import AGAIN_NS, DAY_NS
from giamsat_wire.clock import SECOND_NS

GUESSES = Anomaly(
    name="bruteforce",
    severity=Severity.HIGH,
    words=("đoán", "guesses"),
    source_ip="203.0.113.9",
    first_ns=SECOND_NS,
    last_ns=2 * SECOND_NS,
    targets=(Target("192.0.2.80", 445),),
    counts={"connections": 10},
)
SCANS = replace(
    GUESSES, name="scan_tcp_vertical", targets=tuple(Target("192.0.2.80", 100 + number) for number in range(15))
)
ONE, OTHER = 1, 2


def later(anomaly, after_ns=SECOND_NS, **changes):
    return replace(anomaly, last_ns=anomaly.last_ns + after_ns, **changes)


@pytest.mark.parametrize("anomaly", [GUESSES, SCANS])
def test_what_one_detector_told_another_one_is_silent_of_for_as_long_as_the_first_one_tells(anomaly):
    once = Once()

    assert list(once.spoken(ONE, [anomaly])) == [anomaly]
    assert list(once.spoken(OTHER, [later(anomaly)])) == []
    assert list(once.spoken(ONE, [later(anomaly, AGAIN_NS)])) == [later(anomaly, AGAIN_NS)]
    assert list(once.spoken(OTHER, [later(anomaly, 2 * AGAIN_NS)])) == []
    silent = later(anomaly, 4 * AGAIN_NS)
    assert list(once.spoken(OTHER, [silent])) == [silent]


@pytest.mark.parametrize(
    "another",
    [
        later(GUESSES, source_ip="203.0.113.10"),
        later(GUESSES, name="bruteforce_http"),
        later(GUESSES, targets=(Target("192.0.2.80", 22),)),
        later(GUESSES, targets=(Target("192.0.2.81", 445),)),
        later(GUESSES, kind=Kind.POLICY),
    ],
    ids=["another offender", "another class", "another service", "another host", "no anomaly"],
)
def test_what_is_another_behaviour_is_told_whoever_sees_it(another):
    once = Once()
    list(once.spoken(ONE, [GUESSES]))

    assert list(once.spoken(OTHER, [another])) == [another]


def test_ports_of_one_host_that_two_detectors_see_different_ones_of_are_one_scan():
    once, seen = Once(), later(SCANS, targets=tuple(Target("192.0.2.80", 900 + number) for number in range(20)))
    list(once.spoken(ONE, [SCANS]))

    assert list(once.spoken(OTHER, [seen])) == []


def test_of_what_grew_while_one_batch_was_looked_at_the_end_is_told():
    grown = [later(GUESSES, number, counts={"connections": number}) for number in (10, 13, 17)]
    elsewhere = later(GUESSES, targets=(Target("192.0.2.81", 445),))

    assert list(Once().spoken(ONE, [*grown[:2], elsewhere, grown[2]])) == [grown[2], elsewhere]


def test_what_one_batch_holds_of_two_days_is_told_of_each():
    again = replace(GUESSES, first_ns=GUESSES.last_ns + DAY_NS, last_ns=GUESSES.last_ns + 2 * DAY_NS)
    grown = later(again, counts={"connections": 99})

    assert list(Once().spoken(ONE, [GUESSES, again, grown])) == [GUESSES, grown]
