# SPDX-License-Identifier: Apache-2.0
from itertools import accumulate

import pytest

from giamsat.v1 import telemetry_pb2
from giamsat_wire import limits
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.codec import FrameFlag, decode, encode_readings
from giamsat_wire.packed import packed
from giamsat_wire.record import Sample, SampleSet

WALL, MONO = 5, 7
NAMES = [f"node_{number}" for number in range(200)]


def reading(value, names=NAMES):
    return SampleSet(WALL, MONO, tuple(Sample(name, value) for name in names))


def payload(*sets, series=(), chain=9):
    message = telemetry_pb2.MetricFrame(chain=chain, sets=sets, series=series)
    return telemetry_pb2.Payload(metrics=message).SerializeToString()


def one_set(**columns):
    return telemetry_pb2.SampleSet(wall_ns=WALL, mono_ns=MONO, **columns)


def field(number, wire, content):
    return bytes([number << 3 | wire]) + content


def enclosed(number, content):
    return field(number, 2, bytes([len(content)]) + content)


PLAIN = one_set(changed=[1, 2], delta=[3, -3]).SerializeToString()
"""The columns of a frame, a set of which is written in another way below."""


def in_frame(*sets):
    return enclosed(1, b"".join(enclosed(2, one) for one in sets) + field(3, 5, b"\x09\0\0\0"))


def test_what_an_agent_sends_in_the_middle_of_a_chain_is_read_column_by_column():
    encoder = ChainEncoder()
    encode_readings(encoder, [reading(1e300)], begin=True)
    encoded = encode_readings(encoder, [reading(2e300, NAMES[1:])], begin=False)
    settled = encode_readings(encoder, [reading(3e300, NAMES[1:]), reading(7e300, NAMES[1:])], begin=False)

    assert encoded.flags == FrameFlag.ZSTD
    assert packed(encoded.flags, encoded.payload) is None  # a series is gone
    real = packed(settled.flags, settled.payload)
    assert real is not None
    (first, second), chain = real.sets, real.chain
    assert (first.wall_ns, first.mono_ns, chain != 0) == (WALL, MONO, True)
    assert (list(accumulate(first.real)), len(second.real_value)) == (list(range(2, 201)), 8 * 199)
    assert first.changed == first.delta == b""


def test_a_frame_of_four_sets_is_read_and_one_of_five_or_none_is_left_to_the_decoder():
    assert [
        packed(0, payload(*[one_set(changed=[1], delta=[2])] * count)) is None
        for count in (0, 1, limits.SETS_PER_FRAME, limits.SETS_PER_FRAME + 1)
    ] == [True, False, False, True]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff nothing",
        payload(one_set(gone=[1])),
        payload(one_set(), series=[telemetry_pb2.Series(name="node_load1")]),
        telemetry_pb2.Payload(gap=telemetry_pb2.Gap(lane=1)).SerializeToString(),
        in_frame(PLAIN + enclosed(3, b"\x05")),  # the same column twice
        in_frame(PLAIN + field(3, 0, b"\x05")),  # one number of it by itself
        in_frame(PLAIN + enclosed(7, b"")),  # nothing gone, said
        in_frame(PLAIN + enclosed(15, b"?")),  # a field of later versions
        in_frame(field(1, 1, bytes(8)) + PLAIN),  # a time that is said twice
        in_frame(PLAIN) + in_frame(PLAIN),  # two bodies, which are one
        in_frame(enclosed(3, b"\x01\x81")),  # a number that does not end
        in_frame(enclosed(6, bytes(9))),  # a double and a bit
    ],
)
def test_whatever_is_written_in_another_way_is_left_to_the_decoder(raw):
    assert packed(0, raw) is None


def test_the_frame_those_are_made_of_is_read():
    found = packed(0, in_frame(PLAIN))

    assert found is not None
    assert [(one.changed, one.delta) for one in found.sets] == [(b"\x01\x02", b"\x06\x05")]
    assert found.chain == 9


def test_keyframes_and_what_does_not_decompress_are_left_to_the_decoder():
    good = payload(one_set(changed=[1], delta=[2]))

    assert packed(FrameFlag.KEYFRAME, good) is None
    assert packed(FrameFlag.ZSTD, good) is None
    assert packed(0, good + b" " * limits.FRAME_BYTES) is None


def test_numbers_written_at_length_are_carried_as_they_are():
    """The decoder reads them as well: what they come to is for the reader of the columns to see."""
    raw = in_frame(enclosed(3, b"\x81\x00") + enclosed(4, b"\x06"))

    found = packed(0, raw)

    assert found is not None
    decoder = ChainDecoder()
    key = payload(one_set(changed=[1], delta=[1]), series=[telemetry_pb2.Series(name="node_load1")])
    decode(FrameFlag.KEYFRAME, key, decoder)
    assert [one.values for one in decode(0, raw, decoder).sets] == [[4.0]]


def test_columns_longer_than_a_set_of_an_agent_can_need_are_left_to_the_decoder():
    most = limits.SERIES_PER_AGENT
    every = one_set(changed=[1] * most, delta=[(1 << 55) - 1] * most)
    more = [
        one_set(changed=[1] * (2 * most + 1)),
        one_set(delta=[1] * (8 * most + 1)),
        one_set(real=[1] * (2 * most + 1)),
        one_set(real_value=[0.5] * (most + 1)),
    ]

    assert packed(0, payload(every)) is not None
    assert [packed(0, payload(one)) for one in more] == [None] * 4
