# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.spool import recovery, segment
from giamsat_agent.spool.segment import Description
from support.files import Disk

LANE = 2


@pytest.fixture
def files():
    return Disk().folder("event")


def header(first, epoch=7, positions=None):
    described = Description(
        format=1, epoch=epoch, since=1, agent="a", boot="b", created_ns=0, positions=positions or {}
    )
    return segment.describe(described, LANE, first)


def lay(files, first, *seqs, epoch=7, positions=None):
    frames = b"".join(segment.encode(flags=1, lane=LANE, seq=seq, payload=b"p%d" % seq) for seq in seqs)
    files.close(files.create(f"{first:016x}.seg", header(first, epoch, positions) + frames))


def recover(files):
    return recovery.recover(files, LANE, 0)


def test_an_empty_folder_is_a_lane_without_an_epoch_that_begins_at_one(files):
    found = recover(files)

    assert (found.epoch, found.next, found.acked, found.segments) == (None, 1, 0, [])


def test_segments_are_found_oldest_first_with_their_numbers(files):
    lay(files, 1, 1, 2)
    lay(files, 3, 3, epoch=9)

    found = recover(files)

    assert [(part.first, part.last) for part in found.segments] == [(1, 2), (3, 3)]
    assert (found.epoch, found.next, found.damaged) == (9, 4, 0)


def test_the_cursor_moves_the_numbering_when_no_frame_does(files):
    recovery.write_cursor(files, 41)

    assert (recover(files).next, recover(files).acked) == (42, 41)


@pytest.mark.parametrize("seq", [7, 8])
def test_a_torn_cursor_leaves_the_one_before(files, seq):
    recovery.write_cursor(files, seq - 1)
    recovery.write_cursor(files, seq)
    files.damage(recovery.CURSORS[seq & 1], 3)

    assert recovery.read_cursor(files) == seq - 1


def test_a_cursor_on_a_full_disk_is_no_error(files):
    files.disk.capacity = 0

    recovery.write_cursor(files, 5)

    assert recovery.read_cursor(files) == 0


def test_a_damaged_frame_is_a_hole_and_its_bytes_are_set_aside(files):
    lay(files, 1, 1, 2, 3)
    place = len(header(1)) + 22 + 2
    files.damage(f"{1:016x}.seg", place)

    found = recover(files)

    assert (found.holes, found.damaged) == ([(2, 2)], 1)
    assert [(part.first, part.last) for part in found.segments] == [(1, 3)]
    assert files.names_now[f"{1:016x}.seg.bad"].written[2:3] == b"\xff"


def test_a_hole_that_was_acknowledged_is_none_any_more(files):
    lay(files, 1, 1, 2, 5, 6)
    recovery.write_cursor(files, 3)

    assert recover(files).holes == [(4, 4)]


def test_no_more_than_eight_damaged_parts_are_kept(files):
    for first in range(1, 13):
        lay(files, first, first)
        files.damage(f"{first:016x}.seg", len(header(first)) + 3)

    recover(files)

    assert sum(name.endswith(".bad") for name in files.names_now) == 8


def test_a_newest_segment_of_which_nothing_is_left_ends_the_epoch_and_is_kept(files):
    lay(files, 1, 1, 2)
    files.put(f"{3:016x}.seg", bytes(500))

    found = recover(files)

    assert (found.epoch, found.since, found.next) == (None, 1, 4)
    assert f"{3:016x}.seg" in files.names_now


def test_a_segment_that_cannot_be_read_does_not_stop_the_start(files):
    lay(files, 1, 1, 2)
    files.disk.failing = {"read"}

    assert recover(files).epoch is None
    assert f"{1:016x}.seg" in files.names_now


def test_the_newest_segment_is_written_anew_so_that_all_of_it_is_durable(files):
    lay(files, 1, 1)
    inode = files.names_now[f"{1:016x}.seg"]
    inode.written += segment.encode(flags=1, lane=LANE, seq=2, payload=b"only in the cache of the kernel")
    found = recover(files)

    files.disk.cut()

    assert found.next == 3
    assert recover(files).next == 3


def test_positions_come_from_the_newest_record_that_says_them(files):
    lay(files, 1, 1, positions={"journald": b"1", "auth": b"1"})
    noted = segment.encode_positions({"journald": b"2"}, lane=LANE, seq=1)
    inode = files.names_now[f"{1:016x}.seg"]
    inode.written = inode.durable = inode.written + noted

    assert recover(files).positions == {"journald": b"2", "auth": b"1"}


def test_a_last_frame_that_is_damaged_is_lost_with_its_number_and_not_given_again(files):
    lay(files, 1, 1, 2, 3)
    whole = files.read(f"{1:016x}.seg")
    for at in range(len(whole) - 22, len(whole)):
        files.put(f"{1:016x}.seg", whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])

        found = recover(files)

        assert (found.next, found.holes) == (4, [(3, 3)]), at


POSITIONS = segment.encode_positions({"a": b"1"}, lane=LANE, seq=3)


@pytest.mark.parametrize(
    "tail",
    [b"", bytes(4_096), b"GS", POSITIONS[:-1], POSITIONS[:-1] + b"?"],
    ids=["nothing", "zeros", "less than a header", "half of a position", "a damaged position"],
)
def test_an_end_that_was_no_frame_costs_no_number(files, tail):
    lay(files, 1, 1, 2, 3)
    files.put(f"{1:016x}.seg", files.read(f"{1:016x}.seg") + tail)

    found = recover(files)

    assert (found.next, found.holes) == (4, [])
