# SPDX-License-Identifier: Apache-2.0
"""What an agent measures of itself, of its captures and of applications makes the rules about it fire."""

from types import SimpleNamespace

import pytest

from giamsat_agent.check import Run
from giamsat_agent.check_runner import Checked, Result, figures
from giamsat_agent.checks import build
from giamsat_agent.checks.log import LogCheck
from giamsat_agent.framing import Framer
from giamsat_agent.packets.telling.intake import Intake as PacketIntake
from giamsat_agent.packets.telling.report import Counted
from giamsat_agent.sensors import systemd
from giamsat_agent.uplink.clock_offset import Reference
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Subject
from giamsat_wire import limits
from giamsat_wire.clock import SystemClock
from giamsat_wire.record import Sample, SampleSet
from support.checking import server, settings
from support.clock import ManualClock
from support.daemons import time_server
from support.files import Disk
from support.uplinks import made, opened

SECOND_NS = 1_000_000_000
NIGHT_NS = 1_795_449_600 * SECOND_NS  # 23 November 2026, 23:00 in Viet Nam


class Ahead(SystemClock):
    """The clock of a host that is ten seconds ahead."""

    def wall_ns(self):
        return super().wall_ns() + 10 * SECOND_NS


@pytest.fixture
def measured():
    """A function that gives the rules which readings raise at level 5; each time they are taken a minute later."""
    engine = Engine(load_rules(shipped().detections), load_pack(shipped().pack))

    def measured(readings, minutes=10):
        told = set()
        for minute in range(minutes):
            at_ns = NIGHT_NS + minute * 60 * SECOND_NS
            samples = SampleSet(at_ns, at_ns, tuple(readings(minute)))
            told |= {verdict.rule for verdict in engine.judge_samples(Subject("host", 5), samples)}
        return told

    return measured


def test_frames_that_a_capture_lost_and_a_detector_that_failed(measured):
    intake = PacketIntake(["eth0"], mono_ns=0)

    def counted(**counts):
        def read(minute):
            its = {name: count * minute for name, count in counts.items()}
            report = Counted("eth0", 10_000 * minute, its.get("dropped", 0), 0, faults=its.get("faults", 0))
            assert list(intake.take(report, wall_ns=NIGHT_NS, mono_ns=minute)) == []
            return intake.samples()

        return read

    assert "capture_drops_packets" in measured(counted(dropped=6_000))
    assert "capture_detector_fails" in measured(counted(faults=1))


def test_readings_that_an_agent_has_no_room_for(measured):
    framer, most = Framer(opened(Disk())), limits.SERIES_PER_AGENT
    many = tuple(Sample("node_load1", 1.0, (("x", str(number)),)) for number in range(most + 10))

    def read(minute):
        framer.readings(SampleSet(NIGHT_NS + minute, minute, many if minute else many[:5]))
        return framer.counted()

    assert "agent_drops_readings" in measured(read)


async def test_what_checks_of_applications_measure(measured, tmp_path):
    log = tmp_path / "app.log"
    log.touch()
    watching = LogCheck(settings(what="log", target=str(log), patterns={"error": "ERROR"}))
    slow = settings(name="portal", what="http", target="http://192.0.2.1/")
    clock, taken = ManualClock(), []
    for _ in range(10):
        clock.advance(60 * SECOND_NS)
        run = Run(clock)
        await watching.run(run)
        taken.append(run.samples)
        with log.open("a") as file:
            file.write("ERROR made up\n" * 100)

    assert "application_log_errors" in measured(lambda minute: taken[minute])
    assert "application_slow" in measured(lambda _: figures(slow, Result(9.0, (), None, "")))


def test_a_clock_that_is_off_and_units_that_stay_broken(measured):
    nobody, somewhere = SimpleNamespace(roots=b"", key=b"", chain=b""), SimpleNamespace(address="127.0.0.1:1")
    clock, client = SystemClock(), made(opened(Disk()), somewhere, identity=nobody)
    client.link.reference = Reference(clock.wall_ns() + 3_600 * SECOND_NS, clock.mono_ns(), clock.mono_ns())
    broken = systemd.Unit("portal.service", loaded=True, state="failed", path="/x")

    assert "clock_off_by_collector" in measured(lambda _: client.samples())
    assert "system_units_failed" in measured(lambda _: systemd.summary([broken]), minutes=90)


async def test_a_page_that_says_something_else(measured):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhacked")
        await writer.drain()

    async with server(answer) as address:
        its = settings(name="portal", what="http", target=f"http://{address}/", body_has=["Dich vu cong"])
        changed = await Checked(its, build(its)).once(SystemClock())

    assert "page_content_wrong" in measured(lambda _: figures(its, changed))


@pytest.mark.peer("chronyd")
async def test_a_time_server_that_says_another_time(measured, tmp_path):
    with time_server(tmp_path, stratum=3) as port:
        its = settings(name="time", what="ntp", target=f"127.0.0.1:{port}")
        told = await Checked(its, build(its)).once(Ahead())

    assert "clock_off_by_time_server" in measured(lambda _: figures(its, told))
