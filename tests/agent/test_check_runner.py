# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import random
import threading

from giamsat_agent.check import Failure
from giamsat_agent.check_runner import Checked, Checking, Result, figures
from giamsat_agent.checks import build
from giamsat_wire.clock import SystemClock
from support.checking import server, settings


@contextlib.asynccontextmanager
async def running(*checks):
    events = []
    checking = Checking(checks, clock=SystemClock(), rng=random.Random(1), deliver=events.extend)
    task = asyncio.ensure_future(checking.run())
    yield checking, events
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def named(name, checking):
    return {dict(one.labels)["check"]: one.value for one in checking.samples() if one.name == name}


async def until(happened):
    async with asyncio.timeout(60):
        while True:
            if happened():
                return
            await asyncio.sleep(0.02)


async def silent(reader, writer):
    await asyncio.sleep(60)


async def page(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def test_checks_that_hang_delay_none_of_the_others():
    async with server(silent) as hanging, server(page) as good:
        checks = [
            settings(name=f"hangs{number}", what="http", target=f"http://{hanging}/", interval_s=60, timeout_s=50)
            for number in range(100)
        ]
        works = settings(name="works", what="http", target=f"http://{good}/", interval_s=60)
        async with running(*checks, works) as (checking, _):
            await until(lambda: named("probe_success", checking))
            found = named("probe_success", checking)
            asked = named("giamsat_check_info", checking)

    assert found == {"works": 1}, "those that hang have not ended"
    assert len(asked) == 101, "what is checked is said before it was"


async def test_two_failures_in_a_row_are_told_once_and_so_is_the_recovery():
    now = Checked(settings(what="tcp", target="127.0.0.1:9"), check=None)
    bad = Result(0.5, (), Failure.UNREACHABLE, "127.0.0.1 port 9: Connection refused")
    good = Result(0.25, ())

    told = [
        [(event.kind, dict(event.fields)) for event in now.take(result, wall_ns=1, mono_ns=1)]
        for result in (good, bad, good, bad, bad, bad, good, good)
    ]

    assert [bool(each) for each in told] == [False, False, False, False, True, False, True, False]
    kind, fields = told[4][0]
    assert kind == "check-failed"
    assert fields["service.name"] == "it"
    assert fields["service.type"] == "tcp"
    assert fields["service.address"] == "127.0.0.1:9"
    assert fields["error.code"] == "unreachable"
    assert fields["event.reason"] == "127.0.0.1 port 9: Connection refused"
    assert fields["event.duration"] == 500_000_000
    assert (told[6][0][0], told[6][0][1]["event.outcome"]) == ("check-recovered", "success")


async def test_a_first_failure_is_looked_at_again_soon_and_shown_by_status(free_ports, monkeypatch):
    monkeypatch.setattr(
        "giamsat_agent.check_runner.CONFIRM_S", 0.0
    )  # the tests do not wait for what the agent waits for
    (port,) = free_ports(1)
    down = settings(name="down", what="tcp", target=f"127.0.0.1:{port}", interval_s=3600)
    async with running(down) as (checking, events):
        await until(lambda: events)
        problems = checking.problems()

    assert problems == {"check down": f"127.0.0.1 port {port}: Connection refused"}
    assert [event.kind for event in events] == ["check-failed"]


class Breaks:
    async def run(self, run):
        run.set("probe_ip_protocol", 4)
        raise ZeroDivisionError("oh")


class Hangs:
    def __init__(self, gate):
        self.gate, self.begun = gate, 0

    async def run(self, run):
        self.begun += 1
        await run.blocking(self.gate.wait)


async def test_a_fault_of_a_check_is_its_failure_and_keeps_what_it_had():
    result = await Checked(settings(what="tcp", target="127.0.0.1:9"), Breaks()).once(SystemClock())

    assert (result.failure, result.reason) == (Failure.UNUSABLE, "ZeroDivisionError: oh")
    assert [sample.name for sample in result.samples] == ["probe_ip_protocol"]


async def test_what_hangs_in_the_operating_system_is_left_and_not_begun_twice():
    gate = threading.Event()
    hangs = Hangs(gate)
    checked = Checked(settings(what="tcp", target="127.0.0.1:9", timeout_s=0.2), hangs)
    results = [await checked.once(SystemClock()) for _ in range(2)]
    begun = hangs.begun
    gate.set()
    await checked._last.stuck
    after = await checked.once(SystemClock())

    assert [result.failure for result in results] == [Failure.TIMED_OUT] * 2
    assert "hangs in the operating system" in results[1].reason
    assert begun == 1
    assert after.failure is None


def test_an_old_result_is_not_shown_as_a_new_one():
    its = settings(name="old", what="tcp", target="127.0.0.1:9", interval_s=10)
    clock = SystemClock()
    checking = Checking([its], clock=clock, rng=random.Random(1), deliver=list)
    (checked,) = checking._checked
    list(checked.take(Result(0.1, ()), wall_ns=clock.wall_ns(), mono_ns=clock.mono_ns() - int(26e9)))

    assert {sample.name for sample in checking.samples()} == {"giamsat_check_info"}


def test_every_figure_carries_the_check_and_what_it_is():
    its = settings(name="portal", what="tls", target="127.0.0.1")

    (success, duration) = figures(its, Result(0.5, (), Failure.UNTRUSTED, "no"))

    assert (success.name, success.value) == ("probe_success", 0)
    assert dict(duration.labels) == {"check": "portal", "what": "tls"}
    assert build(its) is not None
