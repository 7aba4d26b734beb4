# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat.v1 import telemetry_pb2
from giamsat_collector.readings.chain import EXACT, Chain
from giamsat_collector.readings.matrix import Run, advance
from giamsat_wire.codec import FrameFlag
from giamsat_wire.packed import Packed, PackedSet

SERIES = [
    telemetry_pb2.Series(name="a", decimals=1),
    telemetry_pb2.Series(name="unwanted"),
    telemetry_pb2.Series(name="b"),
    telemetry_pb2.Series(name="real"),
    telemetry_pb2.Series(name="absent"),
    telemetry_pb2.Series(name="absent_double"),
    telemetry_pb2.Series(name="last"),
]
REST = [0, 0, 0, 0]
"""What the others are all the time."""
WANTED = frozenset({"a", "b", "real"})


@pytest.fixture
def chain():
    return begun()


def begun():
    first = telemetry_pb2.SampleSet(changed=[1, 1, 1, 4], delta=[10, 20, 30, 0], real=[4, 2], real_value=[0.5, 0.5])
    second = telemetry_pb2.SampleSet(gone=[6])
    message = telemetry_pb2.Payload(metrics=telemetry_pb2.MetricFrame(series=SERIES, sets=[first, second]))
    made = Chain(WANTED)
    made.decode(FrameFlag.KEYFRAME, message.SerializeToString())
    return made


def one(changed=b"", delta=b"", real=b"", real_value=b""):
    return PackedSet(1, 2, changed, delta, real, real_value)


def frame(*sets):
    return Packed(0, sets)


def values(read):
    return [[[list(columns.values) for columns in sets] for sets in frames] for frames in read]


def test_every_set_has_the_values_of_all_wanted_series_whatever_changed(chain):
    other = begun()

    read = advance(
        [
            Run(chain, [frame(one(b"\x01", b"\x02"), one(b"\x02\x01", b"\x02\x03")), frame(one())]),
            Run(other, [frame(one(b"\x03", b"\xc8\x01"))]),
        ]
    )

    assert values(read) == [[[[1.1, 30.0, 0.5], [1.1, 28.0, 0.5]], [[1.1, 28.0, 0.5]]], [[[1.0, 130.0, 0.5]]]]
    assert (chain.numbers.totals.tolist(), other.numbers.totals.tolist()) == ([11, 21, 28, *REST], [10, 20, 130, *REST])
    assert (read[0][0][0].wall_ns, read[0][0][0].mono_ns) == (1, 2)


def test_a_series_that_travels_as_a_double_keeps_its_value_until_the_next(chain):
    changes = one(real=b"\x04", real_value=struct.pack("<d", -0.0))

    read = advance([Run(chain, [frame(one(), changes, one())])])

    assert [repr(columns.values[2]) for columns in read[0][0]] == ["0.5", "-0.0", "-0.0"]
    assert repr(chain.decoder.reals[3]) == "-0.0"


@pytest.mark.parametrize(
    "odd",
    [
        one(b"\x01"),  # no value
        one(b"\x00", b"\x02"),  # no step
        one(b"\x01\x00", b"\x02\x02"),  # the same series twice
        one(b"\x08", b"\x02"),  # a series nobody declared
        one(b"\x05", b"\x02"),  # one that was absent
        one(b"\x04", b"\x02"),  # a double that becomes an integer
        one(real=b"\x01", real_value=bytes(8)),  # an integer that becomes a double
        one(real=b"\x04"),  # no double
        one(real_value=bytes(8)),  # a double of no series
        one(real=b"\x04\x00", real_value=bytes(16)),  # two of the same
        one(real=b"\x06", real_value=bytes(8)),  # one that was absent
        one(real=b"\x84\x80\x80\x80\x00", real_value=bytes(8)),  # a step at more length than is looked at
        one(b"\x81\x80\x80\x80\x80\x80\x80\x80\x00", b"\x02"),  # the same among the changes
        one(b"\x01", b"\x82\x80\x80\x80\x80\x80\x80\x40"),  # a change beyond what a double holds
    ],
)
def test_a_run_ends_before_a_frame_that_is_left_to_the_decoder(chain, odd):
    plain, other = frame(one(b"\x01", b"\x02")), begun()

    read = advance([Run(chain, [plain, frame(one(), odd), plain]), Run(other, [plain])])

    assert values(read) == [[[[1.1, 30.0, 0.5]]], [[[1.1, 30.0, 0.5]]]]
    assert chain.numbers.totals.tolist() == [11, 20, 30, *REST]


def varint(number):
    groups = [number >> 7 * at & 0x7F for at in range(8)]
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


@pytest.mark.parametrize("step", [b"\x01", b"\x02"])
def test_nothing_is_read_once_a_number_is_beyond_what_a_double_holds(chain, step):
    beyond = one(step, varint(EXACT * 2))

    assert advance([Run(chain, [frame(beyond)])]) == [[]]
    assert chain.numbers.totals.tolist() == [10, 20, 30, *REST]


def test_nothing_is_read_of_a_number_that_was_beyond_it_for_one_set_only(chain):
    there, back = one(b"\x01", varint(EXACT * 2)), one(b"\x01", varint(EXACT * 2 - 1))

    assert advance([Run(chain, [frame(there, back)])]) == [[]]
    assert chain.numbers.totals.tolist() == [10, 20, 30, *REST]


def test_runs_without_frames_or_numbers_give_nothing(chain):
    assert advance([]) == []
    assert advance([Run(chain, []), Run(Chain(WANTED), [frame(one())])]) == [[], []]
