# SPDX-License-Identifier: Apache-2.0
from random import Random

import pytest

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool.spool import BALLAST, BALLAST_BYTES, Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import decode
from giamsat_wire.lane import Lane
from giamsat_wire.record import Loss, LossReason, Position
from support.clock import ManualClock
from support.files import Disk, PowerCut

SMALL = Caps(urgent=40_000, event=40_000, metric=40_000, bulk=40_000)


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def opened(disk, clock):
    def reopen(caps=SMALL):
        return Spool(
            disk.folder, owner=Owner("agent", "boot"), clock=clock, random_bits=Random(1).getrandbits, caps=caps
        )

    return reopen


def put(spool, lane, *payloads):
    for payload in payloads:
        spool.append(lane, 1, payload)
        spool.commit(lane)


def losses(spool):
    frames = spool.read(Lane.URGENT, 0, most_bytes=1 << 20, most_frames=10_000)
    found = [decode(frame.flags, frame.payload, ChainDecoder()) for frame in frames if frame.flags != 2]
    return [loss for loss in found if isinstance(loss, Loss)]


def test_lanes_number_their_frames_apart(opened):
    spool = opened()

    assert [spool.append(lane, 1, b"x") for lane in (Lane.EVENT, Lane.METRIC, Lane.EVENT)] == [1, 1, 2]


