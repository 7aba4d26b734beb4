# SPDX-License-Identifier: Apache-2.0

import pytest

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool.backlog import RETAINED_NS
from giamsat_wire import limits
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane


def put(queue, *payloads):
    numbers = [queue.append(1, payload) for payload in payloads]
    queue.commit()
    return numbers


def payloads(queue, after=0):
    return [frame.payload for frame in queue.read(after)]


def segments(disk):
    return sorted(name for name in disk.folder("event").names_now if name.endswith(".seg"))


def test_numbers_begin_at_one_and_go_up_by_one(lane):
    assert put(lane(), b"a", b"b", b"c") == [1, 2, 3]


def test_a_frame_is_read_as_it_was_appended_with_the_checksum_of_the_wire(lane):
    queue = lane()
    put(queue, b"payload")

    (frame,) = queue.read(0)

    assert (frame.seq, frame.flags, frame.payload) == (1, 1, b"payload")
    assert frame.crc == checksum(flags=1, lane=Lane.EVENT, seq=1, payload=b"payload")


def test_what_is_not_committed_is_not_read(lane):
    queue = lane()
    queue.append(1, b"a")

    assert payloads(queue) == []
    assert (queue.state.next, queue.state.committed) == (2, 0)


def test_what_is_committed_survives_a_power_cut(lane, disk):
    queue = lane()
    put(queue, b"a", b"b")
    disk.cut()

    again = lane(epoch=8)

    assert payloads(again) == [b"a", b"b"]
    assert (again.epoch, again.state.next) == (7, 3)


def test_numbers_go_on_after_a_restart_without_any_frame_left(lane, disk, clock):
    queue = lane()
    put(queue, *[b"x" * 3_000] * 10)
    queue.acknowledge(10)
    clock.advance(RETAINED_NS)
    for name in segments(disk):
        disk.folder("event").remove(name)

    assert lane().append(1, b"next") == 11


def test_a_segment_ends_when_it_is_full_and_the_next_frame_begins_another(lane, disk):
    queue = lane()
    begins = []
    for _ in range(8):
        begins.append(queue.begins_segment)
        put(queue, b"x" * 3_000)

    assert begins == [True, False, False, True, False, False, True, False]
    assert segments(disk) == [f"{first:016x}.seg" for first in (1, 4, 7)]
    assert len(payloads(queue)) == 8


def test_an_acknowledged_segment_stays_for_its_retention_and_then_goes(lane, disk, clock):
    queue = lane()
    put(queue, *[b"x" * 3_000] * 6)
    clock.advance(RETAINED_NS - 1)
    put(queue, b"y")
    queue.acknowledge(6)
    assert queue.state.first == 1

    clock.advance(RETAINED_NS)
    queue.acknowledge(7)

    assert queue.state.first == 7
    assert segments(disk) == [f"{7:016x}.seg"]


def test_the_retention_counts_from_the_last_frame_of_a_segment(lane, clock):
    queue = lane()
    put(queue, b"x" * 3_000)
    clock.advance(RETAINED_NS)
    put(queue, *[b"x" * 3_000] * 3)
    queue.acknowledge(4)

    assert queue.state.first == 1


def test_the_retention_counts_anew_after_a_restart(lane, disk):
    put(lane(), *[b"x" * 3_000] * 4)

    queue = lane()
    queue.acknowledge(4)

    assert queue.state.first == 1


def test_an_unacknowledged_frame_keeps_its_segment_for_ever(lane, clock):
    queue = lane()
    put(queue, *[b"x" * 3_000] * 6)
    queue.acknowledge(2)
    clock.advance(100 * RETAINED_NS)
    queue.acknowledge(2)

    assert payloads(queue, 2) == [b"x" * 3_000] * 4


def test_an_old_acknowledgement_changes_nothing(lane):
    queue = lane()
    put(queue, b"a", b"b")
    queue.acknowledge(2)
    queue.acknowledge(1)

    assert queue.state.acked == 2


def test_nothing_is_acknowledged_that_was_never_committed(lane):
    queue = lane()
    put(queue, b"a")
    queue.append(1, b"b")
    queue.acknowledge(9)

    assert queue.state.acked == 1


def test_positions_are_there_after_a_restart_and_are_no_frames(lane, disk):
    queue = lane()
    put(queue, b"a")
    queue.note({"journald": b"s=1", "auth": b"\x00\x01"})
    queue.commit()
    queue.note({"journald": b"s=2"})
    queue.commit()
    disk.cut()

    again = lane()

    assert again.positions == {"journald": b"s=2", "auth": b"\x00\x01"}
    assert payloads(again) == [b"a"]
    assert again.state.next == 2


def test_positions_noted_for_ever_without_a_frame_do_not_fill_the_disk(lane):
    queue = lane()
    for number in range(2_000):
        queue.note({"journald": b"s=%d" % number + b"x" * 100})
        queue.commit()

    assert queue.state.size < 15_000
    assert lane().positions["journald"].startswith(b"s=1999")


def test_a_frame_that_the_wire_cannot_carry_is_refused(lane):
    with pytest.raises(SpoolError, match="at most 262144"):
        lane().append(1, bytes(limits.FRAME_BYTES + 1))


def test_eviction_names_the_unacknowledged_numbers_before_they_go(lane):
    queue = lane()
    put(queue, *[b"x" * 3_000] * 7)
    queue.acknowledge(2)

    assert queue.oldest() == (3, 3)
    queue.evict()
    assert queue.state.first == 4
    assert queue.oldest() == (4, 6)


def test_the_only_segment_can_be_evicted_and_the_queue_goes_on(lane):
    queue = lane()
    put(queue, b"a", b"b")

    assert queue.oldest() == (1, 2)
    queue.evict()

    assert put(queue, b"c") == [3]
    assert payloads(queue, 2) == [b"c"]


def test_a_new_epoch_holds_what_is_unacknowledged_and_nothing_older(lane, disk):
    queue = lane()
    put(queue, *[b"x" * 3_000] * 5)
    queue.acknowledge(2)
    queue.begin_epoch(9)
    disk.cut()

    again = lane()

    assert (again.epoch, again.state.first, again.state.next) == (9, 3, 6)


def test_a_collector_that_went_back_is_given_what_is_still_held(lane):
    queue = lane()
    put(queue, b"a", b"b", b"c")
    queue.acknowledge(3)
    queue.rewind(1)

    assert queue.state.acked == 1
    assert payloads(queue, 1) == [b"b", b"c"]
