# SPDX-License-Identifier: Apache-2.0
import asyncio
import subprocess
import sys

from giamsat_agent import polling
from giamsat_agent.config import Config, Device, Polling, Sensors
from giamsat_wire.clock import SystemClock
from support.uplinks import until


class Told:
    """In place of giamsat_agent.devices.sender.Telling."""

    def __init__(self):
        self.events, self.sets, self.closed = [], [], False

    def happened(self, events):
        self.events += events

    def measured(self, samples, problems):
        self.sets.append(({sample.name: sample.value for sample in samples}, dict(problems)))

    def close(self):
        self.closed = True


async def test_devices_are_asked_and_all_is_told_each_period_until_it_is_stopped(tmp_path):
    (tmp_path / "community").write_text("public")
    device = Device(
        name="sw1", address="127.0.0.1:1", community_file=str(tmp_path / "community"), interval_s=5, timeout_s=0.2
    )
    polled = Polling(socket="/none", state=str(tmp_path))
    often = Sensors(period_s=0.05)  # what is read from a file may not be as often
    config, told, stopped = Config(device=(device,), polling=polled, sensors=often), Told(), asyncio.Event()
    task = asyncio.ensure_future(polling.ask(config, SystemClock(), told, stopped))
    await until(lambda: any("device sw1" in problems for _, problems in told.sets))
    stopped.set()
    await task

    assert told.sets[-1][0]["snmp_up"] == 0
    assert told.closed


def started(config):
    words = [sys.executable, "-m", "giamsat_agent.polling", *config]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr.strip()


def test_what_keeps_it_from_starting_is_one_message(tmp_path):
    nothing, socketless = tmp_path / "a.toml", tmp_path / "b.toml"
    nothing.write_text('[polling]\nsocket = "/run/x.sock"\n')
    socketless.write_text("")

    for config, words in ((nothing, "there is nothing to ask"), (socketless, "polling.socket is empty")):
        code, said = started([config])
        assert (code, said.count("\n"), words in said) == (1, 0, True)