def test_an_epoch_is_the_time_it_began_to_a_thousandth_of_a_second_and_ten_random_bits(opened, clock):
    clock.advance(250_000_000)
    epoch = opened().state(Lane.EVENT).epoch

    parts = (clock.wall_ns() // 1_000_000_000, 256, Random(1).getrandbits(10))
    assert (epoch >> 20, epoch >> 10 & 0x3FF, epoch & 0x3FF) == parts


def test_the_epoch_stays_when_the_spool_is_opened_again(opened, clock, disk):
    spool = opened()
    put(spool, Lane.EVENT, b"x")
    epoch = spool.state(Lane.EVENT).epoch
    clock.advance(10**12)
    disk.cut()

    assert opened().state(Lane.EVENT).epoch == epoch


def test_a_reading_is_bounded_in_bytes_and_frames_and_holds_at_least_one(opened):
    spool = opened()
    put(spool, Lane.EVENT, *[b"x" * 100] * 10)

    assert [frame.seq for frame in spool.read(Lane.EVENT, 2, most_bytes=250)] == [3, 4]
    assert [frame.seq for frame in spool.read(Lane.EVENT, 2, most_bytes=1)] == [3]
    assert [frame.seq for frame in spool.read(Lane.EVENT, 2, most_bytes=1 << 20, most_frames=5)] == [3, 4, 5, 6, 7]


def test_a_full_lane_gives_up_its_oldest_segment_after_declaring_it(opened):
    spool = opened()
    put(spool, Lane.METRIC, *[b"x" * 1_000] * 60)
    state = spool.state(Lane.METRIC)

    declared = losses(spool)

    assert state.size <= SMALL.metric
    assert state.first > 1
    assert {loss.reason for loss in declared} == {LossReason.SPOOL_FULL}
    assert [seq for loss in declared for seq in range(loss.first, loss.last + 1)] == list(range(1, state.first))
    assert {(loss.lane, loss.epoch) for loss in declared} == {(Lane.METRIC, state.epoch)}
    assert spool.declared_lost[Lane.METRIC] == state.first - 1


def test_acknowledged_frames_are_given_up_without_a_declaration(opened):
    spool = opened()
    epoch = spool.state(Lane.METRIC).epoch
    for seq in range(1, 61):
        put(spool, Lane.METRIC, b"x" * 1_000)
        spool.acknowledge(Lane.METRIC, epoch, seq)

    assert losses(spool) == []
    assert spool.state(Lane.METRIC).size <= SMALL.metric


def test_no_other_lane_evicts_urgent_frames_and_their_own_eviction_is_declared(opened):
    spool = opened()
    for _ in range(60):
        spool.append(Lane.URGENT, 2, b"x" * 1_000)
        spool.commit(Lane.URGENT)
        put(spool, Lane.BULK, b"x" * 1_000)

    first = spool.state(Lane.URGENT).first
    own = [loss for loss in losses(spool) if loss.lane is Lane.URGENT]
    assert first > 1
    assert max(loss.last for loss in own) == first - 1


def test_nothing_is_given_up_before_that_is_written_down(opened, disk):
    spool = opened()
    put(spool, Lane.METRIC, *[b"x" * 1_000] * 35)
    first = spool.state(Lane.METRIC).first
    disk.failing = {"append", "create", "sync"}

    with pytest.raises(SpoolError):
        put(spool, Lane.METRIC, *[b"x" * 1_000] * 10)

    assert spool.state(Lane.METRIC).first == first
    assert losses(spool) == []


def test_damage_that_cannot_be_declared_is_remembered_and_declared_later(opened, disk):
    spool = opened()
    put(spool, Lane.METRIC, *[b"x" * 1_000] * 30)
    queue = spool._lanes[Lane.METRIC]
    disk.failing = {"append", "create", "sync"}
    spool._declare(queue, (1, 4), LossReason.CORRUPT)
    assert losses(spool) == []
    disk.failing = set()

    spool._declare(queue, (5, 6), LossReason.CORRUPT)

    assert [(loss.first, loss.last) for loss in losses(spool)] == [(1, 4), (5, 6)]


def test_an_acknowledgement_of_another_epoch_is_none(opened):
    spool = opened()
    put(spool, Lane.EVENT, b"x")
    spool.acknowledge(Lane.EVENT, spool.state(Lane.EVENT).epoch - 1, 1)

    assert spool.state(Lane.EVENT).acked == 0


def test_positions_are_kept_for_all_sources(opened, disk):
    spool = opened()
    spool.note([Position("journald", b"1"), Position("auth", b"2")])
    spool.note([Position("journald", b"3")])
    disk.cut()

    assert opened().positions() == {"journald": Position("journald", b"3"), "auth": Position("auth", b"2")}


def test_on_a_full_disk_the_ballast_makes_room_for_urgent_frames_only(opened, disk):
    spool = opened()
    put(spool, Lane.EVENT, b"x")
    assert len(disk.folder("urgent").names_now[BALLAST].written) == BALLAST_BYTES
    disk.capacity = disk.used

    with pytest.raises(SpoolError):
        spool.append(Lane.EVENT, 1, b"y" * 100)
    put(spool, Lane.URGENT, b"alarm")

    assert [frame.payload for frame in spool.read(Lane.URGENT, 0, most_bytes=100)] == [b"alarm"]
    assert BALLAST not in disk.folder("urgent").names_now


def test_the_ballast_is_laid_again_when_there_is_room(opened, disk):
    spool = opened()
    disk.capacity = disk.used
    put(spool, Lane.URGENT, b"alarm")
    disk.capacity = 1 << 30

    spool.acknowledge(Lane.URGENT, spool.state(Lane.URGENT).epoch, 1)

    assert BALLAST in disk.folder("urgent").names_now


def test_damage_is_declared_once_at_the_start_and_the_rest_is_sent(opened, disk):
    put(opened(), Lane.EVENT, *[b"x" * 100] * 5)
    disk.folder("event").damage(f"{1:016x}.seg", 400)
    spool = opened()
    (hole,) = spool.state(Lane.EVENT).holes

    assert [(loss.lane, loss.first, loss.last, loss.reason) for loss in losses(spool)] == [
        (Lane.EVENT, *hole, LossReason.CORRUPT)
    ]
    assert [frame.seq for frame in spool.read(Lane.EVENT, hole[1], most_bytes=10_000)] == list(range(hole[1] + 1, 6))


def test_a_new_epoch_is_later_than_both_ends_epochs_even_when_the_clock_went_back(opened, clock):
    spool = opened()
    put(spool, Lane.EVENT, b"x")
    before = spool.state(Lane.EVENT).epoch
    clock.jump(-(10**18))

    spool.begin_epoch(Lane.EVENT, collector_epoch=before + 5, collector_holds=40)

    assert spool.state(Lane.EVENT).epoch == before + 6


def test_a_spool_that_went_back_declares_the_numbers_it_never_gave(opened):
    spool = opened()
    put(spool, Lane.EVENT, b"x", b"y")
    epoch = spool.state(Lane.EVENT).epoch

    spool.begin_epoch(Lane.EVENT, collector_epoch=epoch, collector_holds=9)

    assert losses(spool) == [Loss(Lane.EVENT, epoch, 3, 9, LossReason.SEQUENCE_REGRESSED)]
    assert spool.state(Lane.EVENT).epoch > epoch


class History:
    """What a spool was told and said over several lives, to compare with what it holds."""

    def __init__(self):
        self.written, self.committed, self.acked, self.noted, self.durable_note = {}, {}, 0, 0, 0

    def live(self, spool, rng, disk):
        for _ in range(rng.randint(0, 30)):
            if rng.random() < 0.03:
                disk.failing = {rng.choice(["sync", "append", "create", "truncate", "put", "remove"])}
            elif rng.random() < 0.3:
                disk.failing = set()
            try:
                self.act(spool, rng)
            except SpoolError:
                continue

    def act(self, spool, rng):
        chance = rng.random()
        if chance < 0.5:
            payload = rng.randbytes(rng.choice([0, 1, 60, 700]))
            self.written.setdefault(spool.state(Lane.EVENT).next, set()).add(payload)
            spool.append(Lane.EVENT, 1, payload)
        elif chance < 0.75:
            spool.commit(Lane.EVENT)
        elif chance < 0.85:
            self.noted += 1
            spool.note([Position("journald", b"%d" % self.noted)])
            self.durable_note = self.noted
        elif self.committed:
            self.acked = max(self.acked, rng.choice(sorted(self.committed)))
            spool.acknowledge(Lane.EVENT, spool.state(Lane.EVENT).epoch, self.acked)
        state = spool.state(Lane.EVENT)
        for frame in spool.read(Lane.EVENT, self.acked, most_bytes=1 << 30, most_frames=1 << 30):
            self.committed[frame.seq] = frame.payload
        assert max(self.committed, default=0) <= state.committed

    def check(self, spool):
        held = spool.read(Lane.EVENT, self.acked, most_bytes=1 << 30, most_frames=1 << 30)
        lost = {seq for loss in losses(spool) if loss.lane is Lane.EVENT for seq in range(loss.first, loss.last + 1)}
        numbers = [frame.seq for frame in held]
        wanted = {seq for seq in self.committed if seq > self.acked}
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
        assert wanted - set(numbers) <= lost
        assert all(frame.payload in self.written[frame.seq] for frame in held)
        assert all(self.committed.get(frame.seq, frame.payload) == frame.payload for frame in held)
        assert spool.state(Lane.EVENT).next > max(self.committed, default=0)
        assert int(spool.positions().get("journald", Position("", b"0")).cursor) >= self.durable_note


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_to_process_and_power_what_was_committed_is_held_or_declared(seed, clock):
    rng = Random(seed)
    disk = Disk(rng=rng, capacity=rng.choice([1 << 40, 1 << 40, BALLAST_BYTES + 60_000]))
    caps = Caps(urgent=1 << 20, event=rng.choice([8_000, 1 << 20]), metric=8_000, bulk=8_000)
    history = History()
    for _ in range(4):
        disk.cut_at = disk.operations + rng.randint(20, 400) if rng.random() < 0.8 else None
        try:
            spool = Spool(
                disk.folder, owner=Owner("a", "b"), clock=clock, random_bits=Random(seed).getrandbits, caps=caps
            )
            history.check(spool)
            history.live(spool, rng, disk)
        except PowerCut:
            pass
        if rng.random() < 0.6:
            disk.cut()
        else:
            disk.kill()
        disk.failing = set()
    disk.kill()
    history.check(
        Spool(disk.folder, owner=Owner("a", "b"), clock=clock, random_bits=Random(seed).getrandbits, caps=caps)
    )
