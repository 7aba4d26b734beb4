# SPDX-License-Identifier: Apache-2.0
import contextlib
from random import Random
from uuid import uuid4

import pytest

from giamsat_agent.errors import SpoolError
from giamsat_agent.framing import UNSTORED_BYTES, Framer
from giamsat_agent.spool.spool import BALLAST_BYTES, Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_wire import limits
from giamsat_wire.catalogue import MetricType, metric
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import Happenings, Readings, decode
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Position, Sample, SampleSet
from giamsat_wire.source import Counts
from support.clock import ManualClock
from support.files import Disk

URGENT_KIND, EVENT_KIND = "agent-started", "ssh-login"


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def opened(disk):
    def reopen():
        return Spool(
            disk.folder,
            owner=Owner("a", "b"),
            clock=ManualClock(),
            random_bits=Random(1).getrandbits,
            caps=Caps(urgent=1 << 20, event=1 << 20, metric=64_000, bulk=64_000),
        )

    return reopen


def event(identity, kind=EVENT_KIND, text=""):
    return Event(kind, 1, 1, {"event.id": identity, "message": text})


def reading(load):
    return SampleSet(1, 1, (Sample("node_load1", load), Sample("node_load5", 2.0)))


def told(framer):
    with contextlib.suppress(SpoolError):
        framer.happenings([event(str(uuid4()))], ())


def ids(spool, lane=Lane.EVENT):
    frames = [decode(f.flags, f.payload, ChainDecoder()) for f in spool.read(lane, 0, most_bytes=1 << 24)]
    return [found.fields["event.id"] for frame in frames if isinstance(frame, Happenings) for found in frame.events]


def loads(spool):
    chain, found = ChainDecoder(), []
    for frame in spool.read(Lane.METRIC, 0, most_bytes=1 << 24, most_frames=10_000):
        readings = decode(frame.flags, frame.payload, chain)
        assert isinstance(readings, Readings)
        found += [sample.value for one in readings.sets for sample in one.samples if sample.name == "node_load1"]
    return found


def test_events_are_durable_when_they_are_handed_over(opened, disk):
    Framer(opened()).happenings([event("1"), event("2")], [Position("auth", b"7")])
    disk.cut()

    spool = opened()
    assert ids(spool) == ["1", "2"]
    assert spool.positions() == {"auth": Position("auth", b"7")}


def test_each_event_goes_into_the_lane_of_its_kind(opened):
    spool = opened()
    Framer(spool).happenings([event("e"), event("u", URGENT_KIND)], ())

    assert (ids(spool, Lane.URGENT), ids(spool, Lane.EVENT)) == (["u"], ["e"])


def test_a_log_read_again_after_a_crash_adds_nothing_twice(opened, disk):
    Framer(opened()).happenings([event("1"), event("2")], ())
    disk.cut()
    spool = opened()
    framer = Framer(spool)
    framer.remember()

    framer.happenings([event("1"), event("2"), event("3")], ())

    assert ids(spool) == ["1", "2", "3"]


def test_events_without_an_id_are_never_taken_for_another(opened):
    spool = opened()
    framer = Framer(spool)
    framer.happenings([Event(EVENT_KIND, 1, 1, {"message": "a"}), Event(EVENT_KIND, 1, 1, {"message": "a"})], ())

    (frame,) = spool.read(Lane.EVENT, 0, most_bytes=1 << 24)
    assert len(decode(frame.flags, frame.payload, ChainDecoder()).events) == 2


def test_a_frame_that_cannot_be_read_any_more_is_no_reason_not_to_start(opened):
    spool = opened()
    spool.append(Lane.EVENT, 0, b"\xff\xff not a payload")
    spool.commit(Lane.EVENT)
    framer = Framer(spool)
    framer.remember()

    framer.happenings([event("1")], ())

    assert spool.state(Lane.EVENT).committed == 2


def test_no_position_is_noted_before_its_events_are_durable(opened, disk):
    spool = opened()
    framer = Framer(spool)
    disk.failing = {"sync", "create"}
    with pytest.raises(SpoolError):
        framer.happenings([event("1")], [Position("auth", b"7")])
    assert spool.positions() == {}
    disk.failing = set()

    framer.happenings([], [Position("auth", b"8")])
    disk.cut()

    spool = opened()
    assert ids(spool) == ["1"]
    assert spool.positions() == {"auth": Position("auth", b"8")}


