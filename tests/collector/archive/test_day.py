# SPDX-License-Identifier: Apache-2.0
from datetime import date

import pytest

from giamsat_collector.archive import block
from giamsat_collector.archive.day import FRAMES_A_BLOCK, Day, append, contents, frames, mended, oldest_ns
from support.stored import NOON_NS, stored


@pytest.fixture
def day(tmp_path):
    return Day(tmp_path / "x.frames", 3, date(2027, 1, 15))


def ids(day, since=0, until=2 * NOON_NS):
    return [frame.id for frame in frames(day, since, until)]


def test_what_is_added_is_read_in_its_order(day):
    assert append(day, [stored(1), stored(4)], after_id=0) == 4
    assert append(day, [stored(5)], after_id=4) == 5

    assert ids(day) == [1, 4, 5]
    assert (oldest_ns(day), mended(day)) == (NOON_NS, 5)


def test_what_is_there_already_is_passed_over(day):
    append(day, [stored(1), stored(2)], after_id=0)

    assert append(day, [stored(2), stored(3)], after_id=2) == 3
    assert append(day, [stored(3)], after_id=3) == 3
    assert ids(day) == [1, 2, 3]


def test_many_frames_are_several_blocks(day):
    append(day, [stored(number) for number in range(1, FRAMES_A_BLOCK + 2)], after_id=0)

    found = contents(day)
    assert (found.blocks, found.frames) == (2, FRAMES_A_BLOCK + 1)


def test_only_the_span_asked_for_is_read(day):
    append(day, [stored(number, received_ns=NOON_NS + number) for number in range(1, 6)], after_id=0)

    assert ids(day, NOON_NS + 2, NOON_NS + 4) == [2, 3]


def test_wherever_a_power_cut_ends_the_file_the_rest_is_kept_and_writing_goes_on(day):
    append(day, [stored(1)], after_id=0)
    before = day.bytes
    append(day, [stored(2)], after_id=1)
    whole = day.path.read_bytes()

    for length in range(before, len(whole)):
        day.path.write_bytes(whole[:length])
        last = mended(day)
        assert (last, day.bytes) == (1, before)
        append(day, [stored(2)], after_id=last)
        assert ids(day) == [1, 2]
        assert contents(day).damaged_bytes == 0


def test_damage_in_the_middle_costs_its_block_and_no_other(day):
    for number in (1, 2, 3):
        append(day, [stored(number)], after_id=number - 1)
    data = bytearray(day.path.read_bytes())
    size = len(block.encode([stored(1)]))
    data[size + 60] ^= 1
    day.path.write_bytes(data)

    assert ids(day) == [1, 3]
    assert mended(day) == 3
    assert contents(day).damaged_bytes > 0
    append(day, [stored(4)], after_id=3)
    assert ids(day) == [1, 3, 4]


def test_a_file_that_is_none_of_ours_holds_nothing(day):
    day.path.write_bytes(b"hello\n" * 1_000)

    assert ids(day) == []
    assert oldest_ns(day) is None
    assert contents(day).damaged_bytes == 6_000
