# SPDX-License-Identifier: Apache-2.0
"""The collector among the hosts it watches: it is judged like a host of a level-3 system, by rules.

Who registers an asset of this id and links it to a system has it judged by that system's level.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from giamsat_wire.clock import SECOND_NS
from giamsat_wire.record import Sample

SELF: Final = "collector"
"""Its id as an asset, under which its own events are judged; no agent has it, for theirs are UUIDs."""
NAME: Final = "giamsat-collector"
LEVEL: Final = 3
ADMINISTERED: Final = "collector-administered"
"""The kind of its event that somebody changed who is watched, by what, or what is shown."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How the collector is now; `waited_ns` is how long the oldest frame that is not judged has waited.

    `backup_age_s` is how long ago its data was backed up.

    `due` is when a report on an incident is due that was not sent (UNIX seconds), by its incident and its name;
    `overdue` is for how many seconds one is late.

    `lists` is how old each list of what is known to be evil is, in its own periods. `free` and `room` are the bytes
    left, and in all, of the file system with its data in `folder`.
    """

    waited_ns: int
    archive_failures: int
    quarantined: int
    rules_disabled: int
    folder: str
    free: int
    room: int
    backup_age_s: float = 0.0
    lists: Mapping[str, float] = field(default_factory=dict)
    due: Mapping[tuple[int, str], float] = field(default_factory=dict)
    overdue: Mapping[tuple[int, str], float] = field(default_factory=dict)


def samples(now: Condition) -> Iterator[Sample]:
    """The metrics it is judged by: its own names, and node_exporter's for the disk."""
    yield Sample("giamsat_judging_lag_seconds", now.waited_ns / SECOND_NS)
    yield Sample("giamsat_archive_failures_total", float(now.archive_failures))
    yield Sample("giamsat_frames_quarantined_total", float(now.quarantined))
    yield Sample("giamsat_rules_disabled", float(now.rules_disabled))
    yield Sample("giamsat_backup_age_seconds", now.backup_age_s)
    for name, periods in sorted(now.lists.items()):
        yield Sample("giamsat_indicator_list_periods", periods, (("list", name),))
    for name, reports in (
        ("giamsat_incident_report_due_timestamp_seconds", now.due),
        ("giamsat_incident_report_overdue_seconds", now.overdue),
    ):
        for (incident, report), value in sorted(reports.items()):
            yield Sample(name, value, (("incident", str(incident)), ("report", report)))
    if now.room > 0:
        disk = (("device", ""), ("fstype", ""), ("mountpoint", now.folder))
        yield Sample("node_filesystem_avail_bytes", float(now.free), disk)
        yield Sample("node_filesystem_size_bytes", float(now.room), disk)
