# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.readings import Readings
from giamsat_wire.record import Sample

GIB = 1 << 30
READER = Reader(Languages().named("en"), ZoneInfo("Asia/Ho_Chi_Minh"), 200_000 * 10**9)


def disk(place, free, size):
    labels = (("device", "/dev/x"), ("fstype", "ext4"), ("mountpoint", place))
    return [
        Sample("node_filesystem_avail_bytes", free * GIB, labels),
        Sample("node_filesystem_size_bytes", size * GIB, labels),
    ]


def facts(*samples):
    return {fact.name: (fact.value, fact.small) for fact in Readings.of(samples, READER).facts}


def test_a_host_without_fresh_samples_has_no_facts():
    assert Readings.of((), READER) == Readings((), ())


def test_memory_is_what_cannot_be_had_any_more():
    found = facts(Sample("node_memory_MemAvailable_bytes", 3 * GIB), Sample("node_memory_MemTotal_bytes", 4 * GIB))

    assert found == {"Memory used": ("25 %", "1.0 / 4.0 GiB")}


def test_the_disk_with_the_least_left_in_proportion_is_named():
    assert facts(*disk("/", 5, 10), *disk("/var", 2, 100), *disk("/none", 0, 0)) == {
        "Fullest disk: /var": ("98 %", "98.0 / 100.0 GiB")
    }


def test_load_stands_beside_the_processors_that_bear_it():
    processors = [Sample("node_cpu_seconds_total", 1.0, (("cpu", str(n)), ("mode", "idle"))) for n in (0, 1, 1)]

    assert facts(Sample("node_load1", 1.5), *processors) == {"Load, 1 minute": ("1.50", "2 processors")}


@pytest.mark.parametrize(
    ("synchronised", "said"), [(1, "off by -12.5 ms"), (0, "not synchronised")], ids=["synchronised", "free"]
)
def test_an_offset_counts_only_where_there_is_something_to_be_off_from(synchronised, said):
    offset = Sample("node_timex_offset_seconds", -0.0125)

    assert facts(offset, Sample("node_timex_sync_status", synchronised)) == {"Clock": (said, "")}


@pytest.mark.parametrize("booted", [0.0, -5.0, 200_001.0, float("nan"), float("inf")])
def test_a_boot_that_cannot_have_been_is_not_shown(booted):
    assert facts(Sample("node_boot_time_seconds", booted)) == {}


def test_a_host_is_up_since_its_boot():
    assert facts(Sample("node_boot_time_seconds", 20_000.0)) == {"Up for": ("2 days", "1970-01-01 13:33:20")}


@pytest.mark.parametrize("free", [5 * GIB, -1, float("nan")])
def test_more_free_than_there_is_or_less_than_none_is_no_figure(free):
    assert facts(Sample("node_memory_MemAvailable_bytes", free), Sample("node_memory_MemTotal_bytes", GIB)) == {}


def test_what_the_agent_could_not_read_is_named_and_made_harmless():
    gone = [Sample("node_scrape_collector_success", 0.0, (("collector", name),)) for name in ("x\x1b[2J", "systemd")]
    fine = Sample("node_scrape_collector_success", 1.0, (("collector", "cpu"),))

    blind = Readings.of((*gone, fine), READER).blind

    assert blind[0] == "systemd"
    assert "\x1b" not in blind[1]


def test_the_system_is_named_with_its_kernel():
    found = facts(
        Sample("node_os_info", 1.0, (("pretty_name", "Debian 12"),)),
        Sample("node_uname_info", 1.0, (("machine", "x86_64"), ("release", "6.1"), ("sysname", "Linux"))),
    )

    assert found == {"Operating system": ("Debian 12", "Linux 6.1 x86_64")}
