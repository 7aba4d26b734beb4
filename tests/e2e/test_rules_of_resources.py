# SPDX-License-Identifier: Apache-2.0
"""Rules about what a host runs out of fire from the running kernel: processors, disks, memory, numbers, connections."""

import json
import mmap
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from giamsat_agent.sensor import Host
from giamsat_agent.sensors.conntrack import ConnectionTracking
from giamsat_agent.sensors.filefd import FileDescriptors
from giamsat_agent.sensors.kernel_stat import Stat
from giamsat_agent.sensors.meminfo import MemoryInfo
from giamsat_agent.sensors.netdev import NetworkDevices
from giamsat_agent.sensors.pressure import Pressure
from giamsat_agent.sensors.processes import Processes
from giamsat_agent.sensors.textfile import TextFiles
from giamsat_wire.clock import SystemClock
from giamsat_wire.record import Sample
from support import lasting
from support.capture import IP, UDP, Ether
from support.control_group import control_group
from support.kernel_setting import kernel_setting
from support.lab import lab
from support.peers import program
from support.site import BIN
from support.stick import attached, stick
from support.until import holds

CLOCK = SystemClock()
HERE = Host(clock=CLOCK)
PYTHON = (sys.executable, "-S", "-c")
MOST_FILES = "fs/file-max"
MOST_CONNECTIONS = "net/netfilter/nf_conntrack_max"
KERNEL = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
PAGE_OUT = 21
"""MADV_PAGEOUT (madvise(2), since Linux 5.4)."""
WAITERS = 16
BUSY = (
    "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nfor _ in range(2): os.fork()\nwhile True: pass"
)
WAITS = """
import mmap, os, sys
disk = os.open(sys.argv[1], os.O_RDONLY)
page = mmap.mmap(disk, mmap.PAGESIZE, prot=mmap.PROT_READ)
os.posix_fadvise(disk, 0, 0, os.POSIX_FADV_DONTNEED)
print(flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    if os.fork() == 0:
        page[0]  # the kernel fetches it; to read it a driver may be asked first how large the file is
        os._exit(0)
sys.stdin.readline()
"""
THRASHES = """
import random
memory = bytearray(16 << 20)
print(flush=True)
while True:
    memory[random.randrange(len(memory))] = 1
"""
MULTIPLIES = f"""
echo 301 > /proc/sys/kernel/pid_max
for number in $(seq 200); do sleep 600 & done
exec {BIN}/giamsat-agent host read --json
"""
SERVER, CLIENT = "192.0.2.10", "192.0.2.66"
TUNNEL = {"device": "gs-tunnel"}
HARMED = 300
SHORT = bytes.fromhex("0800000000000700 020000000001 020000000002 0800 45")
"""What is left of a packet in a tunnel: the tunnel's own header, that of the frame, and no more."""
TABLE = 2_048
"""Connections that are made at once, which no machine that runs tests has of its own."""


@pytest.fixture
def raised(shipped_rules):
    """A function that gives what a rule tells at level 5 of two readings, when it goes on so for an hour."""

    def raised(rule, first, then, seconds=lasting.MINUTE_S):
        return lasting.told(shipped_rules, rule, first, then, seconds)

    return raised


@pytest.fixture
def starved(raised):
    """A function that waits until what the programs of a group are kept from makes a rule tell."""

    def starved(rule, group):
        sensor, clock = Pressure(Host(clock=CLOCK, proc=group.proc)), time.monotonic
        before, at = list(sensor.read()), clock()

        def told():
            nonlocal before, at
            time.sleep(0.3)
            now, then = list(sensor.read()), clock()
            found = raised(rule, before, now, then - at)
            before, at = now, then
            return found

        holds(told, 60, f"{rule} is told")

    return starved


@pytest.fixture
def group(tmp_path):
    if not Path("/proc/pressure/cpu").exists():
        pytest.skip("this kernel does not measure pressure")
    with control_group(tmp_path, mib=8) as group:
        yield group


@pytest.mark.root
def test_programs_that_wait_for_the_processor(group, starved):
    with group.running(*PYTHON, BUSY):
        starved("cpu_starved", group)


@pytest.mark.root
@pytest.mark.peer("mkfs.exfat", "mount.exfat-fuse", "losetup")
def test_programs_that_stand_still_for_a_disk_that_does_not_answer(group, starved, raised, tmp_path):
    sensor = Stat(HERE)
    with stick(tmp_path) as disk:
        (disk / "file").write_bytes(bytes(1 << 20))
        subprocess.run(["sync", "--file-system", disk], check=True)
        (driver,) = [one for one in psutil.process_iter(["cmdline"]) if str(disk) in (one.info["cmdline"] or ())]
        with group.running(*PYTHON, WAITS, disk / "file", WAITERS) as process:
            process.stdout.readline()
            before = list(sensor.read())
            driver.suspend()
            try:
                process.stdin.write(b"\n")
                holds(lambda: raised("programs_wait_for_disk", before, list(sensor.read())), 60, "they wait")
                starved("disk_starved", group)
            finally:
                driver.resume()

    assert not raised("programs_wait_for_disk", before, before)


