# SPDX-License-Identifier: Apache-2.0
"""Rules about the agent itself fire from real agents that crash, lose a log or a clock, and find too much to tell."""

import asyncio
import re
from random import Random

import pytest

from giamsat_agent.enrolment import enrol, parse_token
from giamsat_agent.framing import Framer
from giamsat_agent.sensor import Host
from giamsat_agent.sensors.textfile import FOLDER, SERIES, TextFiles
from giamsat_agent.spool.files import DiskFiles
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_collector.signing.certificates import AGENT_LIFE
from giamsat_rules.engine import Engine
from giamsat_rules.verdict import Occurrence, Subject
from giamsat_wire import limits
from giamsat_wire.clock import SECOND_NS, SystemClock
from giamsat_wire.record import Sample, SampleSet
from support import lasting
from support.clock import ManualClock
from support.enrolling import desk
from support.renewals import renew
from support.wrong_clock import ahead

OFF_S = 10
OFFSET = "giamsat_agent_clock_offset_seconds"
CRASHES = 2
"""After which an agent of these settings goes on with the least; at level 5 one start more is told."""


@pytest.mark.peer("faketime")
def test_an_agent_whose_clock_is_off_that_loses_a_log_and_crashes_again_and_again(here, shipped_rules, tmp_path):
    log = tmp_path / "root/var/log/auth.log"
    log.parent.mkdir(parents=True)
    log.touch()
    settings = f'[host]\nroot = "{tmp_path / "root"}"\n[restarts]\nsafe_after = {CRASHES}\n'
    agent, process = here.agent("host", level=5, settings=settings, within=ahead(OFF_S))
    here.reads(agent)

    def offset():
        found = re.search(rf"^{OFFSET} (\S+)$", here.page(agent), re.MULTILINE)
        return [Sample(OFFSET, float(found[1]))] if found else []

    def started():
        found = re.search(r"^process_start_time_seconds (\S+)$", here.page(agent), re.MULTILINE)
        return found and found[1]

    here.until(offset, 30, "its clock is compared")
    apart = offset()
    log.unlink()
    here.until(lambda: here.alerts(rule="log_source_lost", asset=agent), 30, "the loss is told")
    for _ in range(CRASHES):
        # What is told of a start is on its way before any figure of it.
        before = started()
        process.kill()
        process.wait()
        process = here.start_agent("host")
        here.until(lambda before=before: started() != before, 30, "it is back")
    for rule in ("agent_restarts_often", "agent_restricted"):
        here.until(lambda rule=rule: here.alerts(rule=rule, asset=agent), 30, f"{rule} is told")

    assert lasting.told(shipped_rules, "clock_off_by_collector", apart, apart)


def test_an_agent_that_finds_more_figures_than_may_be_sent(shipped_rules, tmp_path):
    clock, folder = SystemClock(), tmp_path / "root" / FOLDER
    folder.mkdir(parents=True)
    caps = Caps(urgent=1 << 20, event=1 << 20, metric=1 << 22, bulk=1 << 20)
    spool = Spool(
        lambda lane: DiskFiles(tmp_path / "spool" / lane),
        owner=Owner("a", "b"),
        clock=clock,
        random_bits=Random(1).getrandbits,
        caps=caps,
    )
    framer, sensor = Framer(spool), TextFiles(Host(clock=clock, root=tmp_path / "root"))

    def counted(files):
        for number in range(files):
            lines = (f"made_by_job_{number}_{series} 1\n" for series in range(SERIES))
            (folder / f"{number}.prom").write_text("".join(lines))
        framer.readings(SampleSet(clock.wall_ns(), clock.mono_ns(), tuple(sensor.read())))
        return list(framer.counted())

    few, many = counted(1), counted(limits.SERIES_PER_AGENT // SERIES + 1)

    assert lasting.told(shipped_rules, "agent_drops_readings", few, many)
    assert not lasting.told(shipped_rules, "agent_drops_readings", few, few)


async def test_an_agent_that_was_off_until_its_certificate_expired(shipped_rules, tmp_path):
    (tmp_path / "collector").mkdir()
    engine, past, away_ns = Engine(*shipped_rules), ManualClock(), 2 * int(AGENT_LIFE.total_seconds()) * SECOND_NS
    past.jump(SystemClock().wall_ns() - past.wall_ns() - away_ns)
    async with desk(tmp_path / "collector", past) as office:
        token = parse_token(await office.token())
        await asyncio.to_thread(enrol, office.address, token, tmp_path / "identity", hostname="máy-1")
        past.advance(away_ns)
        await renew(tmp_path / "identity", office)
        remarks = await office.remarked()
    said = [(one.wall_ns, {**one.fields, "event.action": one.kind}) for one in remarks]
    told = [engine.judge(Occurrence(Subject("host", 5), *one)) for one in said]

    assert [verdict.rule for verdicts in told for verdict in verdicts] == ["agent_certificate_recovered"]
