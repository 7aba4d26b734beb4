# SPDX-License-Identifier: Apache-2.0
"""A disk that refuses what a life of an agent brings, once or for a while: nothing accepted is lost, and it is said."""

import errno
from random import Random

import pytest

from giamsat_agent.errors import SpoolError
from giamsat_agent.framing import Framer
from giamsat_agent.housekeeping import EVERY_S
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import Happenings, decode
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Loss, Position, Sample, SampleSet
from support import metric_frames
from support.clock import ManualClock
from support.files import Disk

S = 1_000_000_000
SYNCS_A_SECOND = 2
"""At least: an event's, and that of the position up to which its log is read."""
ALARM_S = 5.0


def opened(disk, clock):
    owner, bits = Owner("agent", "boot"), Random(1).getrandbits
    return Spool(disk.folder, owner=owner, clock=clock, random_bits=bits, caps=Caps())


class Life:
    """An agent that reads a log line a second, something urgent now and then, and its host every quarter of a minute.

    Synchronisation `refused` ends with EIO, and so does each that follows within `ill_s`.
    """

    def __init__(self, refused, ill_s):
        self.disk, self.clock = Disk(), ManualClock()
        self.promised, self.given, self.syncs = set(), set(), 0
        self.ill_ns = self.alarm_ns = self.well_ns = None
        self._refused, self._ill_s, self._made = refused, ill_s, []
        plain = self.disk.step

        def step(what):
            if what == "sync":
                self._synchronised()
            plain(what)

        self.disk.step = step
        self.spool = opened(self.disk, self.clock)
        self.framer = Framer(self.spool)
        self._looks_ns = self.clock.mono_ns() + Random(refused).randrange(int(EVERY_S * S))

    def _synchronised(self):
        self.syncs += 1
        if self.syncs == self._refused:
            self.ill_ns = self.clock.mono_ns()
        since_ns = self.clock.mono_ns() - (self.ill_ns or 0)
        if self.syncs == self._refused or (self.ill_ns and self._ill_s and since_ns < self._ill_s * S):
            raise OSError(errno.EIO, "Input/output error")

    def second(self, number):
        """A second of it; what the agent was told is durable is promised."""
        kinds = ["ssh-login"] + ["agent-started"] * (number % 7 == 0)
        events = [Event(kind, number, number, {"event.id": f"{kind} {number}"}) for kind in kinds]
        self._made += [event.fields["event.id"] for event in events]
        try:
            self.framer.happenings(events, [Position("auth", b"%d" % number)])
        except SpoolError:
            pass
        else:
            self.promised.update(self._made)
            self._made.clear()
        if number % 15 == 0:
            self.framer.readings(SampleSet(number, number, (Sample("node_load1", float(number)),)))
            if not self.framer.refusal:
                self.promised.add(b"%d" % number)
        for _ in range(10):
            self.clock.advance(S // 10)
            self._look()
        if number % 20 == 0:
            self._send()

    def _look(self):
        """What is written of the agent every few seconds, for whoever asks how it is."""
        if self.clock.mono_ns() >= self._looks_ns:
            self._looks_ns += int(EVERY_S * S)
            if self.framer.refusal and self.alarm_ns is None:
                self.alarm_ns = self.clock.mono_ns()
            if self.alarm_ns and not self.framer.refusal:
                self.well_ns = self.well_ns or self.clock.mono_ns()

    def _send(self):
        """The collector has everything that is durable up to now."""
        for lane in Lane:
            self.given |= known(self.spool, lane)
            self.spool.acknowledge(lane, self.spool.state(lane).epoch, self.spool.state(lane).committed)

    def lost(self):
        """What was promised, and is neither with the collector nor on the disk after a power cut."""
        del self.disk.step
        self.disk.cut()
        spool = opened(self.disk, self.clock)
        return self.promised - self.given - {each for lane in Lane for each in known(spool, lane)}


def known(spool, lane):
    """By what a lane's frames are known; nothing was given up, so nothing may be declared lost."""
    state, found = spool.state(lane), set()
    for frame in spool.read(lane, max(state.acked, state.first - 1), most_bytes=1 << 24, most_frames=10_000):
        if lane is Lane.METRIC:
            found.add(metric_frames.identity(frame.flags, frame.payload))
            continue
        said = decode(frame.flags, frame.payload, ChainDecoder())
        assert not isinstance(said, Loss)
        found |= {event.fields["event.id"] for event in said.events} if isinstance(said, Happenings) else set()
    return found


@pytest.mark.parametrize("ill_s", [0, 12])
def test_whichever_synchronisation_is_refused_nothing_accepted_is_lost_and_an_ill_disk_is_said(
    ill_s, pytestconfig, record_property
):
    refused, lost, late, alarms_s = pytestconfig.option.refused_syncs, 0, 0, []
    for at in range(1, refused + 1):
        life = Life(at, ill_s)
        for number in range(1, refused // SYNCS_A_SECOND + 30):
            life.second(number)
        assert life.ill_ns is not None, f"it never came to synchronisation {at}"
        if ill_s and life.alarm_ns:
            alarms_s.append((life.alarm_ns - life.ill_ns) / S)
        late += bool(ill_s) and (not alarms_s or alarms_s[-1] > ALARM_S or life.well_ns is None)
        lost += bool(life.lost())

    slowest = f", alarm after at most {max(alarms_s):.1f} s" if alarms_s else ""
    counts = f"synchronisations 1 to {refused} refused, {lost} lives with a loss{slowest}, {lost + late} violations"
    record_property(f"bad disks, ill for {ill_s} s" if ill_s else "bad disks, ill once", counts)
    assert (lost, late) == (0, 0)


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def framer(disk):
    return Framer(opened(disk, ManualClock()))


def event(number):
    return Event("ssh-login", 1, 1, {"event.id": str(number)})


def reading(load):
    return SampleSet(1, 1, (Sample("node_load1", load),))


def refused(framer, disk, *words):
    """What is handed over while the disk refuses it."""
    disk.failing = {"sync", "create"}
    with pytest.raises(SpoolError):
        framer.happenings(*words)
    disk.failing = set()


def test_that_only_the_positions_of_logs_are_refused_is_said_as_well(framer, disk):
    refused(framer, disk, [], [Position("auth", b"7")])
    said = framer.refusal
    framer.happenings([], [Position("auth", b"8")])

    assert "check the disk" in said
    assert framer.refusal == ""


def test_readings_that_are_taken_do_not_hide_that_events_are_not(framer, disk):
    framer.readings(reading(1.0))
    refused(framer, disk, [event(1)], [])
    framer.readings(reading(2.0))

    assert "check the disk" in framer.refusal


def test_events_that_were_written_and_could_not_be_made_durable_are_tried_again_without_another(disk):
    spool = opened(disk, ManualClock())
    framer = Framer(spool)
    framer.happenings([event(1)], [])
    refused(framer, disk, [event(2)], [])

    assert framer.waits
    framer.happenings([], [])

    assert known(spool, Lane.EVENT) == {"1", "2"}
    assert (framer.waits, framer.refusal) == (False, "")
