# SPDX-License-Identifier: Apache-2.0
import csv
from importlib import resources

import pytest

from giamsat_wire.catalogue import MetricType, events, lane_of, metric
from giamsat_wire.lane import Lane

# The values ECS allows for these two fields.
CATEGORIES = {
    "api", "authentication", "configuration", "database", "driver", "email", "file", "host", "iam",
    "intrusion_detection", "library", "malware", "network", "package", "process", "registry", "session", "threat",
    "vulnerability", "web",
}  # fmt: skip
TYPES = {
    "access", "admin", "allowed", "change", "connection", "creation", "deletion", "denied", "end", "error",
    "group", "indicator", "info", "installation", "protocol", "start", "user",
}  # fmt: skip


def table():
    text = resources.files("giamsat_wire").joinpath("metrics.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_every_kind_of_event_is_described_in_the_words_of_ecs():
    for kind in events().values():
        assert CATEGORIES.issuperset(kind.category), kind.name
        assert TYPES.issuperset(kind.type), kind.name
        assert kind.means, kind.name


def test_a_kind_nobody_declared_travels_with_the_ordinary_events():
    assert lane_of("made-up") is Lane.EVENT


def test_only_what_can_wait_for_everything_else_travels_in_bulk():
    assert {name for name in events() if lane_of(name) is Lane.BULK} == {"packet-evidence", "flow-summary"}


def test_no_metric_stands_in_the_table_twice():
    names = [row["name"] for row in table()]

    assert len(names) == len(set(names))


def test_labels_are_sorted_as_series_carry_them():
    assert [row["name"] for row in table() if row["labels"].split() != sorted(row["labels"].split())] == []


def test_every_metric_of_the_table_is_found_by_its_own_name():
    for row in table():
        if "*" not in row["name"]:
            found = metric(row["name"])
            assert (found.type, found.help) == (MetricType(row["type"]), row["help"])


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("node_load1", MetricType.GAUGE),
        ("node_cpu_seconds_total", MetricType.COUNTER),
        ("node_memory_MemAvailable_bytes", MetricType.GAUGE),
        ("node_vmstat_pgfault", MetricType.UNTYPED),
    ],
)
def test_types_are_those_of_node_exporter(name, type_):
    assert metric(name).type is type_


@pytest.mark.parametrize("name", ["made_up", "", "node_memory_"])
def test_a_name_nobody_knows_is_untyped_and_unexplained(name):
    found = metric(name)

    assert (found.name, found.type, found.labels) == (name, MetricType.UNTYPED, ())


def test_a_pattern_needs_something_where_its_star_is():
    patterns = [row["name"] for row in table() if "*" in row["name"]]

    assert patterns
    for pattern in patterns:
        assert metric(pattern.replace("*", "x")).help
        assert not metric(pattern.replace("*", "")).help
