# SPDX-License-Identifier: Apache-2.0
"""Rules about what takes hours on the wire: real frames, rings and rules, by a clock that is put forward in between."""

import contextlib
import socket
import threading
import time
from dataclasses import replace

import pytest

from giamsat_agent.config import Packets
from giamsat_agent.packets.interface import Watched
from giamsat_agent.packets.periodicity import CALLS_OF_A_CLOCK
from giamsat_agent.packets.sources.ring import Ring
from giamsat_agent.packets.telling.intake import Intake
from giamsat_agent.packets.uploads import LEARNT
from giamsat_rules.engine import Engine
from giamsat_rules.verdict import Occurrence, Subject
from giamsat_wire.record import SampleSet
from support.lab import lab
from support.peers import program

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip")]
S = 1_000_000_000
MINUTE, HOUR, DAY = 60 * S, 3_600 * S, 86_400 * S
OUTSIDE = ("198.51.100.7", 4_433)
HOST = Subject("host", 5)


class Ahead:
    """Implements giamsat_wire.clock.Clock: it goes as the machine's does, and can be put forward."""

    def __init__(self):
        self.by_ns = 0

    def wall_ns(self):
        return time.time_ns() + self.by_ns

    def mono_ns(self):
        return time.monotonic_ns() + self.by_ns


class Hours:
    """One end of a cable under watch, and what a rule says of it at level 5."""

    def __init__(self, pair, clock, engine):
        self.pair, self.clock, self._engine = pair, clock, engine
        with pair.inside():
            self._watched = Watched(pair.watched, Packets(ring_mib=1), clock)
        self._intake = Intake((pair.watched,), mono_ns=clock.mono_ns(), flow_bytes=8_192)
        self.raised = set()
        self.pass_by(10 * S)

    def pass_by(self, ns):
        """What came is looked at; then so much time passes."""
        with self.pair.inside():
            while self._watched.turn(self._tell):
                pass
        self.clock.by_ns += ns

    def counts(self):
        """What the sensor counts is told."""
        now_ns = self.clock.wall_ns()
        self._note(self._engine.judge_samples(HOST, SampleSet(now_ns, now_ns, tuple(self._intake.samples()))))

    def there(self, *words):
        """A program runs at the other end to its end."""
        self.pair.run(self.pair.there, *map(str, words), capture_output=True)

    def close(self):
        self._watched.close()

    def _tell(self, report):
        moment = {"wall_ns": self.clock.wall_ns(), "mono_ns": self.clock.mono_ns()}
        for event in self._intake.take(report, **moment):
            self._note(self._engine.judge(Occurrence(HOST, event.wall_ns, event.fields)))

    def _note(self, verdicts):
        self.raised |= {verdict.rule for verdict in verdicts if verdict.change == "raised"}


@pytest.fixture
def watching(shipped_rules, monkeypatch):
    """A context: the cable under watch for one rule."""
    (rules, pack), clock, turn = shipped_rules, Ahead(), Ring.turn

    def later(ring, *most):
        for chunk in turn(ring, *most):
            yield replace(chunk, times_ns=chunk.times_ns + clock.by_ns)

    @contextlib.contextmanager
    def watching(rule):
        with lab() as pair:
            pair.run(pair.here, "ip", "route", "add", "198.51.100.0/24", "via", pair.there_address)
            pair.run(pair.there, "ip", "route", "add", "local", "198.51.100.0/24", "dev", "lo")
            hours = Hours(pair, clock, Engine(rules.alone(rule), pack))
            try:
                yield hours
            finally:
                hours.close()

    monkeypatch.setattr(Ring, "turn", later)
    return watching


@contextlib.contextmanager
def outside(hours):
    """A service outside that answers each word with one, and takes whatever is sent."""

    def serve(client):
        with client, contextlib.suppress(OSError):
            while client.recv(1 << 20):
                client.sendall(b"x")

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with hours.pair.inside(hours.pair.there), socket.create_server(OUTSIDE, backlog=16) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield


@contextlib.contextmanager
def called(hours):
    """A connection from the watched host to that service: a function that has what is said answered."""

    def says(what=b"x"):
        line.sendall(what)
        assert line.recv(1)

    with hours.pair.inside():
        line = socket.create_connection(OUTSIDE, timeout=60)
    with line:
        yield says


def test_a_program_that_calls_again_and_again(watching):
    with watching("beacon_on_the_wire") as hours, outside(hours):
        for calls in range(24):
            assert calls >= CALLS_OF_A_CLOCK or hours.raised == set()
            with called(hours) as says:
                says()
            hours.pass_by(10 * MINUTE)
        assert hours.raised == {"beacon_on_the_wire"}


def test_a_connection_that_stays_open(watching):
    with watching("long_connection_on_the_wire") as hours, outside(hours), called(hours) as says:
        for ten_minutes in range(14):
            says()
            hours.pass_by(10 * MINUTE)
            assert ten_minutes > 6 or hours.raised == set()
        assert hours.raised == {"long_connection_on_the_wire"}


def test_far_more_sent_out_than_in_a_day_before(watching):
    with watching("upload_far_above_habit") as hours, outside(hours):
        for _ in range(LEARNT + 1):
            with called(hours) as says:
                says()
            hours.pass_by(HOUR)
        assert hours.raised == set()
        with called(hours) as says:
            for _ in range(30):
                # No faster than the sensor looks.
                says(bytes(4_000_000))
                hours.pass_by(0)
        hours.pass_by(MINUTE)
        hours.pass_by(0)
        assert hours.raised == {"upload_far_above_habit"}


@pytest.mark.peer("nping")
def test_a_host_and_a_service_that_come_to_a_network_that_is_known(watching):
    for rule in ("host_new_on_segment", "new_service_on_the_wire"):
        with watching(rule) as hours:

            def connects(port, hours=hours):
                with hours.pair.inside(), socket.create_server((hours.pair.address, port)):
                    hours.there(program("nping"), "--tcp-connect", "-c", "1", "-p", port, hours.pair.address)
                hours.pass_by(10 * S)
                hours.pass_by(3 * DAY)

            connects(8_081)
            connects(8_081)
            assert hours.raised == set()
            hours.there("ip", "link", "set", hours.pair.other, "address", "02:00:00:00:00:77")
            connects(8_099)
            assert hours.raised == {rule}


@pytest.mark.peer("mausezahn")
def test_a_bridge_that_takes_the_root_of_a_tree_that_stood(watching):
    with watching("spanning_tree_root_taken") as hours:
        for identity in ("80:00:02:00:00:00:00:01", "80:00:02:00:00:00:00:01", "00:00:02:00:00:00:00:66"):
            assert hours.raised == set()
            hours.there(program("mausezahn"), hours.pair.other, "-t", "bpdu", f"conf, rid={identity}")
            hours.pass_by(2 * MINUTE)
        assert hours.raised == {"spanning_tree_root_taken"}


@pytest.mark.peer("mausezahn")
def test_frames_that_come_faster_than_they_are_looked_at(watching):
    with watching("capture_drops_packets") as hours:
        for _ in range(7):
            assert hours.raised == set()
            hours.counts()
            frames = ("-c", "5000", "-B", hours.pair.address, "-t", "udp", "dp=9")
            hours.there(program("mausezahn"), hours.pair.other, *frames)
            hours.pass_by(MINUTE)
        assert hours.raised == {"capture_drops_packets"}
