# SPDX-License-Identifier: Apache-2.0
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_wire.chain import ChainEncoder
from giamsat_wire.codec import encode_readings
from giamsat_wire.record import Event, Sample, SampleSet
from giamsat_wire.source import LETTERS, OTHER, SOURCES, Counts, counts, folded, samples, source_of

COUNT = st.integers(0, 1 << 40)
COUNTS = st.builds(Counts, COUNT, COUNT, COUNT, st.sampled_from([None, True, False]))
READING_BYTES = 400
"""What telling of all sources may cost a reading in which each of them yielded something: 210 bit/s at 15 s."""


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        ({"log.file.path": "/var/log/auth.log", "event.provider": "auth_log"}, "/var/log/auth.log"),
        ({"event.provider": "journald"}, "journald"),
        ({"event.provider": "syslog", "log.source.address": "192.0.2.1"}, "syslog 192.0.2.1"),
        ({"event.provider": "snmptrap", "observer.ip": "192.0.2.1"}, "snmptrap 192.0.2.1"),
        ({"event.provider": "snmp", "observer.name": "lõi-1"}, "snmp lõi-1"),
        ({"event.provider": "packets", "observer.ingress.interface.name": "eth0"}, "packets eth0"),
        ({"event.provider": "check", "service.name": "cổng"}, "check cổng"),
        ({"event.provider": "agent"}, "agent"),
        ({"log.file.path": 7, "event.provider": ("a",)}, OTHER),
        ({"log.file.path": "/" + "x" * 4_000}, "/" + "x" * (LETTERS - 1)),
    ],
)
def test_an_event_names_its_source(fields, source):
    assert source_of(Event("kind", 1, 1, fields)) == source


@pytest.mark.parametrize(("said", "count"), [(3, 3), (0, 0), (-5, 0), ("9", 0), (None, 0)])
def test_an_event_stands_for_as_many_others_as_it_says(said, count):
    assert folded(Event("kind", 1, 1, {} if said is None else {"giamsat.folded.count": said})) == count


@given(st.dictionaries(st.text(min_size=1, max_size=LETTERS), COUNTS, max_size=SOURCES))
def test_what_was_told_is_what_was_counted(counted):
    assert counts(SampleSet(1, 1, tuple(samples(counted)))) == counted


def test_what_a_hostile_agent_tells_is_bounded():
    told = [
        Sample("giamsat_agent_source_events_total", value, (("outcome", outcome), ("source", f"s{number}")))
        for number in range(2 * SOURCES)
        for outcome, value in (("produced", float(number)), ("invented", 1.0), ("dropped", float("inf")))
    ]

    others = (Sample("node_load1", 1.0), Sample("giamsat_agent_source_up", 1.0))
    found = counts(SampleSet(1, 1, (*told, *others)))

    assert len(found) == SOURCES + 1
    assert found["s7"] == Counts(produced=7)


def test_telling_of_every_source_stays_within_the_budget_of_a_thin_link():
    chain, rng, produced = ChainEncoder(), Random(1), [0] * SOURCES

    def reading(number):
        for index in range(SOURCES):
            produced[index] += rng.randint(1, 2_000)
        counted = {f"syslog 192.0.2.{index}": Counts(produced[index], up=True) for index in range(SOURCES)}
        return encode_readings(chain, [SampleSet(number, number, tuple(samples(counted)))], begin=False)

    reading(1)

    assert max(len(reading(number).payload) for number in range(2, 30)) <= READING_BYTES