@pytest.mark.parametrize("failing", [{"append"}, {"sync"}, {"create"}, {"append", "create", "sync"}])
def test_events_a_disk_refuses_for_a_while_are_stored_once_and_in_order(opened, disk, failing):
    spool = opened()
    framer = Framer(spool)
    framer.happenings([event("0")], ())
    disk.failing = failing
    for number in (1, 2, 3):
        try:
            framer.happenings([event(str(number))], ())
        except SpoolError:
            continue
    disk.failing = set()
    framer.happenings([event("4")], ())
    disk.cut()

    assert ids(opened()) == ["0", "1", "2", "3", "4"]
    assert not framer.waits


def test_on_a_full_disk_an_urgent_event_is_not_held_up_by_others_that_wait(opened, disk):
    spool = opened()
    framer = Framer(spool)
    framer.happenings([event("0")], ())
    assert disk.used > BALLAST_BYTES
    disk.capacity = disk.used
    with pytest.raises(SpoolError):
        framer.happenings([event("1", text="x" * 500)], ())

    framer.happenings([event("alarm", URGENT_KIND)], ())

    assert ids(spool, Lane.URGENT) == ["alarm"]


def test_what_waits_in_memory_is_bounded_and_what_is_given_up_is_counted(opened, disk):
    framer = Framer(opened())
    disk.failing = {"append", "create"}
    rng = Random(3)
    for number in range(1_000):
        text = "".join(chr(rng.randint(33, 126)) for _ in range(8_000))
        with pytest.raises(SpoolError):
            framer.happenings([event(str(number), text=text)], ())

    assert framer._unstored_bytes <= UNSTORED_BYTES
    assert framer.dropped_total > 0
    assert framer.dropped_total + sum(map(len, framer._unstored.values())) == 1_000
    assert framer.tally.counts == {"other": Counts(produced=1_000, dropped=framer.dropped_total)}


def test_readings_come_back_as_they_were_over_segments_and_restarts(opened, disk):
    values = [number / 100 for number in range(400)]
    spool = opened()
    framer = Framer(spool)
    for value in values[:200]:
        framer.readings(reading(value))
    disk.cut()
    spool = opened()
    framer = Framer(spool)
    for value in values[200:]:
        framer.readings(reading(value))

    assert loads(spool) == values


def test_every_segment_begins_with_a_frame_that_can_be_read_without_the_one_before(opened):
    spool = opened()
    framer, first_of_segment = Framer(spool), []
    for number in range(400):
        if spool.begins_segment(Lane.METRIC):
            first_of_segment.append(spool.state(Lane.METRIC).next)
        framer.readings(SampleSet(1, 1, tuple(Sample("node_load1", number / 7) for _ in range(2))))
    frames = spool.read(Lane.METRIC, 0, most_bytes=1 << 24, most_frames=1_000)

    assert len(first_of_segment) > 1
    assert all(frame.flags & 8 for frame in frames if frame.seq in first_of_segment)


def test_a_reading_the_disk_refuses_is_dropped_and_counted_and_the_next_can_be_read(opened, disk):
    spool = opened()
    framer = Framer(spool)
    framer.readings(reading(1.0))
    disk.failing = {"append"}
    framer.readings(reading(2.0))
    disk.failing = set()
    framer.readings(reading(3.0))

    assert loads(spool) == [1.0, 3.0]
    assert framer.dropped_total == 1


@pytest.mark.parametrize("failing", [{"append"}, {"sync", "create"}])
@pytest.mark.parametrize("kept", [lambda framer: framer.readings(reading(1.0)), told])
def test_why_the_disk_refuses_is_known_for_as_long_as_it_does(opened, disk, failing, kept):
    framer = Framer(opened())
    kept(framer)
    before = framer.refusal
    disk.failing = failing
    kept(framer)
    refused = framer.refusal
    disk.failing = set()
    kept(framer)

    assert (before, framer.refusal) == ("", "")
    assert "free space, check the disk" in refused


def test_what_was_not_kept_is_told_as_samples_the_catalogue_knows(opened):
    framer = Framer(opened())
    many = (Sample("x", 1.0, (("n", str(number)),)) for number in range(limits.SERIES_PER_AGENT + 2))

    framer.readings(SampleSet(1, 1, tuple(many)))

    told = {sample.name: sample.value for sample in framer.counted()}
    assert told == {
        "giamsat_agent_samples_dropped_total": 2.0,
        "giamsat_agent_frames_dropped_total": 0.0,
        "giamsat_agent_readings_thinned_total": 0.0,
    }
    assert {metric(name).type for name in told} == {MetricType.COUNTER}


def test_each_source_is_counted_once_for_each_event_that_is_new(opened):
    framer = Framer(opened())

    framer.happenings([event("1"), event("2"), event("1")], [])

    told = Sample("giamsat_agent_source_events_total", 2.0, (("outcome", "produced"), ("source", "other")))
    assert told in framer.counted()
