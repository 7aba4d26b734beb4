# SPDX-License-Identifier: Apache-2.0
"""Which source an event comes from, and what an agent counts of each: the same words at both ends.

An agent tells its counts with every reading, as cumulative series; what did not change costs nothing on the wire.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from giamsat_wire.record import Columns, Event, Sample, SampleSet

EVENTS: Final = "giamsat_agent_source_events_total"
UP: Final = "giamsat_agent_source_up"
NAMES: Final = frozenset({EVENTS, UP})
"""The metrics that tell of sources."""
SOURCES: Final = 128
"""Sources of one agent that are told apart."""
OTHER: Final = "other"
"""What the sources beyond them are counted as."""
LETTERS: Final = 128
FOLDED: Final = "giamsat.folded.count"
"""In an event: how many others it stands for, which were only counted."""
OPENED: Final = frozenset({"log-source-opened", "capture-started", "device-reachable"})
LOST: Final = frozenset({"log-source-lost", "capture-lost", "device-unreachable"})
_NAMED: Final[Mapping[str, str]] = {
    "syslog": "log.source.address",
    "snmptrap": "observer.ip",
    "snmp": "observer.name",
    "packets": "observer.ingress.interface.name",
    "check": "service.name",
}
"""Providers that speak of many things, and the field that says of which."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of what a source yielded since its agent started.

    `produced` is all of it; `throttled` was only counted, `dropped` given up. `up` is whether the source can be read
    now, None for one that does not say.
    """

    produced: int = 0
    throttled: int = 0
    dropped: int = 0
    up: bool | None = None


def source_of(event: Event) -> str:
    """The path of a log file, else who provides the event, and of what: `journald`, `syslog 192.0.2.1`."""
    path = event.fields.get("log.file.path")
    if isinstance(path, str) and path:
        return path[:LETTERS]
    provider = event.fields.get("event.provider")
    if not isinstance(provider, str) or not provider:
        return OTHER
    what = event.fields.get(_NAMED.get(provider, ""))
    return (f"{provider} {what}" if isinstance(what, str) and what else provider)[:LETTERS]


def folded(event: Event) -> int:
    """How many others the event stands for."""
    count = event.fields.get(FOLDED, 0)
    return count if isinstance(count, int) and count > 0 else 0


def samples(counted: Mapping[str, Counts]) -> Iterator[Sample]:
    """What is told with a reading."""
    for source, counts in counted.items():
        for outcome in ("produced", "throttled", "dropped"):
            value = getattr(counts, outcome)
            if value or outcome == "produced":
                yield Sample(EVENTS, float(value), (("outcome", outcome), ("source", source)))
        if counts.up is not None:
            yield Sample(UP, float(counts.up), (("source", source),))


def counts(reading: SampleSet | Columns) -> dict[str, Counts]:
    """What a reading told, of at most SOURCES sources and OTHER."""
    found: dict[str, Counts] = defaultdict(Counts)
    for (name, pairs), value in zip(reading.series, reading.values, strict=True):
        if name not in NAMES:
            continue
        labels = dict(pairs)
        source, outcome = labels.get("source", "")[:LETTERS], labels.get("outcome")
        if not source or (source not in found and len(found) > SOURCES):
            continue
        if name == UP:
            found[source] = replace(found[source], up=value == 1)
        elif not 0 <= value < 1 << 53:
            continue
        elif outcome == "produced":
            found[source] = replace(found[source], produced=int(value))
        elif outcome == "throttled":
            found[source] = replace(found[source], throttled=int(value))
        elif outcome == "dropped":
            found[source] = replace(found[source], dropped=int(value))
    return dict(found)
