# SPDX-License-Identifier: Apache-2.0
"""Rules about what a host runs out of fire from the running kernel, and from a file that is cut off."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from giamsat_agent.sensor import Host
from giamsat_agent.sensors.filefd import FileDescriptors
from giamsat_agent.sensors.processes import Processes
from giamsat_agent.sensors.textfile import TextFiles
from giamsat_wire.clock import SystemClock
from giamsat_wire.record import Sample
from support import lasting
from support.site import BIN

CLOCK = SystemClock()
HERE = Host(clock=CLOCK)
MOST_FILES = Path("/proc/sys/fs/file-max")
KERNEL = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
MULTIPLIES = f"""
echo 301 > /proc/sys/kernel/pid_max
for number in $(seq 200); do sleep 600 & done
exec {BIN}/giamsat-agent host read --json
"""


@pytest.fixture
def raised(shipped_rules):
    """A function that gives what a rule tells at level 5 of two readings, when it goes on so for an hour."""

    def raised(rule, first, then, seconds=lasting.MINUTE_S):
        return lasting.told(shipped_rules, rule, first, then, seconds)

    return raised


@pytest.mark.root
@pytest.mark.namespaces
def test_a_host_that_is_nearly_out_of_process_numbers(raised):
    if KERNEL < (6, 14):
        pytest.skip("before Linux 6.14 a container had no process numbers of its own")
    words = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c", MULTIPLIES]
    said = subprocess.run(words, check=True, capture_output=True).stdout
    full = [Sample(one["name"], one["value"]) for one in map(json.loads, said.splitlines()) if not one["labels"]]
    well = list(Processes(HERE).read())

    assert raised("process_numbers_nearly_used", well, full)
    assert not raised("process_numbers_nearly_used", well, well)


@pytest.mark.root
def test_a_host_that_is_nearly_out_of_open_files(raised):
    sensor, before = FileDescriptors(HERE), MOST_FILES.read_text()
    well = list(sensor.read())
    opened = next(one.value for one in well if one.name == "node_filefd_allocated")
    try:
        # Hundreds are left to everybody, and for no longer than a reading takes.
        MOST_FILES.write_text(f"{opened / 0.8:.0f}")
        full = list(sensor.read())
    finally:
        MOST_FILES.write_text(before)

    assert raised("file_descriptors_nearly_used", well, full)
    assert not raised("file_descriptors_nearly_used", well, well)


def test_a_file_of_figures_that_is_cut_off(raised, tmp_path):
    file = tmp_path / "var/lib/prometheus/node-exporter/backup.prom"
    file.parent.mkdir(parents=True)
    file.write_text("backup_size_bytes 7\n")
    sensor = TextFiles(Host(clock=CLOCK, root=tmp_path))
    whole = list(sensor.read())
    file.write_text("backup_size_by")
    cut = list(sensor.read())

    assert raised("textfile_unreadable", whole, cut)
    assert not raised("textfile_unreadable", whole, whole)
