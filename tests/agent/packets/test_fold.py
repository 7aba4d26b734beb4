# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_agent.packets.anomaly import Anomaly, Kind, Severity, Target
from giamsat_agent.packets.fold import MOST, PAUSE_NS, Fold

SEEN = Anomaly(
    "scan", Severity.LOW, ("vi", "en"), "10.0.0.1", 10, 20, (Target("10.0.0.2", 1),), {"packets": 5}, "", (1,)
)


def folded(*anomalies):
    fold = Fold()
    fold.add(anomalies)
    return fold.all()


def test_what_goes_on_is_one():
    later = replace(SEEN, last_ns=30, targets=(Target("10.0.0.2", 2),), counts={"packets": 9}, frames=(2,))

    (one,) = folded(SEEN, later)

    assert (one.first_ns, one.last_ns, one.counts, one.frames) == (10, 30, {"packets": 9}, (1, 2))
    assert [target.port for target in one.targets] == [1, 2]


def test_what_a_service_does_is_one_whoever_uses_it():
    breach = replace(SEEN, kind=Kind.POLICY, about={"giamsat.policy.subject": "TLS 1.0"})

    assert len(folded(breach, replace(breach, source_ip="10.0.0.9"))) == 1
    assert len(folded(breach, replace(breach, about={"giamsat.policy.subject": "RC4"}))) == 2
    assert len(folded(breach, replace(breach, targets=(Target("10.0.0.2", 2),)))) == 2


def test_a_flood_of_offenders_is_counted_and_not_kept():
    fold = Fold()
    fold.add(replace(SEEN, source_ip=f"10.0.{number >> 8}.{number & 255}") for number in range(MOST + 10))
    fold.add([SEEN])

    assert (len(fold.all()), fold.beyond) == (MOST, 10)


def test_another_offender_another_class_and_another_day_are_others():
    others = [
        replace(SEEN, source_ip="10.0.0.9"),
        replace(SEEN, name="flood"),
        replace(SEEN, first_ns=SEEN.last_ns + PAUSE_NS + 1),
    ]

    assert len(folded(SEEN, *others)) == 4


def test_one_station_under_several_addresses_is_one_offender():
    assert len(folded(replace(SEEN, source_mac="m"), replace(SEEN, source_mac="m", source_ip="10.0.0.9"))) == 1
