# SPDX-License-Identifier: Apache-2.0
"""The capture process: `python -m giamsat_agent.capture [CONFIG]`. It reads frames, finds anomalies, tells the agent.

It holds the right to read every frame of the interfaces, and nothing else: no key, no network of its own, no file it
may write. The helper that dissects evidence does not even have that right.

Without the agent it goes on watching; what it cannot tell waits, up to a bound. An interface that is missing
or goes away is told, and tried again.
"""

import contextlib
import ctypes
import functools
import gc
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from giamsat_agent import config as configuration
from giamsat_agent.config import Config, Packets
from giamsat_agent.errors import AgentError, ConfigError
from giamsat_agent.packets import hellos, report
from giamsat_agent.packets.alarm import Alarm
from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.dissector import Dissector
from giamsat_agent.packets.errors import InterfaceError
from giamsat_agent.packets.listed import Lists
from giamsat_agent.packets.pace import FILLING, FULL, LOOK_NS, PRESSED_NS, TURN_NS, Pace
from giamsat_agent.packets.post import Post
from giamsat_agent.packets.recent import Recent
from giamsat_agent.packets.report import Counted, Evidence, Report, Sight
from giamsat_agent.packets.ring import Ring
from giamsat_agent.packets.traffic import Traffic
from giamsat_agent.packets.watch import Watch
from giamsat_agent.strain import CAPTURE_SLOWED, GivingWay, Stage, pressures
from giamsat_wire.clock import Clock, SystemClock
from giamsat_wire.supervision import Supervisor

COUNT_EVERY_NS: Final = 5_000_000_000
PRESSED_EVERY_NS: Final = 5_000_000_000
RECENT_BYTES: Final = 8 << 20
"""Frames kept for evidence, of all interfaces together."""
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4


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
        frames = heard = 0
        looks = self._stage is Stage.WHOLE or self._clock.mono_ns() // TURN_NS % CAPTURE_SLOWED == 0
        for chunk in self._hellos.turn(hellos.HELLOS_A_TURN) if looks and self._hellos is not None else ():
            heard += len(chunk.offsets)
            self._pace.heard(self._clock.mono_ns(), heard / hellos.HELLOS_A_TURN)
            self._watch.hear(chunk)
        for chunk in ring.turn():
            frames += len(chunk.offsets)
            self._pace.took(self._clock.mono_ns(), frames / ring.slots)
            if not looks:
                self._passed += len(chunk.offsets)
                continue
            self._recent.add(chunk)
            for anomaly in self._watch.take(chunk):
                self._tell(anomaly, tell)
        for told in self._traffic.due(self._clock.wall_ns()):
            if isinstance(told, Anomaly):
                self._tell(told, tell)
            else:
                tell(told)
        self._count(ring, tell)
        return frames

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
            self._hellos = hellos.ring(self._interface)
            self.alarm = Alarm(self._interface)
            self._say(self._seen(), tell)
        return self._ring

    def _fresh(self) -> Watch:
        watch = Watch(self._traffic.observers)
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


Wait = Callable[[float, Sequence[Alarm]], bool]
"""Waits so many seconds, or until one of the alarms rings; whether to stop then."""


class Teller(Protocol):
    """Where reports go; `Post` is one."""

    def send(self, told: Report) -> None:
        """Tell, now or later."""
        ...

    def flush(self) -> bool:
        """Tell what waits; whether the other end knows nothing yet."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


def watch(settings: Packets, clock: Clock, stopped: Wait, *, post: Teller, proc: Path) -> None:
    """Watch every interface until `stopped`."""
    supervisor, dissector, giving_way = Supervisor(clock), Dissector(clock), GivingWay()
    watched = [Watched(name, settings, clock) for name in settings.interfaces]
    supervisor.ready()
    pressed_ns = clock.mono_ns()
    rest: tuple[float, Sequence[Alarm]] = (0, ())
    while not stopped(*rest):
        dissected = list(dissector.done())
        for evidence in dissected:
            post.send(evidence)
        if clock.mono_ns() >= pressed_ns:
            pressed_ns = clock.mono_ns() + PRESSED_EVERY_NS
            stage = giving_way.at(pressures(proc), clock.mono_ns())
            for each in watched:
                each.give_way(stage, giving_way.lacks, post.send)
        due = [each for each in watched if each.due_ns <= clock.mono_ns()]
        for each in due:
            each.turn(lambda told: dissector.take(told) if isinstance(told, Evidence) else post.send(told))
        rest = _rest(watched, clock, busy=dissector.busy)
        if (due or dissected) and post.flush():
            for each in watched:
                post.send(each.sight)
            post.flush()
        supervisor.alive()
    dissector.close()
    for each in watched:
        each.close()
    post.close()


def _rest(watched: Sequence[Watched], clock: Clock, *, busy: bool) -> tuple[float, Sequence[Alarm]]:
    """How long to wait for what, until the next turn: for alarms only where none rings on and on."""
    rings_on = [each.rings_on() for each in watched]
    left_ns = max(min(each.due_ns for each in watched) - clock.mono_ns(), 0)
    if any(rings_on):
        soon_ns = PRESSED_NS if any(each.waits(FILLING) for each in watched) else LOOK_NS
        return min(left_ns, soon_ns) / 1e9, ()
    alarms = [each.alarm for each in watched if each.alarm is not None]
    return (min(left_ns, LOOK_NS) if busy else left_ns) / 1e9, alarms


@contextlib.contextmanager
def signalled() -> Iterator[Wait]:
    """Whether SIGINT or SIGTERM came."""
    near, far = socket.socketpair()
    with near, far:
        far.setblocking(False)  # noqa: FBT003 - the standard library's signature
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(number, lambda *_: None) for number in numbers]
        woken = signal.set_wakeup_fd(far.fileno())
        try:
            yield functools.partial(_came, near)
        finally:
            signal.set_wakeup_fd(woken)
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)


def _came(signals: socket.socket, seconds: float, alarms: Sequence[Alarm]) -> bool:
    files = [signals.fileno(), *(alarm.fileno() for alarm in alarms)]
    return signals.fileno() in select.select(files, (), (), max(seconds, 0))[0]


def main(words: Sequence[str] = tuple(sys.argv[1:])) -> None:
    """Start, or say in one message why not."""
    try:
        config = configuration.load(Path(words[0])) if words else Config()
        if not config.packets.interfaces:
            raise ConfigError('packets.interfaces is empty: name what is to be watched, e.g. interfaces = ["eth0"]')
        # A program started from here does not inherit the right to capture (prctl(2)).
        ctypes.CDLL(None).prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
        clock = SystemClock()
        # To look through all that was imported for what nobody needs any more takes as long as a ring takes to fill.
        gc.freeze()
        with signalled() as stopped:
            watch(config.packets, clock, stopped, post=Post(config.packets.socket, clock), proc=Path(config.host.proc))
    except AgentError as error:
        print(f"giamsat-capture: {error}", file=sys.stderr)  # noqa: T201 - the one line a person waits for
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
