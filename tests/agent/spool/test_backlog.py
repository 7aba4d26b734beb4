# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool import segment
from giamsat_agent.spool.backlog import RECENT_BYTES, Backlog
from giamsat_agent.spool.recovery import Segment
from giamsat_agent.spool.state import StoredFrame
from support.files import Disk

LANE = 2


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def backlog(disk):
    files, segments = disk.folder("event"), []
    for first in (1, 4):
        data = b"".join(segment.encode(flags=1, lane=LANE, seq=seq, payload=b"p") for seq in range(first, first + 3))
        files.close(files.create(f"{first:016x}.seg", data))
        segments.append(Segment(f"{first:016x}.seg", first, first + 2, len(data), 0))
    return Backlog(LANE, files, segments, [])


def seqs(frames):
    return [frame.seq for frame in frames]


def test_frames_follow_each_other_across_segments(backlog):
    assert seqs(backlog.read(2, 6)) == [3, 4, 5, 6]


def test_nothing_is_read_past_what_is_committed(backlog):
    assert seqs(backlog.read(2, 5)) == [3, 4, 5]
    assert backlog.holes == []


def test_a_reading_from_before_the_oldest_frame_begins_with_it_and_finds_no_hole(backlog):
    backlog.segments.pop(0)

    assert seqs(backlog.read(0, 6)) == [4, 5, 6]
    assert backlog.holes == []


def test_frames_that_were_just_written_are_read_without_the_disk(backlog, disk):
    backlog.remember([StoredFrame(5, 1, b"p", 0), StoredFrame(6, 1, b"p", 0)])
    before = disk.operations

    assert seqs(backlog.read(4, 6)) == [5, 6]
    assert disk.operations == before


def test_memory_holds_the_newest_frames_within_its_bound(backlog):
    backlog.remember(StoredFrame(seq, 1, bytes(RECENT_BYTES // 4), 0) for seq in range(1, 7))

    assert seqs(backlog._recent) == [3, 4, 5, 6]


def test_a_disk_that_cannot_be_read_for_now_loses_nothing(backlog, disk, monkeypatch):
    folder = disk.folder("event")

    def too_many_files(name):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(folder, "read", too_many_files)
    with pytest.raises(SpoolError, match="Too many open files"):
        list(backlog.read(0, 6))
    monkeypatch.undo()

    assert seqs(backlog.read(0, 6)) == [1, 2, 3, 4, 5, 6]
    assert backlog.holes == []


def test_a_frame_is_found_as_it_was_made_if_it_is_held_so(backlog):
    assert backlog.made(5) == StoredFrame(5, 1, b"p", backlog.made(5).crc)
    assert [backlog.made(seq) for seq in (0, 7)] == [None, None]
    assert backlog.holes == []


def test_an_unreadable_segment_is_a_hole_up_to_the_next(backlog, disk):
    disk.folder("event").remove(f"{1:016x}.seg")

    assert seqs(backlog.read(0, 6)) == []
    assert backlog.holes == [(1, 3)]
    assert seqs(backlog.read(3, 6)) == [4, 5, 6]


def test_a_hole_that_was_passed_is_forgotten(backlog):
    backlog.holes = [(1, 2), (4, 5)]
    backlog.forget(3)

    assert backlog.holes == [(4, 5)]
