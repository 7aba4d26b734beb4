# SPDX-License-Identifier: Apache-2.0
import errno

import pytest

from giamsat_agent.spool.copying import frames, waiting
from giamsat_wire.lane import Lane


@pytest.fixture
def copied(disk):
    """The lane's folder as somebody else reads it."""
    folder = disk.folder("event")
    folder.settle = lambda name: None
    return folder


def put(queue, *payloads):
    for payload in payloads:
        queue.append(1, payload)
    queue.commit()


def test_a_lane_that_never_held_a_frame_has_nothing_to_copy(copied):
    assert waiting(copied, Lane.EVENT) is None


def test_what_is_not_acknowledged_is_copied_as_it_would_be_sent(lane, copied):
    queue = lane()
    put(queue, b"a", b"b", b"c")
    queue.acknowledge(1)

    stands = waiting(copied, Lane.EVENT)

    assert (stands.epoch, stands.acked, stands.next) == (queue.epoch, 1, 4)
    assert list(frames(copied, stands)) == list(queue.read(1))


def test_what_is_written_while_it_is_copied_waits_for_the_next_time(lane, copied):
    queue = lane()
    put(queue, b"a")
    stands = waiting(copied, Lane.EVENT)
    put(queue, b"b")

    assert [frame.payload for frame in frames(copied, stands)] == [b"a"]


def test_in_a_new_epoch_what_was_acknowledged_in_the_old_one_is_not_copied(lane, copied):
    queue = lane()
    put(queue, b"a", b"b")
    queue.acknowledge(1)
    queue.begin_epoch(9)
    queue.rewind(0)
    put(queue, b"c")
    for name in ("cursor.a", "cursor.b"):
        copied.remove(name)

    stands = waiting(copied, Lane.EVENT)

    assert stands.epoch == 9
    assert [frame.payload for frame in frames(copied, stands)] == [b"b", b"c"]


def test_a_segment_that_the_agent_lets_go_of_meanwhile_is_passed_over(lane, copied):
    queue = lane(cap=8_000)
    put(queue, *(b"%4d" % number * 100 for number in range(12)))
    stands = waiting(copied, Lane.EVENT)
    copied.remove(min(name for name in copied.names() if name.endswith(".seg")))

    numbers = [frame.seq for frame in frames(copied, stands)]

    assert 1 < numbers[0] < numbers[-1] == 12


def test_what_the_disk_refuses_to_hold_is_not_copied(lane, copied):
    queue = lane()
    put(queue, b"a")
    stands = waiting(copied, Lane.EVENT)

    def refuses(name):
        raise OSError(errno.EIO, "Input/output error")

    copied.settle = refuses
    with pytest.raises(OSError, match="Input/output"):
        list(frames(copied, stands))
