# SPDX-License-Identifier: Apache-2.0
"""Rules about the figures of a host fire from the running kernel: dead processes, real file systems, its clock."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from giamsat_agent import kernel_clock
from giamsat_agent.sensor import Host
from giamsat_agent.sensors import timex
from giamsat_agent.sensors.filesystem import FileSystems
from giamsat_agent.sensors.processes import Processes
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Subject
from giamsat_wire.clock import SystemClock
from giamsat_wire.record import Sample, SampleSet
from support.lab import lab
from support.peers import program
from support.site import BIN
from support.stick import stick

MINUTE_NS = 60_000_000_000
DEAD = 60
SERVER, CLIENT, NOBODY = "192.0.2.10", "192.0.2.66", "192.0.2.99"
FORKS = f"""
import os, sys
print(flush=True)
sys.stdin.readline()
for _ in range({DEAD}):
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def rules():
    return load_rules(shipped().detections)


@pytest.fixture
def raised(rules):
    """A function that gives what a rule tells at level 5 of two readings, the second of which stays for an hour."""

    def raised(rule, first, then):
        engine, told = Engine(rules.alone(rule), load_pack(shipped().pack)), []
        for minute in range(61):
            at_ns = minute * MINUTE_NS
            readings = SampleSet(at_ns, at_ns, tuple(then if minute else first))
            told += engine.judge_samples(Subject("host", 5), readings)
        return [dict(verdict.group) for verdict in told if verdict.change == "raised"]

    return raised


@contextlib.contextmanager
def mounted(folder, *how):
    """A file system of its own on a loop device, with hardly any room for names."""
    image, at = folder / "image", folder / "disk"
    at.mkdir()
    with image.open("wb") as file:
        os.truncate(file.fileno(), 8 << 20)
    subprocess.run(["mkfs.ext4", "-q", *how, image], check=True, capture_output=True)
    subprocess.run(["mount", "-o", "loop", image, at], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", at], check=True)


def of(readings, at):
    return [one for one in readings if dict(one.labels).get("mountpoint") == str(at)]


@pytest.mark.root
@pytest.mark.namespaces
def test_processes_that_are_dead_and_never_waited_for(raised):
    # Among processes of its own: what other tests leave dead may wait for the first process of the machine.
    words = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", sys.executable, "-S", "-c", FORKS]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as parent:
        parent.stdout.readline()
        sensor = Processes(Host(clock=SystemClock(), proc=Path(f"/proc/{parent.pid}/root/proc")))
        before = list(sensor.read())
        parent.stdin.write(b"\n")
        parent.stdout.readline()
        pile = list(sensor.read())

    assert raised("defunct_processes_pile_up", before, pile)
    assert not raised("defunct_processes_pile_up", before, before)


@pytest.mark.root
def test_a_disk_that_has_no_names_left_and_one_that_became_read_only(raised, tmp_path):
    with mounted(tmp_path, "-N", "16") as disk:
        sensor = FileSystems(Host(clock=SystemClock()))
        well = of(sensor.read(), disk)
        with contextlib.suppress(OSError):
            for number in range(64):
                (disk / str(number)).touch()
        full = of(sensor.read(), disk)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        frozen = of(sensor.read(), disk)

    where = {"mountpoint": str(disk)}
    assert [where.items() <= group.items() for group in raised("inodes_nearly_used", well, full)] == [True]
    assert [where.items() <= group.items() for group in raised("file_system_became_read_only", full, frozen)] == [True]
    assert not raised("inodes_nearly_used", well, well)
    assert not raised("file_system_became_read_only", well, full)


@pytest.mark.root
@pytest.mark.peer("mkfs.exfat", "mount.exfat-fuse", "losetup")
def test_a_disk_whose_driver_died(raised, tmp_path):
    with stick(tmp_path) as disk:
        sensor = FileSystems(Host(clock=SystemClock()))
        well = of(sensor.read(), disk)
        (driver,) = [one for one in psutil.process_iter(["cmdline"]) if str(disk) in (one.info["cmdline"] or ())]
        driver.kill()
        psutil.wait_procs([driver], timeout=60)
        dead = of(sensor.read(), disk)

    assert raised("file_system_unreadable", well, dead)
    assert not raised("file_system_unreadable", well, well)


def read(pair):
    """What the agent reads on a host of the cable."""
    words = [BIN / "giamsat-agent", "host", "read", "--json"]
    said = pair.run(pair.here, *words, capture_output=True).stdout
    found = map(json.loads, said.splitlines())
    return tuple(Sample(one["name"], one["value"], tuple(one["labels"].items())) for one in found)


def flood(pair):
    """More connections than a server takes, and more that are only begun; the cable is pulled for a moment."""
    with pair.inside(pair.there), contextlib.ExitStack() as stack:
        for _ in range(200):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)  # noqa: FBT003 - the standard library's signature
            client.connect_ex((SERVER, 99))
    begun = [program("hping3"), "-q", "-S", "-a", NOBODY, "-p", "98", "-i", "u100", "-c", "1500", SERVER]
    subprocess.run([*pair.within(pair.there), *begun], capture_output=True, check=False)
    for state in ("down", "up"):
        pair.run(pair.there, "ip", "link", "set", pair.other, state)


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("ip", "hping3")
def test_a_host_that_turns_connections_away_is_flooded_and_loses_its_cable(rules):
    engine, told = Engine(rules, load_pack(shipped().pack)), []
    with lab() as pair, pair.inside():
        for host, device, address in ((pair.here, pair.watched, SERVER), (pair.there, pair.other, CLIENT)):
            pair.run(host, "ip", "address", "add", f"{address}/24", "dev", device)
        with socket.create_server(("0.0.0.0", 99), backlog=1), socket.create_server(("0.0.0.0", 98), backlog=16):
            for minute in range(4):
                samples = SampleSet(minute * MINUTE_NS, minute * MINUTE_NS, read(pair))
                told += engine.judge_samples(Subject("host", 5), samples)
                flood(pair)

    raised = {verdict.rule for verdict in told if verdict.change == "raised"}
    assert {"connections_turned_away", "network_link_lost", "syn_flood_answered"} <= raised


def test_a_clock_that_nothing_disciplines_and_one_that_is_off(raised):
    now, _ = kernel_clock.read()
    now.offset, now.status = 0, now.status & ~timex.STA_NANO
    well, loose = (list(timex.samples(now, state)) for state in (0, timex.TIME_ERROR))
    now.offset = -3_000_000
    off = list(timex.samples(now, 0))

    assert raised("clock_unsynchronised", well, loose)
    assert raised("clock_offset", well, off)
    assert not raised("clock_unsynchronised", well, well)
    assert not raised("clock_offset", well, well)
