# SPDX-License-Identifier: Apache-2.0
"""Rules about the figures of a host fire from what its sensors read in /proc and /sys, as the kernel writes it."""

import re
import shutil

import pytest

from giamsat_agent.sensor import Host
from giamsat_agent.sensors import METRICS
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Subject
from giamsat_wire.record import Sample, SampleSet
from support.clock import ManualClock
from support.pretend_host import TREE

MINUTE_NS = 60_000_000_000
READINGS = 45
SENSORS = {
    *("conntrack", "filefd", "meminfo", "netclass", "netdev", "netstat", "pressure", "processes"),
    *("stat", "textfile"),
}


def line(name, number, text):
    """The text with another number behind a name."""
    changed, count = re.subn(rf"(?m)^({re.escape(name)}\s*:?\s*)\d+", rf"\g<1>{number}", text)
    assert count == 1, name
    return changed


def column(row, at, number, text):
    """The text with another number in a column of the row that begins so."""
    words = next(each for each in text.splitlines() if each.split()[:1] == [row]).split()
    changed = [*words[:at], str(number), *words[at + 1 :]]
    return re.sub(rf"(?m)^\s*{re.escape(row)}\s.*$", " ".join(changed), text)


def counter(name, number, text):
    """The text of netstat with another number under a name of TcpExt."""
    names, values = (each.split() for each in text.splitlines() if each.startswith("TcpExt:"))
    values[names.index(name)] = str(number)
    rest = [each for each in text.splitlines() if not each.startswith("TcpExt:")]
    return "\n".join([*rest, " ".join(names), " ".join(values), ""])


def stalled(kind, share):
    """How the total of a line of pressure grows when so much of the time somebody waits."""
    return lambda minute, text: re.sub(rf"(?m)^({kind} .*total=)\d+", rf"\g<1>{int(minute * 60e6 * share)}", text)


STORIES = {
    "conntrack_nearly_full": ("proc/sys/net/netfilter/nf_conntrack_count", lambda _, text: "65000\n"),
    "connection_table_drops": (
        "proc/net/stat/nf_conntrack",
        lambda minute, text: re.sub(r"(?m)^((?:\w{8}\s+){10})\w{8}", rf"\g<1>{minute * 100:08x}", text),
    ),
    "connections_turned_away": (
        "proc/net/netstat",
        lambda minute, text: counter("ListenOverflows", minute * 600, text),
    ),
    "cpu_starved": ("proc/pressure/cpu", stalled("some", 0.95)),
    "disk_starved": ("proc/pressure/io", stalled("full", 0.9)),
    "file_descriptors_nearly_used": ("proc/sys/fs/file-nr", lambda _, text: "800000\t0\t805264\n"),
    "memory_pressure": ("proc/meminfo", lambda _, text: line("MemAvailable", 1000, text)),
    "memory_starved": ("proc/pressure/memory", stalled("full", 0.5)),
    "network_link_lost": ("sys/class/net/enp1s0/carrier_down_count", lambda minute, text: f"{minute}\n"),
    "network_receive_errors": ("proc/net/dev", lambda minute, text: column("enp1s0:", 3, minute * 600, text)),
    "network_transmit_errors": ("proc/net/dev", lambda minute, text: column("enp1s0:", 11, minute * 600, text)),
    "process_numbers_nearly_used": ("proc/sys/kernel/pid_max", lambda _, text: "5\n"),
    "programs_wait_for_disk": ("proc/stat", lambda _, text: line("procs_blocked", 64, text)),
    "swap_nearly_used": ("proc/meminfo", lambda _, text: line("SwapFree", 1, text)),
    "syn_flood_answered": ("proc/net/netstat", lambda minute, text: counter("SyncookiesSent", minute * 6000, text)),
    "textfile_unreadable": ("root/var/lib/prometheus/node-exporter/backup.prom", lambda _, text: "no figure\n"),
}


@pytest.fixture(scope="module")
def rules():
    return load_rules(shipped().detections)


@pytest.fixture
def fires(rules, tmp_path):
    """A function that tells whether a rule fires at level 5 while a file of the host changes minute by minute."""
    shutil.copytree(TREE, tmp_path / "host")
    root, clock = tmp_path / "host", ManualClock()
    host = Host(clock=clock, proc=root / "proc", sys=root / "sys", root=root / "root")
    sensors = [spec.build(host) for spec in METRICS if spec.name in SENSORS]
    assert len(sensors) == len(SENSORS)

    def fires(rule, name, changed):
        engine, subject = Engine(rules.alone(rule), load_pack(shipped().pack)), Subject("host", 5)
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text() if file.exists() else ""
        for minute in range(1, READINGS):
            file.write_text(changed(minute, before))
            clock.advance(MINUTE_NS)
            samples = tuple(one for sensor in sensors for one in sensor.read() if isinstance(one, Sample))
            verdicts = engine.judge_samples(subject, SampleSet(clock.wall_ns(), clock.mono_ns(), samples))
            if any(verdict.rule == rule for verdict in verdicts):
                return True
        return False

    return fires


@pytest.mark.parametrize("rule", STORIES)
def test_a_rule_fires_from_the_file_it_is_about(fires, rule):
    assert fires(rule, *STORIES[rule])


@pytest.mark.parametrize("rule", [rule for rule in STORIES if rule != "textfile_unreadable"])
def test_it_is_silent_while_the_file_stays_as_it_is(fires, rule):
    name, _ = STORIES[rule]

    assert not fires(rule, name, lambda _, text: text)
