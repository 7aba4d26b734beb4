# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_collector.readings.stretch import Part, Stretch
from giamsat_wire.packed import PackedSet
from giamsat_wire.record import Columns

SERIES = (("a", ()), ("b", (("x", "y"),)))
SETS = [PackedSet(at, at + 10, b"", b"", b"", b"") for at in range(3)]
BEFORE = [0.0, 9.0]


@pytest.fixture
def stretch():
    others = [7.0] * 5
    return Stretch(SERIES, SETS, np.array([*others, 0.0, 1.0, 2.0, 3.0, 9.0, 8.0, 7.0, 6.0, *others]), 5, BEFORE)


def test_a_row_is_read_once_and_holds_nothing_of_the_others(stretch):
    assert stretch.row(1).tolist() == [2.0, 7.0]
    assert stretch.row(1) is stretch.row(1)
    assert stretch.row(1).base is None
    assert stretch.numbers(-1) is BEFORE
    assert stretch.numbers(2) is stretch.row(2)


def test_what_is_written_to_a_series_counts(stretch):
    stretch.series_of(1)[2:] = 0.5

    assert [stretch.row(at).tolist() for at in range(3)] == [[1.0, 8.0], [2.0, 0.5], [3.0, 0.5]]


def test_a_part_is_the_sets_of_one_frame(stretch):
    part = Part(stretch, 1, 3)
    second, third = Columns(1, 11, SERIES, [2.0, 7.0]), Columns(2, 12, SERIES, [3.0, 6.0])

    assert [*part] == [second, third]
    assert (len(part), part[-1], part[0:1], part.times) == (2, third, [second], [1, 2])
    with pytest.raises(IndexError):
        part[2]


def test_of_no_series_there_are_empty_rows():
    assert Stretch((), SETS, np.zeros(0), 0, []).row(2).tolist() == []
