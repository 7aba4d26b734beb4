# SPDX-License-Identifier: Apache-2.0
"""Every kind of event and every metric both ends know by name.

A name that is missing here is carried and kept all the same; it only has no description.
The metric table's names, types and help follow node_exporter's exposition.
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType

from giamsat_wire import limits
from giamsat_wire.lane import Lane


class MetricType(StrEnum):
    """The Prometheus type of a series."""

    COUNTER = "counter"
    GAUGE = "gauge"
    UNTYPED = "untyped"


@dataclass(frozen=True, slots=True)
class MetricKind:
    """What a metric's name promises; `labels` are the names of its labels, sorted."""

    name: str
    type: MetricType
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventKind:
    """What an event's kind promises: its lane and its ECS `event.category` and `event.type`."""

    name: str
    lane: Lane
    category: tuple[str, ...]
    type: tuple[str, ...]
    means: str


@cache
def events() -> Mapping[str, EventKind]:
    """Every event kind by name."""
    text = resources.files("giamsat_wire").joinpath("events.toml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            name: EventKind(
                name=name,
                lane=Lane[row["lane"].upper()],
                category=tuple(row["category"]),
                type=tuple(row["type"]),
                means=row["means"],
            )
            for name, row in tomllib.loads(text).items()
        }
    )


def lane_of(kind: str) -> Lane:
    """The lane an event travels in; a kind nobody declared goes with the ordinary events."""
    known = events().get(kind)
    return known.lane if known else Lane.EVENT


@cache
def _metrics() -> tuple[Mapping[str, MetricKind], tuple[MetricKind, ...]]:
    """The metric table: exact names, and patterns (names with one `*`) in file order."""
    text = resources.files("giamsat_wire").joinpath("metrics.csv").read_text(encoding="utf-8")
    rows = [
        MetricKind(row["name"], MetricType(row["type"]), row["help"], tuple(row["labels"].split()))
        for row in csv.DictReader(text.splitlines())
    ]
    exact = {row.name: row for row in rows if "*" not in row.name}
    return MappingProxyType(exact), tuple(row for row in rows if "*" in row.name)


@lru_cache(maxsize=limits.SERIES_PER_AGENT)
def metric(name: str) -> MetricKind:
    """What is known of a metric; an unknown name is untyped and has no help."""
    exact, patterns = _metrics()
    if name in exact:
        return exact[name]
    for pattern in patterns:
        head, tail = pattern.name.split("*")
        if name.startswith(head) and name.endswith(tail) and len(name) > len(head) + len(tail):
            return MetricKind(name, pattern.type, pattern.help, pattern.labels)
    return MetricKind(name, MetricType.UNTYPED, "")
