# SPDX-License-Identifier: Apache-2.0
"""What a lane keeps when its disk is full, fails, forgets or loses power."""

import contextlib

import pytest

from giamsat_agent.errors import SpoolError
from support.files import PowerCut


def put(queue, *payloads):
    numbers = [queue.append(1, payload) for payload in payloads]
    queue.commit()
    return numbers


def payloads(queue, after=0):
    return [frame.payload for frame in queue.read(after)]


def segments(disk):
    return sorted(name for name in disk.folder("event").names_now if name.endswith(".seg"))


def test_the_name_of_an_empty_segment_keeps_the_numbering_when_everything_else_is_gone(lane, disk):
    queue = lane()
    put(queue, b"a", b"b")
    queue = lane()
    queue.note({"journald": b"1"})
    queue.commit()
    folder = disk.folder("event")
    for name in list(folder.names_now):
        if name != f"{3:016x}.seg":
            folder.remove(name)

    again = lane()

    assert again.append(1, b"c") == 3
    assert again.epoch == 7


def test_a_disk_that_refuses_the_cursor_stops_nothing(lane, disk):
    queue = lane()
    put(queue, b"a", b"b")
    disk.failing = {"put", "remove"}
    queue.acknowledge(2)

    assert queue.state.acked == 2


def test_positions_survive_a_power_cut_at_every_moment_of_the_next_start(lane, disk):
    queue = lane()
    queue.note({"journald": b"s=1"})
    queue.commit()
    for operation in range(1, 40):
        disk.cut()
        disk.cut_at = disk.operations + operation
        with contextlib.suppress(PowerCut):
            queue = lane()
            queue.note({"auth": b"1"})
            queue.commit()
        disk.cut()

        assert lane().positions["journald"] == b"s=1", operation


def test_a_full_disk_refuses_a_frame_whole_and_takes_the_next_one_when_there_is_room(lane, disk):
    queue = lane()
    put(queue, b"a")
    disk.capacity = disk.used + 25
    with pytest.raises(SpoolError, match="No space left"):
        queue.append(1, b"x" * 100)
    disk.capacity = 1 << 30

    assert put(queue, b"b") == [2]
    disk.cut()
    assert payloads(lane()) == [b"a", b"b"]


def test_a_failed_write_that_cannot_be_cut_off_is_left_behind(lane, disk):
    queue = lane()
    put(queue, b"a")
    queue.append(1, b"b")
    disk.failing = {"append", "truncate"}
    with pytest.raises(SpoolError):
        queue.append(1, b"c")
    disk.failing = set()
    put(queue, b"d")
    disk.cut()

    assert payloads(lane()) == [b"a", b"b", b"d"]


def test_after_a_failed_sync_the_frames_go_to_another_segment_under_the_same_numbers(lane, disk):
    queue = lane()
    put(queue, b"a")
    queue.append(1, b"b")
    queue.append(1, b"c")
    inode = next(iter(disk.folder("event").handles.values()))
    inode.stuck = True  # the kernel gave up on these pages: only a new file can hold them
    disk.failing = {"sync"}
    with pytest.raises(SpoolError):
        queue.commit()
    assert queue.state.committed == 1
    disk.failing = set()

    queue.commit()
    disk.cut()

    again = lane()
    assert [(frame.seq, frame.payload) for frame in again.read(0)] == [(1, b"a"), (2, b"b"), (3, b"c")]


def test_a_disk_that_fails_for_long_costs_only_what_it_refused(lane, disk):
    queue = lane()
    put(queue, b"a")
    queue.append(1, b"b")
    disk.failing = {"sync"}
    for _ in range(3):
        with pytest.raises(SpoolError):
            queue.commit()
        with pytest.raises(SpoolError):
            queue.append(1, b"refused")
    disk.failing = set()

    put(queue, b"c")

    assert payloads(queue) == [b"a", b"b", b"c"]
    disk.cut()
    assert payloads(lane()) == [b"a", b"b", b"c"]


def test_a_full_disk_is_no_reason_not_to_start(lane, disk):
    put(lane(), b"a")
    disk.capacity = disk.used

    queue = lane()

    assert payloads(queue) == []
    with pytest.raises(SpoolError, match="event lane: cannot begin a segment: No space left"):
        queue.append(1, b"b")
    disk.capacity = 1 << 30
    assert put(queue, b"b") == [2]
    assert payloads(queue) == [b"a", b"b"]


def test_frames_the_disk_will_not_make_durable_again_are_not_sent_before_it_has(lane, disk):
    queue = lane()
    put(queue, b"a")
    queue.append(1, b"never durable")
    disk.failing = {"sync"}
    disk.kill()
    queue = lane()
    sent = payloads(queue)
    disk.failing = set()
    disk.cut()
    queue = lane()
    put(queue, b"another")

    numbers = {frame.payload: frame.seq for frame in queue.read(0)}
    assert sent == []
    assert len(set(numbers.values())) == len(numbers)


def test_a_bit_that_flips_after_the_start_costs_one_frame_and_is_reported_once(lane, disk):
    put(lane(), *[b"x" * 3_000] * 4)
    queue = lane()
    name = segments(disk)[0]
    disk.folder("event").damage(name, 5_000)

    assert [frame.seq for frame in queue.read(0)] == [1]
    assert queue.newly_lost() == ((2, 2),)
    assert [frame.seq for frame in queue.read(0)] == [1]
    assert queue.newly_lost() == ()
    assert [frame.seq for frame in queue.read(2)] == [3, 4]


def test_a_lane_goes_on_behind_a_damaged_frame_once_all_before_it_is_acknowledged(lane, disk):
    put(lane(), *[b"x" * 3_000] * 4)
    disk.folder("event").damage(segments(disk)[0], 5_000)
    queue = lane()
    assert (queue.newly_lost(), queue.state.first) == (((2, 2),), 1)
    assert not queue.state.holds(2)

    queue.acknowledge(1)

    assert queue.state.first == 3


def test_a_segment_that_disappears_is_a_loss_and_no_error(lane, disk):
    put(lane(), *[b"x" * 3_000] * 7)
    queue = lane()
    disk.folder("event").remove(segments(disk)[1])

    assert [frame.seq for frame in queue.read(0)] == [1, 2, 3]
    assert queue.newly_lost() == ((4, 6),)
    assert [frame.seq for frame in queue.read(6)] == [7]


def test_a_refused_new_epoch_leaves_the_old_one(lane, disk):
    queue = lane()
    put(queue, b"a")
    disk.failing = {"create"}
    with pytest.raises(SpoolError):
        queue.begin_epoch(9)

    assert (queue.state.epoch, queue.state.first) == (7, 1)
