# SPDX-License-Identifier: Apache-2.0
from itertools import pairwise
from random import Random

import pytest

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool import thinning
from giamsat_agent.spool.spool import BALLAST, Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import FrameFlag, Readings, decode
from giamsat_wire.lane import Lane
from giamsat_wire.record import Loss, LossReason
from support.clock import ManualClock
from support.files import Disk
from support.metric_frames import Maker

CAP = 400_000


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def opened(disk):
    def reopen(cap=CAP):
        owner, bits = Owner("agent", "boot"), Random(1).getrandbits
        return Spool(disk.folder, owner=owner, clock=ManualClock(), random_bits=bits, caps=Caps(metric=cap))

    return reopen


def read_on(spool, readings, maker):
    for number in readings:
        frame = maker.frame(number, begin=spool.begins_segment(Lane.METRIC))
        spool.append(Lane.METRIC, frame.flags, frame.payload)
        spool.commit(Lane.METRIC)


def frames(spool, after=0):
    return spool.read(Lane.METRIC, after, most_bytes=1 << 24, most_frames=100_000)


def kept(spool, after=0):
    """Number and reading of each frame that still holds one, read as the collector reads them."""
    chain, found = ChainDecoder(), {}
    for frame in frames(spool, after):
        got = decode(frame.flags, frame.payload, chain)
        for one in got.sets if isinstance(got, Readings) else ():
            assert one.wall_ns == one.samples[0].value
            found[frame.seq] = one.wall_ns
    return found


def losses(spool):
    urgent = spool.read(Lane.URGENT, 0, most_bytes=1 << 24, most_frames=100_000)
    found = [decode(frame.flags, frame.payload, ChainDecoder()) for frame in urgent]
    return [loss for loss in found if isinstance(loss, Loss)]


def test_a_full_metric_lane_keeps_every_second_reading_of_its_oldest_part_before_any_is_given_up(opened):
    spool, maker = opened(), Maker(Random(2))
    read_on(spool, range(1, 900), maker)
    given, found = losses(spool), kept(spool)

    assert spool.state(Lane.METRIC).size <= CAP
    assert {loss.reason for loss in given} == {LossReason.THINNED}
    assert sum(loss.count for loss in given) == 899 - len(found) == spool.thinned_total
    assert all(seq == reading for seq, reading in found.items())
    assert [frame.seq for frame in frames(spool)] == list(range(1, 900))
    old = [seq for seq in found if given[0].first <= seq <= given[0].last]
    assert {second - first for first, second in pairwise(old)} <= {2, 4}
    assert spool.state(Lane.METRIC).holes == ()


def test_no_part_is_thinned_twice_before_every_other_was_thinned_once(opened):
    spool, maker = opened(), Maker(Random(2))
    read_on(spool, range(1, 1_500), maker)

    levels = [part.every for part in spool._lanes[Lane.METRIC]._backlog.segments[1:-1]]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] <= 2 * levels[-2]
    assert {loss.reason for loss in losses(spool)} == {LossReason.THINNED}


def test_how_far_a_part_was_thinned_is_known_after_a_restart(opened, disk):
    spool = opened()
    read_on(spool, range(1, 900), Maker(Random(2)))
    before = [part.every for part in spool._lanes[Lane.METRIC]._backlog.segments]
    disk.cut()

    assert [part.every for part in opened()._lanes[Lane.METRIC]._backlog.segments] == before


def test_what_is_thinned_as_far_as_it_goes_is_given_up_oldest_first(opened):
    spool = opened(cap=40_000)
    read_on(spool, range(1, 1_500), Maker(Random(2)))

    reasons = [loss.reason for loss in losses(spool)]
    assert reasons[0] is LossReason.THINNED
    assert LossReason.SPOOL_FULL in reasons
    assert spool.state(Lane.METRIC).first > 1


