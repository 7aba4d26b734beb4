# SPDX-License-Identifier: Apache-2.0
"""Our reading of this very host beside a real node_exporter's: names, labels, types and values."""

import re
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

import pytest

from giamsat_agent.sensor import Host, NothingToRead
from giamsat_agent.sensors import METRICS
from giamsat_wire.clock import SystemClock
from giamsat_wire.exposition import render
from support import peers
from support.ports import free_ports

pytestmark = pytest.mark.peer("prometheus-node-exporter")

COLLECTORS = """
conntrack cpu diskstats filefd filesystem loadavg meminfo netclass netdev netstat os pressure processes sockstat stat
time timex uname vmstat
"""
NOT_OURS = {
    "node_disk_ata_rotation_rate_rpm": "a property that never changes",
    "node_disk_ata_write_cache": "a property that never changes",
    "node_disk_ata_write_cache_enabled": "a property that never changes",
    "node_disk_device_mapper_info": "a property that never changes",
    "node_disk_filesystem_info": "a property that never changes",
    "node_exporter_build_info": "its own",
    "node_filesystem_mount_info": "a property that never changes",
    "node_filesystem_purgeable_bytes": "newer than the dashboard",
    "node_network_receive_nohandler_total": "only netlink tells it",
    "node_processes_threads_state": "a look at every thread of the host",
    "node_scrape_collector_duration_seconds": "comes from our schedule",
    "node_scrape_collector_success": "comes from our schedule",
    "node_timex_offset_overflow_total": "newer than the dashboard",
}
"""Names of these collectors that we leave out, and why."""
LABELS_OF_LATER_VERSIONS = {
    "node_disk_info": {"rotational"},
    "node_network_info": {"adminstate"},
    "node_os_info": {"release_type", "support_end"},
    "node_filesystem_avail_bytes": {"device_error"},
    "node_filesystem_device_error": {"device_error"},
    "node_filesystem_files": {"device_error"},
    "node_filesystem_files_free": {"device_error"},
    "node_filesystem_free_bytes": {"device_error"},
    "node_filesystem_readonly": {"device_error"},
    "node_filesystem_size_bytes": {"device_error"},
}
STANDING = """
node_boot_time_seconds node_disk_info node_filefd_maximum node_filesystem_files node_filesystem_readonly
node_filesystem_size_bytes node_memory_MemTotal_bytes node_memory_HugePages_Total node_memory_Hugepagesize_bytes
node_memory_SwapTotal_bytes node_network_address_assign_type node_network_flags node_network_iface_id
node_network_iface_link node_network_info node_network_mtu_bytes node_network_protocol_type node_network_speed_bytes
node_network_transmit_queue_length node_network_up node_nf_conntrack_entries_limit node_os_info node_os_version
node_processes_max_processes node_processes_max_threads node_time_clocksource_available_info
node_time_clocksource_current_info node_timex_status node_timex_sync_status
node_timex_tick_seconds node_uname_info
"""
"""Metrics that do not change from one moment to the next, so that both must tell the same."""
SERIES = re.compile(r"(?P<name>\w+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Page:
    types: dict
    series: dict

    def names(self):
        return {name for name in self.types if name.startswith("node_")}

    def label_names(self, name):
        return {frozenset(label for label, _ in labels) for of, labels in self.series if of == name}


def parse(text):
    types = dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE"))
    found = (SERIES.fullmatch(line) for line in text.splitlines() if not line.startswith("#"))
    return Page(types, {(m["name"], tuple(sorted(LABEL.findall(m["labels"] or "")))): float(m["value"]) for m in found})


def fetch(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        return parse(answer.read().decode())


def ours():
    host = Host(clock=SystemClock())
    samples = []
    for spec in METRICS:
        try:
            samples.extend(spec.build(host).read())
        except NothingToRead:
            continue
    return parse(render(samples))


@pytest.fixture(scope="module")
def pages():
    """A page of theirs, one of ours and one more of theirs, taken in this order."""
    (port,) = free_ports(1)
    command = [
        peers.program("prometheus-node-exporter"),
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.disable-exporter-metrics",
        "--collector.disable-defaults",
        # Later versions leave out memory disks by default, as we do; Debian's leaves out lo by itself.
        r"--collector.diskstats.device-exclude=^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$",
        "--collector.netdev.device-exclude=^$",
        "--collector.netclass.ignore-invalid-speed",
        *(f"--collector.{name}" for name in COLLECTORS.split()),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as exporter:
        try:
            before = _first_page(port)
            yield before, ours(), fetch(port)
        finally:
            exporter.terminate()


def _first_page(port):
    until = time.monotonic() + 60
    while True:
        try:
            return fetch(port)
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_what_it_reports_of_this_host_we_report(pages):
    theirs, mine, _ = pages
    print("only theirs:", *sorted(theirs.names() - mine.names()))  # noqa: T201 - shown by pytest -rP
    print("only ours:  ", *sorted(mine.names() - theirs.names()))  # noqa: T201 - shown by pytest -rP

    assert theirs.names() - mine.names() - set(NOT_OURS) == set()


def test_a_name_we_leave_out_is_one_we_do_not_have(pages):
    assert pages[1].names() & set(NOT_OURS) == set()


def test_both_give_a_metric_the_same_type(pages):
    theirs, mine, _ = pages
    both = theirs.names() & mine.names()

    assert {name: mine.types[name] for name in both} == {name: theirs.types[name] for name in both}


def test_both_give_a_metric_the_same_labels(pages):
    theirs, mine, _ = pages
    for name in theirs.names() & mine.names():
        later = LABELS_OF_LATER_VERSIONS.get(name, set())

        assert {labels - later for labels in theirs.label_names(name)} == mine.label_names(name), name


def test_what_stands_still_is_told_alike(pages):
    theirs, mine, after = pages
    # What other tests bring and take away meanwhile does not stand still.
    both = (
        key for key, value in theirs.series.items() if after.series.get(key) == value and key[0] in STANDING.split()
    )
    standing = _without_later_labels({key: theirs.series[key] for key in both})

    assert {key: mine.series.get(key) for key in standing} == standing


def _without_later_labels(series):
    return {
        (name, tuple(pair for pair in labels if pair[0] not in LABELS_OF_LATER_VERSIONS.get(name, ()))): value
        for (name, labels), value in series.items()
    }


def test_every_counter_of_ours_lies_between_two_of_theirs(pages):
    before, mine, after = pages
    counters = {name for name, kind in before.types.items() if kind == "counter"}
    both = [
        key
        for key in before.series
        # The time a processor waited for a disk may go back (proc(5), /proc/stat).
        if key[0] in counters and key in after.series and key in mine.series and ("mode", "iowait") not in key[1]
    ]

    out_of_step = {
        key: (before.series[key], mine.series[key], after.series[key])
        for key in both
        if not before.series[key] - 1e-6 <= mine.series[key] <= after.series[key] + 1e-6
    }
    assert out_of_step == {}
    assert len(both) > 50
