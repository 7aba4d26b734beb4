# SPDX-License-Identifier: Apache-2.0
"""One network interface under watch: its rings while they can be had, and what becomes of the frames in them.

What is found is told with evidence of it. While the host lacks something a part of the time is looked at, or nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from giamsat_agent.config import Packets
from giamsat_agent.host_pressure import CAPTURE_SLOWED, Stage
from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.chunk import Chunk
from giamsat_agent.packets.errors import InterfaceError
from giamsat_agent.packets.indicator_lists import Lists
from giamsat_agent.packets.pace import FULL, TURN_NS, Pace
from giamsat_agent.packets.recent_frames import Recent
from giamsat_agent.packets.sources import handshake_filter
from giamsat_agent.packets.sources.ring import Ring
from giamsat_agent.packets.sources.wakeup_ring import Alarm
from giamsat_agent.packets.telling import report
from giamsat_agent.packets.telling.report import Counted, Evidence, Report, Sight
from giamsat_agent.packets.traffic import Traffic
from giamsat_agent.packets.watch import Watch
from giamsat_wire.clock import Clock

COUNT_EVERY_NS: Final = 5_000_000_000
RECENT_BYTES: Final = 8 << 20
"""Frames kept for evidence, of all interfaces together."""


class Watched:
    """One interface: its ring while it can be had, and what is known of its traffic."""

    def __init__(self, interface: str, settings: Packets, clock: Clock) -> None:
        self._interface = interface
        self._settings = settings
        self._clock = clock
        self._ring: Ring | None = None
        self._hellos: Ring | None = None
        self.alarm: Alarm | None = None
        self._pace = Pace(clock.mono_ns())
        self._traffic = Traffic(interface, sightings=settings.sightings, flow_bytes=settings.flow_bytes_per_minute)
        self._lists = Lists(tuple(map(Path, settings.known_bad)))
        self._lists.changed()
        self._watch = self._fresh()
        self._stage, self._why, self._passed = Stage.WHOLE, "", 0
        self._recent = Recent(RECENT_BYTES // max(len(settings.interfaces), 1))
        self._again_ns = self._counted_ns = 0
        self.sight = Sight(interface, watched=False, reason="not opened yet")

    @property
    def due_ns(self) -> int:
        """When it is its turn (monotonic time): at once when its ring is full enough."""
        return self._clock.mono_ns() if self.waits(FULL) else self._pace.due_ns

    def waits(self, part: float) -> bool:
        """Whether so large a part of its ring waits to be looked at."""
        return self._ring is not None and self._ring.waits(part)

    def rings_on(self) -> bool:
        """Whether its alarm rang, and so soon again that nobody need wait for it."""
        return self.alarm is not None and self.alarm.rang() and self._pace.rang(self._clock.mono_ns())

    def give_way(self, stage: Stage, lacks: str, tell: Callable[[Report], None]) -> None:
        """Look at less while the host lacks something, or at nothing; then begin anew with what is known of traffic."""
        if stage is self._stage:
            return
        self._stage, self._why = stage, ""
        if stage is Stage.OFF:
            self._lose(f"the host lacks {lacks}: off until it has had enough for a while", tell)
            self._watch, self._again_ns = self._fresh(), 0
            return
        if stage is Stage.THINNED:
            seconds = TURN_NS // 1_000_000_000
            self._why = f"the host lacks {lacks}: {seconds} seconds of {seconds * CAPTURE_SLOWED} are looked at"
        if self._ring is not None:
            self._say(self._seen(), tell)

    def turn(self, tell: Callable[[Report], None]) -> int:
        """Look at what came; how many frames that was."""
        frames = 0
        try:
            ring = self._opened(tell)
            if ring is not None:
                frames = self._look(ring, tell)
        except InterfaceError as error:
            self._lose(str(error), tell)
        self._pace.turned(self._clock.mono_ns())
        return frames

    def close(self) -> None:
        """Give the rings back."""
        for each in (self._ring, self._hellos, self.alarm):
            if each is not None:
                each.close()
        self._ring = self._hellos = self.alarm = None

    def _look(self, ring: Ring, tell: Callable[[Report], None]) -> int:
        before, heard = ring.taken, 0
        looks = self._stage is Stage.WHOLE or self._clock.mono_ns() // TURN_NS % CAPTURE_SLOWED == 0
        for chunk in self._hellos.turn(handshake_filter.HELLOS_A_TURN) if looks and self._hellos is not None else ():
            heard += len(chunk.offsets)
            self._pace.heard(self._clock.mono_ns(), heard / handshake_filter.HELLOS_A_TURN)
            self._watch.hear(chunk)
        ring.collect()
        self._pace.took(self._clock.mono_ns(), (ring.taken - before) / ring.slots)
        if ring.is_full or not self._pace.may_wait():
            self._pace.looked()
            for chunk in ring.turn():
                self._look_at(chunk, tell, looks=looks)
            self._pace.took(self._clock.mono_ns(), (ring.taken - before) / ring.slots)
        for anomaly in self._watch.wait(self._clock.wall_ns()) if looks and ring.taken == before else ():
            self._tell(anomaly, tell)
        for told in self._traffic.due(self._clock.wall_ns()):
            if isinstance(told, Anomaly):
                self._tell(told, tell)
            else:
                tell(told)
        self._count(ring, tell)
        return ring.taken - before

    def _empty(self) -> None:
        """While many frames are looked at no fewer come."""
        if self._ring is not None and self._ring.waits(FULL):
            self._ring.collect()

    def _look_at(self, chunk: Chunk, tell: Callable[[Report], None], *, looks: bool) -> None:
        if not looks:
            self._passed += len(chunk.offsets)
            return
        self._recent.add(chunk)
        for anomaly in self._watch.take(chunk):
            self._tell(anomaly, tell)

    def _tell(self, anomaly: Anomaly, tell: Callable[[Report], None]) -> None:
        evidence, pcap = self._recent.evidence(anomaly)
        tell(report.found(self._interface, anomaly, evidence=evidence))
        if pcap:
            tell(Evidence(self._interface, evidence, anomaly.name, pcap))

    def _opened(self, tell: Callable[[Report], None]) -> Ring | None:
        now = self._clock.mono_ns()
        if self._ring is None and self._stage is not Stage.OFF and now >= self._again_ns:
            self._again_ns = now + COUNT_EVERY_NS
            its = self._settings
            self._ring = Ring(self._interface, megabytes=its.ring_mib, promiscuous=its.promiscuous)
            self._hellos = handshake_filter.ring(self._interface)
            self.alarm = Alarm(self._interface)
            self._say(self._seen(), tell)
        return self._ring

    def _fresh(self) -> Watch:
        watch = Watch(self._traffic.observers, meanwhile=self._empty)
        watch.know(self._lists.listed)
        return watch

    def _seen(self) -> Sight:
        fault = self._watch.fault
        failed = f"a detector fails on some frames: {fault!r}; please report it" if fault else ""
        reason = self._why or self._lists.problem or failed
        every = 1 if self._stage is Stage.WHOLE else CAPTURE_SLOWED
        return Sight(self._interface, watched=True, reason=reason[:512], every=every)

    def _count(self, ring: Ring, tell: Callable[[Report], None]) -> None:
        now = self._clock.mono_ns()
        if now - self._counted_ns >= COUNT_EVERY_NS:
            self._counted_ns = now
            if self._lists.changed():
                self._watch.know(self._lists.listed)
            self._say(self._seen(), tell)
            ring.count()
            evicted, missed = self._watch.evicted + self._traffic.evicted, self._recent.missed
            tell(Counted(self._interface, ring.seen, ring.dropped, evicted, missed, self._passed, self._watch.faults))

    def _lose(self, reason: str, tell: Callable[[Report], None]) -> None:
        self.close()
        self._say(Sight(self._interface, watched=False, reason=reason[:512]), tell)

    def _say(self, sight: Sight, tell: Callable[[Report], None]) -> None:
        if sight != self.sight:
            self.sight = sight
            tell(sight)
