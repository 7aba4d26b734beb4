# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.ingest.service import Greeting
from giamsat_collector.judge import Judge
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_wire.codec import encode_happenings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event
from support.clock import ManualClock

AGENT = "11111111-1111-4111-8111-111111111111"
MINUTE_NS = 60 * 1_000_000_000
HOUR_NS = 60 * MINUTE_NS


class Level5:
    def level(self, asset):
        return 5


class Bench:
    """A judge with the shipped rules, and one agent of level 5 that is heard whenever time goes on."""

    def __init__(self):
        self.clock = ManualClock()
        self.fleet = Fleet(self.clock)
        engine = Engine(load_rules(shipped().detections), load_pack(shipped().pack))
        self.judge = Judge(engine, Level5(), HostPages(), self.fleet)
        self.fleet.greeted(Greeting(AGENT, "máy-1", "1", 15.0, 0, "boot"))
        self._frames = 0

    def happens(self, kind, **fields):
        """The agent tells one event."""
        now = self.clock.wall_ns()
        named = {name.replace("_", "."): value for name, value in fields.items()}
        (encoded,) = encode_happenings([Event(kind, now, 0, named)], ())
        self._frames += 1
        frame = StoredFrame(
            self._frames, AGENT, 1, Lane.EVENT, self._frames, int(encoded.flags), now, 0, encoded.payload
        )
        return self.judge.frame(frame).verdicts

    def goes_on(self, ns):
        """Time passes, in which the agent is heard; what its silence and that of its sources brings."""
        self.clock.advance(ns)
        self.fleet.heard(AGENT, self.clock.wall_ns())
        return [(verdict.rule, dict(verdict.group)) for verdict in self.judge.silence(self.clock.wall_ns())]


@pytest.fixture
def bench():
    return Bench()


def test_an_agent_that_is_heard_is_not_silent_whatever_its_events_call_themselves(bench):
    bench.happens("agent-started", event_provider="agent")

    assert bench.goes_on(10 * MINUTE_NS) == []


def test_a_journal_that_falls_silent_is_told_of_an_agent_that_goes_on(bench):
    bench.happens("agent-started", event_provider="agent")
    bench.happens("log-source-opened", event_provider="journald")

    assert bench.goes_on(3 * HOUR_NS) == [("log_source_silent", {"source": "journald"})]


def test_a_log_file_is_known_by_its_path(bench):
    bench.happens("log-source-opened", event_provider="auth_log", log_file_path="/var/log/auth.log")

    assert bench.goes_on(3 * HOUR_NS) == [("log_source_silent", {"source": "/var/log/auth.log"})]


@pytest.mark.parametrize("provider", ["procfs", "clock", "agent"])
def test_what_is_no_log_may_be_silent_for_ever(bench, provider):
    bench.happens("listening-port-opened", event_provider=provider, server_port=8080)

    assert bench.goes_on(30 * HOUR_NS) == []
