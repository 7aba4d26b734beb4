# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_collector.ingest.session import FRAME_BYTES
from giamsat_collector.ingest.tail import Tail
from support.stored import stored


def ids(found):
    return [frame.id for frame in found]


def tail_of(*numbers, most_bytes=1 << 20):
    tail = Tail(most_bytes)
    tail.add(stored(number) for number in numbers)
    return tail


def test_what_follows_is_read_in_order_and_no_more_than_asked():
    tail = tail_of(1, 2, 3)

    assert ids(tail.after(0, 2)) == [1, 2]
    assert ids(tail.after(2, 2)) == [3]
    assert ids(tail.after(3, 2)) == []


def test_reading_again_what_was_not_gone_on_from_gives_the_same():
    tail = tail_of(5, 6)

    assert ids(tail.after(4, 9)) == ids(tail.after(4, 9)) == [5, 6]


def test_a_gap_is_never_read_over():
    """Another wrote a frame between them: only the database knows it."""
    tail = tail_of(1, 2, 4, 5)

    assert ids(tail.after(0, 9)) == [1, 2]
    assert ids(tail.after(2, 9)) == []
    assert ids(tail.after(3, 9)) == [4, 5]


def test_the_oldest_go_when_there_are_too_many_and_a_reader_behind_them_finds_none():
    tail = tail_of(*range(1, 11), most_bytes=3 * (FRAME_BYTES + len(stored(1).payload)))

    assert ids(tail.after(0, 99)) == []
    assert ids(tail.after(7, 99)) == [8, 9, 10]


def test_frames_without_a_payload_are_not_free():
    tail = Tail(most_bytes=10 * FRAME_BYTES)
    tail.add(replace(stored(number), payload=b"") for number in range(1, 101))

    assert len(tail.after(90, 99)) == 10
