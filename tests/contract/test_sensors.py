# SPDX-License-Identifier: Apache-2.0
"""What every sensor of the agent promises, and what dashboards and alerts of others expect of all of them together."""

import math
import pkgutil
import re
import shutil
import subprocess
import time
from contextlib import suppress
from importlib import import_module

import pytest

from giamsat_agent import sensors
from giamsat_agent.sensor import Host, NothingToRead
from giamsat_agent.sensors import ALL, METRICS
from giamsat_wire.catalogue import metric
from giamsat_wire.clock import SystemClock
from giamsat_wire.exposition import render
from giamsat_wire.record import Sample
from support import fake_bus, peers
from support.fake_bus import METHOD_RETURN, message
from support.pretend_host import TREE, empty_host

NODE_EXPORTER_FULL_OPEN_ROWS = """
node_uname_info node_boot_time_seconds node_time_seconds node_load1 node_cpu_seconds_total
node_memory_MemTotal_bytes node_memory_MemFree_bytes node_memory_MemAvailable_bytes node_memory_Buffers_bytes
node_memory_Cached_bytes node_memory_SReclaimable_bytes node_memory_SwapTotal_bytes node_memory_SwapFree_bytes
node_filesystem_size_bytes node_filesystem_avail_bytes
node_network_receive_bytes_total node_network_transmit_bytes_total
node_pressure_cpu_waiting_seconds_total node_pressure_memory_waiting_seconds_total
node_pressure_io_waiting_seconds_total node_pressure_irq_stalled_seconds_total
"""
NODE_EXPORTER_FULL_NEXT_ROW = """
node_disk_read_bytes_total node_disk_written_bytes_total node_disk_reads_completed_total
node_disk_writes_completed_total node_disk_io_time_seconds_total node_filesystem_free_bytes node_network_speed_bytes
node_cpu_guest_seconds_total node_memory_SwapCached_bytes node_memory_Slab_bytes node_memory_PageTables_bytes
node_memory_HardwareCorrupted_bytes node_pressure_memory_stalled_seconds_total
node_pressure_io_stalled_seconds_total
"""
NODE_MIXIN_ALERTS = """
node_filesystem_avail_bytes node_filesystem_size_bytes node_filesystem_readonly
node_filesystem_files node_filesystem_files_free
node_network_receive_errs_total node_network_receive_packets_total
node_network_transmit_errs_total node_network_transmit_packets_total
node_nf_conntrack_entries node_nf_conntrack_entries_limit node_timex_offset_seconds node_timex_sync_status
node_timex_maxerror_seconds node_filefd_allocated node_filefd_maximum node_cpu_seconds_total node_load1
node_memory_MemAvailable_bytes node_memory_MemTotal_bytes node_vmstat_pgmajfault
node_disk_io_time_weighted_seconds_total node_systemd_unit_state node_textfile_scrape_error
"""
"""Without node_md_* and node_bonding_*, which need such a device."""
WHOLE_READING_S = 0.010
CAMEL_CASE = re.compile(r"node_(memory|netstat)_\S+ metric names should be written in 'snake_case' not 'camelCase'")
"""What promtool says of node_exporter's own names."""


def manager(call, serial):
    listed = fake_bus.units(("ssh.service", "loaded", "active", "/u/ssh"))
    return message(
        METHOD_RETURN, reply_to=serial, body=listed if call.member == "ListUnits" else fake_bus.variant("running 252")
    )


@pytest.fixture
def host(tmp_path):
    """The pretend host with a systemd that answers."""
    shutil.copytree(TREE / "root", tmp_path / "root")
    for folder in ("systemd/system", "dbus"):
        (tmp_path / "root/run" / folder).mkdir(parents=True)
    with fake_bus.bus(tmp_path / "root/run/dbus/system_bus_socket", manager):
        yield Host(clock=SystemClock(), proc=TREE / "proc", sys=TREE / "sys", root=tmp_path / "root")


@pytest.fixture
def read():
    """A function that reads sensors once each and closes what they hold."""
    built = []

    def read(specs, host):
        built.extend(spec.build(host) for spec in specs)
        return [sample for sensor in built for sample in sensor.read() if isinstance(sample, Sample)]

    yield read
    for bus in (getattr(sensor, "_bus", None) for sensor in built):
        if bus:
            bus.close()


each_metric_sensor = pytest.mark.parametrize("spec", METRICS, ids=lambda spec: spec.name)


def test_the_folder_and_the_list_agree():
    folder = (import_module(f"{sensors.__name__}.{found.name}") for found in pkgutil.iter_modules(sensors.__path__))

    assert {module.SPEC for module in folder if hasattr(module, "SPEC")} == set(ALL)


def test_no_two_sensors_share_a_name():
    assert len({spec.name for spec in ALL}) == len(ALL)


@each_metric_sensor
def test_an_empty_host_is_survived(spec, tmp_path):
    samples, reason = [], "read without a file"
    try:
        samples.extend(spec.build(empty_host(tmp_path)).read())
    except NothingToRead as nothing:
        reason = str(nothing)

    assert re.search("provided by|provides|allowed|without a file", reason)
    assert all(sample.name.startswith(("process_", "node_time", "node_textfile_")) for sample in samples)


@each_metric_sensor
def test_only_what_the_catalogue_knows_is_reported_under_the_labels_it_names(spec, host, read):
    for sample in read([spec], host):
        kind = metric(sample.name)

        assert kind.help, f"{sample.name} is not in metrics.csv"
        assert tuple(name for name, _ in sample.labels) == kind.labels
        assert math.isfinite(sample.value)


@each_metric_sensor
def test_this_very_host_is_read_without_a_fault(spec, read):
    samples = []
    with suppress(NothingToRead):
        samples = read([spec], Host(clock=SystemClock()))

    assert {sample.name for sample in samples if not metric(sample.name).help} == set()


def test_no_series_comes_twice_in_one_reading(host, read):
    samples = read(METRICS, host)

    assert len({(sample.name, sample.labels) for sample in samples}) == len(samples)


@pytest.mark.parametrize(
    "names",
    [NODE_EXPORTER_FULL_OPEN_ROWS, NODE_EXPORTER_FULL_NEXT_ROW, NODE_MIXIN_ALERTS],
    ids=["open rows of Node Exporter Full", "its next row", "alerts of the node mixin"],
)
def test_dashboards_and_alerts_of_others_find_their_names(names, host, read):
    reported = {sample.name for sample in read(METRICS, host)}

    assert set(names.split()) - reported == set()


def test_a_whole_reading_is_cheap(host):
    built = [spec.build(host) for spec in METRICS if spec.name != "systemd"]
    costs = []
    for _ in range(10):
        before = time.thread_time()
        for sensor in built:
            list(sensor.read())
        costs.append(time.thread_time() - before)

    assert min(costs) < WHOLE_READING_S


@pytest.mark.peer("promtool")
def test_promtool_finds_no_fault_but_node_exporters_own_names(host, read):
    page = render(read(METRICS, host))

    said = subprocess.run(
        [peers.program("promtool"), "check", "metrics"], input=page, text=True, capture_output=True, check=False
    )

    complaints = [line for line in (said.stdout + said.stderr).splitlines() if not CAMEL_CASE.fullmatch(line)]
    assert complaints == []
    assert page.count("\n") > 300
