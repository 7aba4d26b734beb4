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
from giamsat_agent.host_pressure import GivingWay, pressures
from giamsat_agent.packets.dissector import Dissector
from giamsat_agent.packets.interface import Watched
from giamsat_agent.packets.pace import FILLING, LOOK_NS, PRESSED_NS
from giamsat_agent.packets.sources.wakeup_ring import Alarm
from giamsat_agent.packets.telling.report import Evidence, Report
from giamsat_agent.packets.telling.sender import Post
from giamsat_wire.clock import Clock, SystemClock
from giamsat_wire.supervision import Supervisor

PRESSED_EVERY_NS: Final = 5_000_000_000
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4


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
