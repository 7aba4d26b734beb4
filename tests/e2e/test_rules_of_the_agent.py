# SPDX-License-Identifier: Apache-2.0
"""Rules about the agent itself fire from what agents do: one finds too much to tell."""

from random import Random

from giamsat_agent.framing import Framer
from giamsat_agent.sensor import Host
from giamsat_agent.sensors.textfile import FOLDER, SERIES, TextFiles
from giamsat_agent.spool.files import DiskFiles
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_wire import limits
from giamsat_wire.clock import SystemClock
from giamsat_wire.record import SampleSet
from support import lasting


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
