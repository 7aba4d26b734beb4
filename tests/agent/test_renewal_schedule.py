# SPDX-License-Identifier: Apache-2.0
import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent import renewal_schedule as module
from giamsat_agent.enrolment import enrol, parse_token
from giamsat_agent.renewal_schedule import EARLIEST, LATEST, Renewing, due_s
from giamsat_agent.uplink import identity
from giamsat_agent.uplink.identity import Identity, Validity
from giamsat_wire import emergency
from giamsat_wire.clock import SystemClock
from giamsat_wire.emergency import Statement
from support.clock import ManualClock
from support.emergency_keys import made_keys
from support.enrolling import desk

DAY_S = 86_400
ISSUED_S = 1_800_000_000
GOOD = Validity(ISSUED_S - identity.BACKDATED_S, ISSUED_S + 14 * DAY_S)
WHO = Identity("id-1", "40.412", b"", b"", b"", GOOD, "soc:7444")


@given(st.uuids(), st.integers(1, 1_000))
def test_renewal_falls_between_35_and_55_percent_of_the_life(agent, generation):
    due = due_s(replace(WHO, agent_id=str(agent), generation=generation))

    assert EARLIEST <= (due - ISSUED_S) / (14 * DAY_S) <= LATEST


def test_every_start_of_an_agent_finds_the_same_time_and_agents_differ():
    assert due_s(WHO) == due_s(replace(WHO))
    assert len({due_s(replace(WHO, agent_id=str(number))) for number in range(100)}) == 100


async def first(condition):
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what another process has to reach
            await asyncio.sleep(0.02)


@pytest.fixture
def holders(tmp_path):
    return made_keys(tmp_path)


@pytest.fixture
async def office(tmp_path, holders):
    (tmp_path / "collector").mkdir()
    async with desk(tmp_path / "collector", emergency_keys=[str(file) for file in holders[1]]) as office:
        yield office


async def test_when_it_is_due_the_next_certificate_is_presented(office, tmp_path):
    folder = tmp_path / "identity"
    token = parse_token(await office.token())
    who = await asyncio.to_thread(enrol, office.address, token, folder, hostname="máy-1")
    clock = ManualClock()
    clock.jump(int(due_s(who)) * 1_000_000_000 + 1_000_000_000 - clock.wall_ns())
    presented = []

    renewing = Renewing(who, folder=folder, collector=lambda: office.ingest, clock=clock, present=presented.append)
    running = asyncio.ensure_future(renewing.run())
    await first(lambda: presented)
    running.cancel()

    assert presented[0] == identity.load(folder)
    assert presented[0].generation == 2


async def test_a_clock_that_is_far_ahead_is_said_and_does_not_ask_all_the_time(office, tmp_path):
    folder = tmp_path / "identity"
    token = parse_token(await office.token())
    who = await asyncio.to_thread(enrol, office.address, token, folder, hostname="máy-1")
    clock = ManualClock()
    clock.jump((who.validity.until_s - 60) * 1_000_000_000 - clock.wall_ns())
    presented = []

    renewing = Renewing(who, folder=folder, collector=lambda: office.ingest, clock=clock, present=presented.append)
    running = asyncio.ensure_future(renewing.run())
    await first(lambda: renewing.problem)
    running.cancel()

    assert "clock" in renewing.problem
    assert [one.generation for one in presented] == [2]


async def test_what_fails_is_said_and_nothing_is_presented(tmp_path):
    clock = ManualClock()
    clock.jump((GOOD.until_s + 1) * 1_000_000_000 - clock.wall_ns())
    presented = []

    renewing = Renewing(
        WHO, folder=tmp_path / "nowhere", collector=lambda: "127.0.0.1:1", clock=clock, present=presented.append
    )
    running = asyncio.ensure_future(renewing.run())
    await first(lambda: renewing.problem)
    running.cancel()

    assert "not enrolled" in renewing.problem
    assert presented == []