def test_a_disk_without_room_to_thin_costs_the_oldest_part_and_no_new_reading(opened, disk):
    spool, maker, last = opened(), Maker(Random(2)), 0
    while spool.state(Lane.METRIC).size < CAP - 10_000:
        last += 1
        read_on(spool, [last], maker)
    disk.folder("urgent").remove(BALLAST)  # what was urgent before has spent it
    disk.capacity = disk.used + 12_000

    read_on(spool, range(last + 1, last + 13), maker)

    first = spool.state(Lane.METRIC).first
    assert list(kept(spool)) == list(range(first, last + 13))
    assert [(loss.first, loss.last) for loss in losses(spool) if loss.reason is LossReason.SPOOL_FULL] == [
        (1, first - 1)
    ]
    assert (spool.thinned_total, spool.declared_lost[Lane.METRIC]) == (0, first - 1)


def test_what_may_be_under_way_is_left_as_it_is(opened):
    spool, maker = opened(), Maker(Random(2))
    read_on(spool, range(1, 100), maker)
    sent = [frame for frame in frames(spool) if frame.seq <= 60]
    spool._lanes[Lane.METRIC]._backlog.read_to = 60

    read_on(spool, range(100, 900), maker)

    assert [frame for frame in frames(spool) if frame.seq <= 60] == sent
    assert spool.thinned_total > 0


def test_a_disk_that_refuses_the_thinned_part_costs_the_oldest_part_whole(opened, disk):
    spool, maker = opened(), Maker(Random(2))
    read_on(spool, range(1, 120), maker)
    size = spool.state(Lane.METRIC).size
    disk.failing = {"create"}

    with pytest.raises(SpoolError):
        spool.thin_metrics()
    disk.failing = set()

    assert spool.state(Lane.METRIC).size == size
    assert list(kept(spool)) == list(range(1, 120))


@pytest.mark.parametrize("at", [1, 2], ids=["the part", "the one after it"])
def test_what_cannot_be_read_once_is_left_as_it_is_and_another_part_is_thinned(opened, disk, monkeypatch, at):
    spool, folder = opened(), disk.folder("metric")
    read_on(spool, range(1, 220), Maker(Random(2)))
    names = [part.name for part in spool._lanes[Lane.METRIC]._backlog.segments]
    before = {name: folder.names_now[name].written for name in names}

    def damaged_once(name):
        if name == names[at]:
            raise OSError(5, "Input/output error")
        return before[name]

    monkeypatch.setattr(folder, "read", damaged_once)
    assert spool.thin_metrics()
    monkeypatch.undo()

    changed = [names.index(name) for name in names if folder.names_now[name].written != before[name]]
    assert changed == [at + 1]
    assert sum(loss.count for loss in losses(spool)) == 219 - len(kept(spool)) == spool.thinned_total > 0


def test_a_part_that_goes_on_in_the_chain_of_the_one_before_keeps_it_whole(opened):
    spool, maker = opened(), Maker(Random(2))
    read_on(spool, range(1, 100), maker)
    backlog = spool._lanes[Lane.METRIC]._backlog
    parts = backlog.segments
    for part in parts[1:]:  # none of them begins with a keyframe
        records = backlog._records(part)
        data = b"".join(
            thinning.segment.encode(
                flags=record.flags & ~int(FrameFlag.KEYFRAME), lane=3, seq=record.seq, payload=record.payload
            )
            for record in records
        )
        backlog._files.close(backlog._files.create(part.name, data))

    assert not spool.thin_metrics()


def test_frames_that_are_no_readings_are_not_thinned():
    whole = thinning.segment.encode(flags=1, lane=3, seq=1, payload=b"not a metric frame")
    records = thinning.segment.survey(whole, 3, 1).records

    assert thinning.thinned(records, 3, 2) is None


@pytest.mark.parametrize(
    ("numbers", "every"), [((1, 2, 3), 1), ((2, 4, 6), 2), ((8, 12), 4), ((16, 32), 16), ((), 16)], ids=str
)
def test_the_numbers_that_are_left_say_how_far_it_was_thinned(numbers, every):
    assert thinning.kept_of(numbers) == every
