# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent import capture
from giamsat_agent.capture import (
    COUNT_EVERY_NS,
    FILLING,
    FULL,
    PRESSED_EVERY_NS,
    PRESSED_S,
    TURN_NS,
    Watched,
)
from giamsat_agent.config import Packets
from giamsat_agent.packets.post import Post
from giamsat_agent.packets.report import Counted, Found, Sight
from giamsat_agent.packets.watch import Watch
from giamsat_agent.strain import CAPTURE_SLOWED, Stage
from support.capture import IP, TCP, frame
from support.clock import ManualClock
from support.lab import lab

SECOND_NS = 1_000_000_000
real = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip")]


@pytest.fixture
def clock():
    return ManualClock()


def test_an_interface_that_is_missing_is_told_once_and_tried_again():
    clock, told = ManualClock(), []
    watched = Watched("eth-khong-co", Packets(), clock)
    for _ in range(3):
        clock.advance(COUNT_EVERY_NS)
        assert watched.turn(told.append) == 0

    (sight,) = told
    assert (sight.interface, sight.watched) == ("eth-khong-co", False)
    assert "no such network interface" in sight.reason


@pytest.mark.parametrize(("fills", "soon"), [(FULL, range(1, 10)), (FILLING, (1, 5, 9))])
def test_a_ring_that_fills_has_its_turn_sooner_and_keeps_no_other_from_its_own(
    monkeypatch, tmp_path, clock, fills, soon
):
    turns, waited = [], []

    class Ring(Watched):
        def waits(self, part):
            return self.sight.interface == "fills" and part <= fills

        def turn(self, _):
            turns.append((len(waited), self.sight.interface))
            return 0

    def stopped(seconds, _):
        waited.append(seconds)
        clock.advance(TURN_NS // 4)
        return len(waited) == 10

    monkeypatch.setattr(capture, "Watched", Ring)
    settings = Packets(interfaces=("fills", "other"))
    capture.watch(settings, clock, stopped, post=Post(str(tmp_path / "s"), clock), proc=tmp_path)

    assert turns == [
        (look, name) for look in soon for name in ("fills", "other") if name == "fills" or look in {1, 5, 9}
    ]
    assert waited == [0] + [PRESSED_S] * 9


def test_without_an_interface_to_watch_it_does_not_start(tmp_path, capsys):
    (tmp_path / "agent.toml").write_text("")
    with pytest.raises(SystemExit):
        capture.main([str(tmp_path / "agent.toml")])

    assert "packets.interfaces is empty" in capsys.readouterr().err


class TestRealInterface:
    pytestmark = real

    def test_a_scan_on_the_cable_is_found_and_frames_are_counted(self):
        clock, told = ManualClock(), []
        scan = [
            frame(IP(src="10.9.0.1", dst="10.9.0.2"), TCP(sport=50_000, dport=port, flags="S")) for port in range(1, 31)
        ]
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

    def test_under_pressure_a_part_is_looked_at_then_nothing_and_it_comes_back(self):
        clock, told = ManualClock(), []
        clock.advance(-clock.mono_ns() % (CAPTURE_SLOWED * SECOND_NS) + SECOND_NS)  # a second that is not looked at
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