async def test_a_program_that_cannot_be_started_now_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.executable", str(tmp_path / "gone"))
    clock = ManualClock()
    clock.jump((GOOD.until_s + 1) * 1_000_000_000 - clock.wall_ns())
    renewing = Renewing(WHO, folder=tmp_path, collector=lambda: "127.0.0.1:1", clock=clock, present=lambda _: None)
    running = asyncio.ensure_future(renewing.run())
    await first(lambda: renewing.problem or running.done())

    assert "gone cannot be started" in renewing.problem
    assert not running.done()
    running.cancel()


def counted(child, asked):
    async def asking(*words):
        asked.append(words)
        await child(*words)

    return asking


async def test_who_has_lost_the_collector_asks_whom_else_to_trust_ever_more_rarely(
    office, holders, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "LOST_S", 0.01)
    folder, token = tmp_path / "identity", parse_token(await office.token())
    who = await asyncio.to_thread(enrol, office.address, token, folder, hostname="máy-1")
    office.authority.keys.replace()
    await office.follow()
    roots = office.authority.signer.trust.roots_der
    text = emergency.written(Statement(2_000_000_000, tuple(roots)))
    office.emergency.publish(text, [key.sign(text) for key in holders[0][:2]], roots)
    files, presented, looks = tuple(str(file) for file in holders[1]), [], 0

    def lost_s():
        nonlocal looks
        looks += 1
        return 0.0 if looks < 5 else 15.0

    renewing = Renewing(
        who,
        folder=folder,
        collector=lambda: office.ingest,
        clock=SystemClock(),
        present=presented.append,
        emergency_keys=files,
        lost_s=lost_s,
    )
    asked = []
    monkeypatch.setattr(renewing, "_child", counted(renewing._child, asked))
    running = asyncio.ensure_future(renewing.run())
    await first(lambda: presented)
    await first(lambda: looks > 20)
    running.cancel()

    assert [one.generation for one in presented] == [2]
    assert presented[0] == identity.load(folder)
    assert asked == [("giamsat_agent.uplink.emergency", *files)], "as long as that has not lasted twice as long"


async def test_whom_else_to_trust_is_asked_before_each_renewal_too(office, holders, tmp_path, monkeypatch):
    folder, token = tmp_path / "identity", parse_token(await office.token())
    who = await asyncio.to_thread(enrol, office.address, token, folder, hostname="máy-1")
    clock = ManualClock()
    clock.jump(int(due_s(who)) * 1_000_000_000 + 1_000_000_000 - clock.wall_ns())
    files, presented, asked = tuple(str(file) for file in holders[1]), [], []
    office.authority.keys.replace()
    await office.follow()
    roots = office.authority.signer.trust.roots_der
    text = emergency.written(Statement(2_000_000_000, tuple(roots)))
    office.emergency.publish(text, [key.sign(text) for key in holders[0][1:]], roots)

    renewing = Renewing(
        who,
        folder=folder,
        collector=lambda: office.ingest,
        clock=clock,
        present=presented.append,
        emergency_keys=files,
    )
    monkeypatch.setattr(renewing, "_child", counted(renewing._child, asked))
    running = asyncio.ensure_future(renewing.run())
    await first(lambda: presented)
    running.cancel()

    assert asked[0] == ("giamsat_agent.uplink.emergency", *files)
    assert identity.serial(folder) == 2_000_000_000
    assert presented[0].roots == office.authority.signer.trust.roots_pem


async def test_emergency_keys_that_cannot_be_used_are_said_and_do_not_hold_up_a_renewal(office, holders, tmp_path):
    folder, token = tmp_path / "identity", parse_token(await office.token())
    who = await asyncio.to_thread(enrol, office.address, token, folder, hostname="máy-1")
    clock = ManualClock()
    clock.jump(int(due_s(who)) * 1_000_000_000 + 1_000_000_000 - clock.wall_ns())
    presented = []
    holders[1][1].write_bytes(holders[1][0].read_bytes())

    renewing = Renewing(
        who,
        folder=folder,
        collector=lambda: office.ingest,
        clock=clock,
        present=presented.append,
        emergency_keys=tuple(str(file) for file in holders[1]),
    )
    running = asyncio.ensure_future(renewing.run())
    await first(lambda: presented)
    running.cancel()

    assert "the same emergency key" in renewing.keys_problem
    assert [one.generation for one in presented] == [2]
