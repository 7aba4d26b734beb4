# SPDX-License-Identifier: Apache-2.0

from giamsat_agent.uplink.carrying import Packed, runs
from giamsat_wire.lane import Lane
from support.files import Disk
from support.uplinks import opened, put


def folder_of(disk):
    def folder(lane):
        files = disk.folder(lane.name.lower())
        files.settle = lambda name: None
        return files

    return folder


def test_all_lanes_are_packed_the_urgent_one_first():
    disk = Disk()
    spool = opened(disk)
    put(spool, Lane.METRIC, b"m")
    put(spool, Lane.URGENT, b"u", b"v")

    packed = list(runs(folder_of(disk)))

    assert [(run.lane, [one.payload for one in run.frames]) for run in packed] == [
        (Lane.URGENT, [b"u", b"v"]),
        (Lane.METRIC, [b"m"]),
    ]
    assert {run.first for run in packed} == {1}


def test_many_frames_are_packed_into_pieces_of_one_run():
    disk = Disk()
    spool = opened(disk)
    put(spool, Lane.EVENT, *(bytes(100_000) for _ in range(5)))

    packed = list(runs(folder_of(disk)))

    assert [[one.seq for one in run.frames] for run in packed] == [[1, 2], [3, 4], [5]]
    assert {(run.first, run.next, run.acked) for run in packed} == {(1, 6, 0)}


def test_where_a_frame_is_damaged_another_run_begins():
    disk = Disk()
    spool = opened(disk)
    put(spool, Lane.EVENT, b"first", b"second", b"third")
    folder = disk.folder("event")
    (name,) = (name for name in folder.names() if name.endswith(".seg"))
    inode = folder.names_now[name]
    inode.written = inode.written.replace(b"second", b"sec0nd")

    packed = list(runs(folder_of(disk)))

    assert [(run.first, [one.seq for one in run.frames]) for run in packed] == [(1, [1]), (3, [3])]


def test_what_was_packed_is_summed_up():
    disk = Disk()
    spool = opened(disk)
    put(spool, Lane.EVENT, b"12", b"345")
    (run,) = runs(folder_of(disk))

    assert Packed(Lane.EVENT).and_run(run) == Packed(Lane.EVENT, frames=2, bytes=5, first=1, last=2)
