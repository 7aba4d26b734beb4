# SPDX-License-Identifier: Apache-2.0
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat.v1 import telemetry_pb2
from giamsat_wire import limits
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.errors import ChainError, MalformedError, OversizedError
from giamsat_wire.record import Sample, SampleSet

SERIES = [("node_load1", ()), ("node_cpu_seconds_total", (("cpu", "0"), ("mode", "idle"))), ("x", (("a", "ầ\n"),))]
values = st.one_of(
    st.floats(),
    st.integers(0, 1 << 60).map(float),
    st.decimals(0, 10**7, places=2).map(float),
)
readings = st.lists(st.dictionaries(st.sampled_from(SERIES), values, max_size=3), min_size=1, max_size=8)


def reading(values, at=0):
    return SampleSet(at, at, tuple(Sample(name, value, labels) for (name, labels), value in values.items()))


def as_text(samples):
    return sorted((sample.name, sample.labels, repr(sample.value)) for sample in samples)


@given(readings)
def test_what_is_decoded_equals_what_was_read_bit_for_bit(sequence):
    encoder, decoder = ChainEncoder(), ChainDecoder()

    for number, values in enumerate(sequence):
        sent = reading(values, number)
        frame = encoder.frame([sent])
        (got,) = decoder.frame(frame, key=number == 0)

        assert as_text(got.samples) == as_text(sent.samples)
        assert (got.wall_ns, got.mono_ns) == (number, number)


def test_a_series_that_did_not_change_costs_nothing():
    encoder = ChainEncoder()
    encoder.frame([reading({SERIES[0]: 1.5, SERIES[1]: 7.25})])

    frame = encoder.frame([reading({SERIES[0]: 1.5, SERIES[1]: 7.5})])

    assert list(frame.sets[0].changed) == [2]
    assert list(frame.sets[0].delta) == [25]
    assert not frame.series


def test_a_value_with_more_decimals_than_declared_declares_its_series_again():
    encoder = ChainEncoder()
    encoder.frame([reading({SERIES[0]: 1.0})])

    frame = encoder.frame([reading({SERIES[0]: 1.25})])

    assert [(series.name, series.decimals) for series in frame.series] == [("node_load1", 2)]
    assert list(frame.sets[0].gone) == [1]


def test_a_delta_frame_without_its_keyframe_is_refused():
    encoder = ChainEncoder()
    encoder.frame([reading({SERIES[0]: 1.0})])

    with pytest.raises(ChainError, match="keyframe"):
        ChainDecoder().frame(encoder.frame([reading({SERIES[0]: 2.0})]), key=False)


def test_a_frame_of_another_chain_is_refused_and_not_added_to_what_it_does_not_follow():
    readings = [reading({SERIES[0]: float(number)}) for number in range(3)]
    encoders, decoder = (ChainEncoder(), ChainEncoder(kind=2)), ChainDecoder()
    first, other = ([encoder.frame([one]) for one in readings] for encoder in encoders)
    decoder.frame(first[0], key=True)

    with pytest.raises(ChainError):
        decoder.frame(other[1], key=False)
    (got,) = decoder.frame(first[1], key=False)

    assert [sample.value for sample in got.samples] == [1.0]


def test_a_keyframe_mends_a_broken_chain():
    encoder, decoder = ChainEncoder(), ChainDecoder()
    begun = encoder.frame([reading({SERIES[0]: 1.0})])
    decoder.frame(begun, key=True)
    broken = telemetry_pb2.MetricFrame(chain=begun.chain, sets=[telemetry_pb2.SampleSet(changed=[9], delta=[1])])
    with pytest.raises(MalformedError, match="never declared"):
        decoder.frame(broken, key=False)
    with pytest.raises(ChainError):
        decoder.frame(encoder.frame([reading({SERIES[0]: 2.0})]), key=False)

    encoder.begin()
    (got,) = decoder.frame(encoder.frame([reading({SERIES[0]: 3.0})]), key=True)

    assert [sample.value for sample in got.samples] == [3.0]


def test_series_beyond_the_limit_are_dropped_and_counted():
    encoder = ChainEncoder()
    many = {("x", (("n", str(number)),)): 1.0 for number in range(limits.SERIES_PER_AGENT + 3)}

    frame = encoder.frame([reading(many)])

    assert len(frame.series) == limits.SERIES_PER_AGENT
    assert encoder.dropped == 3


@pytest.mark.parametrize("wrong", [("a b", ()), ("hé", ()), ("a", (("b-c", "d"),)), ("a", (("b", "c" * 513),))])
def test_a_series_the_other_end_would_refuse_is_dropped_and_the_rest_goes(wrong):
    encoder = ChainEncoder()

    frame = encoder.frame([reading({wrong: 1.0, ("right", ()): 2.0})])

    (got,) = ChainDecoder().frame(frame, key=True)
    assert [(sample.name, sample.value) for sample in got.samples] == [("right", 2.0)]
    assert encoder.dropped == 1


@pytest.mark.parametrize(
    ("series", "error"),
    [
        (telemetry_pb2.Series(name="a b"), MalformedError),
        (telemetry_pb2.Series(name='a{b="c"} 1\nd'), MalformedError),
        (telemetry_pb2.Series(name="a\n"), MalformedError),
        (telemetry_pb2.Series(name=""), MalformedError),
        (telemetry_pb2.Series(name="a", labels=["b"]), MalformedError),
        (telemetry_pb2.Series(name="a", labels=["b-c", "d"]), MalformedError),
        (telemetry_pb2.Series(name="a", decimals=400), MalformedError),
        (telemetry_pb2.Series(name="a", labels=["b", "c" * 513]), OversizedError),
        (telemetry_pb2.Series(name="a", labels=["b", "c"] * 17), MalformedError),
    ],
)
def test_a_hostile_series_is_refused(series, error):
    with pytest.raises(error):
        ChainDecoder().frame(telemetry_pb2.MetricFrame(series=[series]), key=True)


def test_a_key_is_due_at_the_start_and_then_at_the_declared_rhythm():
    encoder = ChainEncoder()

    due = []
    for _ in range(2 * limits.KEYFRAME_EVERY):
        due.append(encoder.key_due)
        encoder.frame([reading({SERIES[0]: math.nan})])

    assert [number for number, is_due in enumerate(due) if is_due] == [0, limits.KEYFRAME_EVERY]


def test_a_reading_leaves_those_before_it_as_they_were():
    encoder, decoder = ChainEncoder(), ChainDecoder()
    first, second = (encoder.frame([reading({SERIES[0]: value, SERIES[1]: 1.0})]) for value in (1.0, 2.0))

    (before,) = decoder.frame(first, key=True)
    (after,) = decoder.frame(second, key=False)

    assert [sorted(one.values) for one in (before, after)] == [[1.0, 1.0], [1.0, 2.0]]
    assert after.series is before.series


def test_a_series_declared_again_keeps_its_place_among_the_others():
    encoder, decoder = ChainEncoder(), ChainDecoder()
    first, second = (encoder.frame([reading({SERIES[0]: value, SERIES[1]: 1.0})]) for value in (1.0, 2.25))

    (before,) = decoder.frame(first, key=True)
    (after,) = decoder.frame(second, key=False)

    assert len(second.series) == 1
    assert after.series is before.series
    assert sorted(after.values) == [1.0, 2.25]
