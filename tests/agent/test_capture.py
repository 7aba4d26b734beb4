# SPDX-License-Identifier: Apache-2.0
from typing import ClassVar

import numpy as np
import pytest

from giamsat_agent import capture
from giamsat_agent.capture import PRESSED_EVERY_NS
from giamsat_agent.config import Packets
from giamsat_agent.host_pressure import CAPTURE_SLOWED
from giamsat_agent.packets import interface
from giamsat_agent.packets.chunk import Chunk
from giamsat_agent.packets.pace import FULL, LOOK_NS, PRESSED_NS, TURN_NS
from giamsat_agent.packets.sources import handshake_filter
from giamsat_agent.packets.telling.report import Sight
from giamsat_agent.packets.telling.sender import Post
from giamsat_agent.packets.watch import Watch
from support.clock import ManualClock
from support.lab import lab

SECOND_NS = 1_000_000_000
SOON_NS = 2_000_000
"""After so long an alarm rings that does."""
real = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip")]


@pytest.fixture
def clock():
    return ManualClock()


class MadeUpRing:
    """A ring that is filled at a rate, a part a second, while nobody looks at it; `turns` are when somebody did."""

    seen, dropped = 0, 0
    rates: ClassVar[dict[str, float]] = {}
    turns: ClassVar[list[tuple[int, str]]] = []
    clock: ClassVar[ManualClock]

    def __init__(self, interface, **_):
        self.interface, self.since_ns = interface, self.clock.mono_ns()
        self.slots = handshake_filter.HELLOS_A_TURN if interface == "hellos" else 1_000
        self.is_full, self.taken, self.told = False, 0, 0

    def waits(self, part):
        return self.rates[self.interface] * (self.clock.mono_ns() - self.since_ns) / SECOND_NS > part

    def collect(self):
        came = self.rates[self.interface] * (self.clock.mono_ns() - self.since_ns) / SECOND_NS
        self.turns.append((self.clock.mono_ns(), self.interface))
        self.since_ns = self.clock.mono_ns()
        self.taken += round(came * self.slots)

    def turn(self, *_):
        if self.interface == "hellos":
            self.collect()
        yield Chunk(*[np.zeros(self.taken - self.told, np.int64)] * 4, link_type=1, first=1)
        self.told = self.taken

    def count(self): ...

    def close(self): ...


class MadeUpAlarm:
    """Rings all the time, or never."""

    def __init__(self, interface):
        self.interface = interface

    def rang(self):
        return MadeUpRing.rates[self.interface] > 1

    def close(self): ...


def rested(monkeypatch, tmp_path, clock, rates, *, looks):
    """For how long and for whose alarms a capture process rests, and the turns of its rings; one may be of hellos."""
    waited = []

    def stopped(seconds, alarms):
        waited.append((round(seconds * SECOND_NS), [alarm.interface for alarm in alarms]))
        clock.advance(min(waited[-1][0], *(SOON_NS if alarm.rang() else TURN_NS for alarm in alarms), TURN_NS))
        return len(waited) == looks

    monkeypatch.setattr(MadeUpRing, "clock", clock, raising=False)
    monkeypatch.setattr(MadeUpRing, "rates", rates)
    monkeypatch.setattr(MadeUpRing, "turns", [])
    monkeypatch.setattr(interface, "Ring", MadeUpRing)
    monkeypatch.setattr(handshake_filter, "ring", lambda _: MadeUpRing("hellos") if "hellos" in rates else None)
    monkeypatch.setattr(interface, "Alarm", MadeUpAlarm)
    monkeypatch.setattr(Watch, "take", lambda *_: ())
    monkeypatch.setattr(Watch, "hear", lambda *_: None)
    settings, begun_ns = Packets(interfaces=tuple(name for name in rates if name != "hellos")), clock.mono_ns()
    capture.watch(settings, clock, stopped, post=Post(str(tmp_path / "s"), clock), proc=tmp_path)
    return waited[1:], [(at_ns - begun_ns, name) for at_ns, name in MadeUpRing.turns]


