# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.config import Packets
from giamsat_agent.host_pressure import CAPTURE_SLOWED, Stage
from giamsat_agent.packets import watch
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.interface import COUNT_EVERY_NS, Watched
from giamsat_agent.packets.pace import TURN_NS
from giamsat_agent.packets.telling.report import Counted, Found, Sight
from giamsat_agent.packets.watch import Watch
from support.capture import IP, TCP, frame
from support.clock import ManualClock
from support.lab import lab

real = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip")]


def test_an_interface_that_is_missing_is_told_once_and_tried_again():
    clock, told = ManualClock(), []
    watched = Watched("eth-khong-co", Packets(), clock)
    for _ in range(3):
        clock.advance(COUNT_EVERY_NS)
        assert watched.turn(told.append) == 0

    (sight,) = told
    assert (sight.interface, sight.watched) == ("eth-khong-co", False)
    assert "no such network interface" in sight.reason


class TestRealInterface:
    pytestmark = real

    def test_a_scan_on_the_cable_is_found_and_frames_are_counted(self):
        clock, told = ManualClock(), []
        asked = [
            frame(IP(src="10.9.0.1", dst="10.9.0.2"), TCP(sport=50_000, dport=port, flags="S")) for port in range(1, 31)
        ]
        # What is refused is judged at once; what nobody answers, by what comes after the time of an answer.
        refused = [
            frame(IP(src="10.9.0.2", dst="10.9.0.1"), TCP(sport=port, dport=50_000, flags="RA", ack=1))
            for port in range(1, 31)
        ]
        scan = asked + refused
        with lab() as pair, pair.inside():
            watched = Watched(pair.watched, Packets(ring_mib=1), clock)
            clock.advance(COUNT_EVERY_NS)
            watched.turn(told.append)
            pair.send(scan)
            frames = 0
            while frames < len(scan):
                clock.advance(COUNT_EVERY_NS)
                frames += watched.turn(told.append)
            watched.close()

        assert told[0] == Sight(pair.watched, watched=True)
        assert {(one.name, one.source_ip) for one in told if isinstance(one, Found)} == {
            ("scan_tcp_vertical", "10.9.0.1")
        }
        assert max(one.seen for one in told if isinstance(one, Counted)) >= len(scan)

    def test_hellos_that_come_faster_than_they_are_read_do_not_keep_a_turn(self, monkeypatch):
        heard, told = [], []
        hello = frame(IP(src="10.9.0.1", dst="10.9.0.2"), TCP(dport=443), b"\x16\x03\x01\x00\x01\x01")

        def hear(_, chunk):
            heard.extend(chunk.offsets)
            pair.send([hello] * 64)

        monkeypatch.setattr(Watch, "hear", hear)
        with lab() as pair, pair.inside():
            watched = Watched(pair.watched, Packets(ring_mib=1), ManualClock(COUNT_EVERY_NS))
            watched.turn(told.append)
            pair.send([hello])
            frames, first = watched.turn(told.append), len(heard)
            watched.turn(told.append)
            watched.close()

        assert (first, len(heard)) == (1, 1 + 64)
        assert frames >= 1 + 64

    def test_what_fills_a_ring_quickly_is_looked_at_together_and_not_at_each_turn(self, monkeypatch):
        looked, clock, many = [], ManualClock(COUNT_EVERY_NS), 1_100
        monkeypatch.setattr(Watch, "take", lambda _, chunk: looked.append(len(chunk.offsets)) or ())
        with lab() as pair, pair.inside():
            watched = Watched(pair.watched, Packets(ring_mib=1), clock)
            watched.turn(lambda _: None)
            taken = []
            for _ in range(2):
                pair.send([frame(IP(src="10.9.0.1", dst="10.9.0.2"), TCP())] * many)
                clock.advance(TURN_NS // 100)
                taken.append(watched.turn(lambda _: None))
            before = list(looked)
            clock.advance(TURN_NS)
            watched.turn(lambda _: None)
            watched.close()

        # A few more are the interface's own.
        assert min(taken) >= many
        assert sum(before) < many
        assert looked[len(before)] >= 2 * many

    def test_what_comes_while_frames_are_looked_at_for_long_finds_room(self, monkeypatch):
        told, clock, many = [], ManualClock(COUNT_EVERY_NS), 1_500
        sent = iter([many] * 3)

        class Slow:
            def __init__(self):
                self.room = Room()

            def take(self, _):
                pair.send([frame(IP(src="10.9.0.1", dst="10.9.0.2"), TCP())] * next(sent, 0))
                return ()

        monkeypatch.setattr(watch, "every", lambda: (Slow(), Slow(), Slow()))
        with lab() as pair, pair.inside():
            watched = Watched(pair.watched, Packets(ring_mib=1), clock)
            pair.send([frame(IP(src="10.9.0.1", dst="10.9.0.2"), TCP())])
            for _ in range(3):
                clock.advance(COUNT_EVERY_NS)
                watched.turn(told.append)
            watched.close()

        counted = [one for one in told if isinstance(one, Counted)]
        assert counted[-1].seen >= 3 * many
        assert counted[-1].dropped == 0

    def test_under_pressure_a_part_is_looked_at_then_nothing_and_it_comes_back(self):
        clock, told = ManualClock(), []
        clock.advance(-clock.mono_ns() % (CAPTURE_SLOWED * TURN_NS) + TURN_NS)  # a time that is not looked at
        with lab() as pair, pair.inside():
            watched = Watched(pair.watched, Packets(ring_mib=1), clock)
            watched.turn(told.append)
            watched.give_way(Stage.THINNED, "memory", told.append)
            pair.send([frame(IP(src="10.9.0.1", dst="10.9.0.2"), TCP(dport=port, flags="S")) for port in range(1, 31)])
            frames = 0
            while frames < 30:
                frames += watched.turn(told.append)
            clock.advance(4 * COUNT_EVERY_NS)
            watched.turn(told.append)
            watched.give_way(Stage.OFF, "memory", told.append)
            watched.give_way(Stage.OFF, "memory", told.append)
            assert watched.turn(told.append) == 0
            watched.give_way(Stage.THINNED, "memory", told.append)
            watched.turn(told.append)
            watched.give_way(Stage.WHOLE, "memory", told.append)
            watched.close()

        seen = [(one.watched, one.every) for one in told if isinstance(one, Sight)]
        assert seen == [(True, 1), (True, CAPTURE_SLOWED), (False, 1), (True, CAPTURE_SLOWED), (True, 1)]
        assert not [one for one in told if isinstance(one, Found)]
        assert max(one.passed for one in told if isinstance(one, Counted)) >= 30
        assert "lacks memory" in next(one.reason for one in told if isinstance(one, Sight) and not one.watched)