@pytest.mark.root
@pytest.mark.peer("losetup")
def test_memory_that_is_taken_away_again_and_again_and_swap_that_is_used_up(group, starved, raised, tmp_path):
    if len(Path("/proc/swaps").read_text().splitlines()) > 1:
        pytest.skip("the swap of this machine is its own")
    image = tmp_path / "swap"
    image.write_bytes(bytes(24 << 20))
    sensor = MemoryInfo(HERE)
    with attached(image) as disk:
        subprocess.run(["mkswap", "--quiet", disk], check=True)
        subprocess.run(["swapon", disk], check=True)
        try:
            empty = list(sensor.read())
            # On a busy machine it would wait for a processor in place of its memory.
            with group.running("nice", "-n", "-20", *PYTHON, THRASHES) as process:
                process.stdout.readline()
                starved("memory_starved", group)
            with mmap.mmap(-1, 32 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as idle:
                idle.write(bytes([1]) * len(idle))
                idle.madvise(PAGE_OUT)
                full = list(sensor.read())
        finally:
            subprocess.run(["swapoff", disk], check=True)

    assert raised("swap_nearly_used", empty, full)
    assert not raised("swap_nearly_used", empty, empty)


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
    sensor = FileDescriptors(HERE)
    well = list(sensor.read())

    def full():
        opened = next(one.value for one in sensor.read() if one.name == "node_filefd_allocated")
        # Hundreds are left to everybody, and for no longer than a reading takes.
        with kernel_setting(MOST_FILES, round(opened / 0.8)):
            return list(sensor.read())

    # What others close between those two readings is room.
    holds(lambda: raised("file_descriptors_nearly_used", well, full()), 20, "they are nearly used")
    assert not raised("file_descriptors_nearly_used", well, well)


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("ip", "iptables")
def test_a_table_of_connections_that_is_full(raised):
    sensor = ConnectionTracking(HERE)
    with lab() as pair:
        tracks = ("-A", "INPUT", "-m", "conntrack", "--ctstate", "NEW", "-j", "ACCEPT")
        pair.run(pair.here, program("iptables"), "-w", *tracks)
        mac = pair.run(pair.here, "cat", f"/sys/class/net/{pair.watched}/address", capture_output=True).stdout
        packet = IP(src=pair.there_address, dst=pair.address) / UDP(sport=0, chksum=0)
        frame = bytes(Ether(dst=mac.decode().strip()) / packet)
        frames = [frame[:34] + port.to_bytes(2, "big") + frame[36:] for port in range(1, TABLE + 200)]
        with pair.inside():
            empty = list(sensor.read())
        # The table is each host's own, how much it may hold is not.
        with kernel_setting(MOST_CONNECTIONS, TABLE):
            for number in range(0, len(frames), 100):
                pair.send(frames[number : number + 100])
            with pair.inside():
                holds(lambda: raised("connection_table_drops", empty, list(sensor.read())), 20, "some are dropped")
                full = list(sensor.read())

    assert raised("conntrack_nearly_full", empty, full)
    assert not raised("conntrack_nearly_full", empty, empty)


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("ip")
def test_a_cable_that_harms_what_it_carries(raised):
    sensor = NetworkDevices(HERE)
    with lab() as pair, pair.inside():
        tunnel = ("ip", "link", "add", "gs-tunnel", "type", "vxlan", "id", "7", "dstport", "4789")
        pair.run(pair.here, *tunnel, "local", SERVER, "remote", "203.0.113.9")
        pair.run(pair.here, "ip", "address", "add", f"{SERVER}/24", "dev", pair.watched)
        pair.run(pair.there, "ip", "address", "add", f"{CLIENT}/24", "dev", pair.other)
        pair.run(pair.here, "ip", "link", "set", "gs-tunnel", "up")
        pair.run(pair.here, "ip", "address", "add", "198.51.100.1/24", "dev", "gs-tunnel")
        pair.run(pair.here, "ip", "neighbour", "add", "198.51.100.2", "lladdr", "02:00:00:00:00:03", "dev", "gs-tunnel")
        well = list(sensor.read())
        with pair.inside(pair.there), socket.socket(type=socket.SOCK_DGRAM) as other:
            for _ in range(HARMED):
                other.sendto(SHORT, (SERVER, 4789))
        with socket.socket(type=socket.SOCK_DGRAM) as one:
            for _ in range(HARMED):
                one.sendto(b"x", ("198.51.100.2", 9))
        for rule in ("network_receive_errors", "network_transmit_errors"):
            holds(lambda rule=rule: TUNNEL in raised(rule, well, list(sensor.read())), 20, f"{rule} is told")
            assert not raised(rule, well, well)


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