def test_a_ring_has_its_turn_when_it_is_half_full_and_keeps_no_other_from_its_own(monkeypatch, tmp_path, clock):
    waited, turns = rested(monkeypatch, tmp_path, clock, {"fills": 0.4, "other": 0.01}, looks=5)

    half_ns = round(FULL / 0.4 * SECOND_NS)
    assert turns == [
        *((at, name) for at in (0, TURN_NS) for name in ("fills", "other")),
        (TURN_NS + half_ns, "fills"),
        (2 * TURN_NS, "other"),
    ]
    assert waited == [
        (rest, ["fills", "other"]) for rest in (TURN_NS, half_ns, TURN_NS - half_ns, 2 * half_ns - TURN_NS)
    ]


def test_a_ring_of_hellos_that_fills_brings_its_interface_a_turn_sooner(monkeypatch, tmp_path, clock):
    _, turns = rested(monkeypatch, tmp_path, clock, {"eth0": 0.01, "hellos": 0.5}, looks=5)

    assert [at for at, name in turns if name == "eth0"] == [0, TURN_NS, TURN_NS + SECOND_NS, TURN_NS + 2 * SECOND_NS]


def test_evidence_is_passed_on_when_it_is_ready_and_not_at_the_next_turn(monkeypatch, tmp_path, clock):
    post, evidence = [], ["evidence"]

    class Told:
        send, flush, close = post.append, lambda: post.append("flush"), lambda: None

    class Helper:
        busy, close = True, lambda _: None
        done = staticmethod(lambda: [evidence.pop()] if evidence and post else [])

    def stopped(seconds, _):
        clock.advance(round(seconds * SECOND_NS))
        return "evidence" in post

    monkeypatch.setattr(capture, "Dissector", lambda _: Helper())
    begun_ns = clock.mono_ns()
    capture.watch(Packets(interfaces=("eth-khong-co",)), clock, stopped, post=Told, proc=tmp_path)

    assert post[-3:] == ["flush", "evidence", "flush"]
    assert clock.mono_ns() - begun_ns < TURN_NS


def test_while_an_alarm_rings_on_the_rings_are_looked_at_again_and_again(monkeypatch, tmp_path, clock):
    waited, turns = rested(monkeypatch, tmp_path, clock, {"flooded": 10.0, "other": 0.01}, looks=8)

    assert waited[:6] == [(TURN_NS, ["flooded", "other"]), (LOOK_NS, []), *[(PRESSED_NS, [])] * 4]
    assert turns[2:] == [(SOON_NS + LOOK_NS + 4 * PRESSED_NS, "flooded")]


def test_without_an_interface_to_watch_it_does_not_start(tmp_path, capsys):
    (tmp_path / "agent.toml").write_text("")
    with pytest.raises(SystemExit):
        capture.main([str(tmp_path / "agent.toml")])

    assert "packets.interfaces is empty" in capsys.readouterr().err


class TestRealInterface:
    pytestmark = real

    def test_what_the_kernel_says_of_the_host_ends_the_watching_and_lets_it_begin_again(self, tmp_path):
        clock, told, presses = ManualClock(), [], tmp_path / "pressure"
        presses.mkdir()

        class Told:
            send, flush, close = staticmethod(told.append), staticmethod(lambda: False), staticmethod(lambda: None)

        def stopped(*_):
            clock.advance(PRESSED_EVERY_NS)
            stopped.turns += 1
            lacks = 90 if stopped.turns < 10 else 0
            (presses / "memory").write_text(f"full avg10={lacks:.2f} avg60=0.00 avg300=0.00 total=1\n")
            return stopped.turns == 40

        stopped.turns = 0
        with lab() as pair, pair.inside():
            capture.watch(Packets(interfaces=(pair.watched,), ring_mib=1), clock, stopped, post=Told(), proc=tmp_path)

        seen = [(one.watched, one.every) for one in told if isinstance(one, Sight)]
        assert seen == [(True, 1), (True, CAPTURE_SLOWED), (False, 1), (True, CAPTURE_SLOWED), (True, 1)]
