# SPDX-License-Identifier: Apache-2.0
"""The collector's own metrics. Each scrape makes them anew from what the parts have counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

VIOLATIONS: Final = 100
"""Agents and lanes named at most; more than one is an incident already."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the collector says of itself at one moment.

    `open_alerts` is keyed by (severity, level), `refused`, `enrolments_refused` and `signer_restarts` by reason,
    `losses` by (lane, reason), `violations` by (agent, lane), `unit_alerts` by unit, `apart_alerts` by reason,
    `coverage` by (level, state), `unit_coverage` by (unit, state), `unwatched_hosts` by unit, `availability` by
    (system, unit, level), `availability_s` by (system, state). Availability is of the month it is now as far as it has
    passed; a system of which nothing is known has no share. `unclassified` stands for a level that is not known.
    `sources` is keyed by condition, `notified` and `notify_failures` by the notifier's name,
    what `indicator` begins by the name of the list.
    """

    version: str
    agents: Mapping[str, int]
    streams: int
    frames_received: int
    frames_quarantined: int
    frames_judged: int
    frames_poison: int
    broken_chains: int
    events_late: int
    events_clamped: int
    refused: Mapping[str, int]
    enrolments_refused: Mapping[str, int]
    violations: Mapping[tuple[str, str], int]
    lost_frames: Mapping[tuple[str, str], int]
    verdicts: int
    rules_loaded: int
    rules_disabled: int
    open_alerts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    unit_alerts: Mapping[str, int] = field(default_factory=dict)
    apart_alerts: Mapping[str, int] = field(default_factory=dict)
    systems: Mapping[str, int] = field(default_factory=dict)
    units: int = 0
    incidents: Mapping[str, int] = field(default_factory=dict)
    incident_reports: Mapping[str, int] = field(default_factory=dict)
    suppressions: int = 0
    suppressed: Mapping[str, int] = field(default_factory=dict)
    archived: int = 0
    archive_failures: int = 0
    evidence: int = 0
    evidence_refused: int = 0
    signer_up: bool = True
    signer_restarts: Mapping[str, int] = field(default_factory=dict)
    signer_broken: int = 0
    signed: int = 0
    without_root: int = 0
    signer_failures: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    coverage: Mapping[tuple[str, str], int] = field(default_factory=dict)
    unit_coverage: Mapping[tuple[str, str], int] = field(default_factory=dict)
    availability: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    availability_s: Mapping[tuple[str, str], int] = field(default_factory=dict)
    sightings: int = 0
    flow_minutes: int = 0
    traffic_refused: int = 0
    notified: Mapping[str, int] = field(default_factory=dict)
    notify_failures: Mapping[str, int] = field(default_factory=dict)
    unwatched_hosts: Mapping[str, int] = field(default_factory=dict)
    indicators: Mapping[str, int] = field(default_factory=dict)
    indicator_age_s: Mapping[str, float] = field(default_factory=dict)
    indicator_hits: Mapping[str, int] = field(default_factory=dict)
    waiting_bytes: int = 0
    waiting_s: float = 0.0
    database_bytes: int = 0
    database_free_bytes: int = 0


class OwnMetrics:
    """The page at /metrics."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._families: tuple[Metric, ...] = ()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def collect(self) -> Iterable[Metric]:
        """The families of the reading the page is being made of."""
        return self._families

    def page(self, reading: Reading) -> bytes:
        """The page, in Prometheus' text format."""
        self._families = tuple(_families(reading))
        return generate_latest(self._registry)


def _families(reading: Reading) -> Iterable[Metric]:
    build = GaugeMetricFamily("giamsat_build_info", "Version of the collector.", labels=["version"])
    build.add_metric([reading.version], 1)
    yield build
    yield from _by("giamsat_agents", "Agents by state.", "state", reading.agents)
    yield GaugeMetricFamily("giamsat_streams_open", "Streams that agents hold open.", reading.streams)
    yield _count("giamsat_frames_received", "Frames made durable and acknowledged.", reading.frames_received)
    yield _count("giamsat_frames_quarantined", "Frames set aside unread.", reading.frames_quarantined)
    yield _count("giamsat_frames_judged", "Frames the rules have seen.", reading.frames_judged)
    yield _count("giamsat_frames_poison", "Frames that could not be decoded.", reading.frames_poison)
    yield _count(
        "giamsat_metric_chains_broken", "Metric frames that came without their keyframe.", reading.broken_chains
    )
    yield _count("giamsat_events_late", "Readings and events judged late.", reading.events_late)
    yield _count("giamsat_events_clamped", "Readings and events with an impossible time.", reading.events_clamped)
    yield _by_reason("giamsat_ingest_refused", "Frames and streams refused, and frames set aside.", reading.refused)
    yield GaugeMetricFamily("giamsat_ingest_waiting_bytes", "Frames that wait for the disk.", reading.waiting_bytes)
    yield GaugeMetricFamily(
        "giamsat_ingest_waiting_seconds", "For how long the oldest of them waits for its commit.", reading.waiting_s
    )
    yield from _database(reading)
    yield _by_reason("giamsat_enrol_refused", "Enrolments and renewals refused.", reading.enrolments_refused)
    off = GaugeMetricFamily(
        "giamsat_conservation_violation",
        "Frames by which produced = stored + declared lost + spooled is off; only lanes that are.",
        labels=["agent", "lane"],
    )
    for (agent, lane), frames in sorted(reading.violations.items())[:VIOLATIONS]:
        off.add_metric([agent, lane], frames)
    yield off
    lost = CounterMetricFamily(
        "giamsat_frames_declared_lost", "Frames that will never come.", labels=["lane", "reason"]
    )
    for (lane, reason), count in sorted(reading.lost_frames.items()):
        lost.add_metric([lane, reason], count)
    yield lost
    yield _count("giamsat_rule_verdicts", "Verdicts of the rules.", reading.verdicts)
    yield GaugeMetricFamily("giamsat_rules_loaded", "Rules in force.", reading.rules_loaded)
    yield GaugeMetricFamily("giamsat_rules_disabled", "Rules switched off because they failed.", reading.rules_disabled)
    open_ = GaugeMetricFamily("giamsat_alerts_open", "Alerts not yet closed.", labels=["severity", "protection_level"])
    for (severity, level), count in sorted(reading.open_alerts.items()):
        open_.add_metric([severity, level], count)
    yield open_
    yield from _units(reading)
    yield from _incidents(reading)
    yield from _by("giamsat_systems", "Information systems by level.", "protection_level", reading.systems)
    yield from _coverage(reading)
    yield from _kept_back(reading)
    yield from _indicators(reading)


def _database(reading: Reading) -> Iterable[Metric]:
    """How large it is, and what of it is free."""
    words = "Size of the database file, without its write-ahead log."
    yield GaugeMetricFamily("giamsat_database_size_bytes", words, reading.database_bytes)
    words = "How much of it is free again, and is written to before the file grows."
    yield GaugeMetricFamily("giamsat_database_free_bytes", words, reading.database_free_bytes)


def _indicators(reading: Reading) -> Iterable[Metric]:
    """What is known to be evil: how much, how old, how often it was met."""
    yield from _by("giamsat_indicators", "Entries that count, by list.", "list", reading.indicators)
    words = "Seconds since the list was brought."
    yield from _by("giamsat_indicator_list_age_seconds", words, "list", reading.indicator_age_s)
    words = "Events and flows that met an entry of the list."
    met = CounterMetricFamily("giamsat_indicator_hits", words, labels=["list"])
    for name, count in sorted(reading.indicator_hits.items()):
        met.add_metric([name], count)
    yield met


def _incidents(reading: Reading) -> Iterable[Metric]:
    """What people work on, and what the law asks to be told of it."""
    yield from _by("giamsat_incidents_open", "Incidents that are open.", "serious", reading.incidents)
    words = "Reports on open incidents that are owed and not sent, by how they stand: due, near, late."
    reports = {standing: reading.incident_reports.get(standing, 0) for standing in ("due", "near", "late")}
    yield from _by("giamsat_incident_reports", words, "standing", reports)


def _signer(reading: Reading) -> Iterable[Metric]:
    """How it stands with the process that holds the keys of the certificate authority."""
    yield GaugeMetricFamily("giamsat_signer_up", "1 while the signer answers.", reading.signer_up)
    yield _by_reason("giamsat_signer_restarts", "Times the signer was started anew.", reading.signer_restarts)
    yield _count("giamsat_signer_certificates", "Certificates the signer gave to this collector.", reading.signed)
    yield GaugeMetricFamily(
        "giamsat_signer_journal_broken",
        "Lines of the signer's journal that do not follow the one before.",
        reading.signer_broken,
    )
    yield GaugeMetricFamily(
        "giamsat_agents_without_root",
        "Agents that may connect and are not known to trust the root that signs.",
        reading.without_root,
    )
    yield _by_reason("giamsat_signer_refused", "Certificates the signer did not give.", reading.signer_failures)


def _units(reading: Reading) -> Iterable[Metric]:
    yield GaugeMetricFamily("giamsat_units", "Units in the registry.", reading.units)
    for name, text, counts in (
        ("giamsat_unit_alerts_open", "Alerts not yet closed, by unit.", reading.unit_alerts),
        ("giamsat_unit_unwatched_hosts", "Hosts on the networks of a unit without an agent.", reading.unwatched_hosts),
    ):
        yield from _by(name, text, "unit", counts)


def _kept_back(reading: Reading) -> Iterable[Metric]:
    """What no alert came of, on purpose, or none in the queue, and what was put away."""
    words = "Alerts not yet closed that wait apart from the queue: in maintenance, or as another stands for them."
    yield from _by("giamsat_alerts_apart", words, "reason", reading.apart_alerts)
    yield GaugeMetricFamily("giamsat_suppressions", "Suppressions that are in force.", reading.suppressions)
    hidden = CounterMetricFamily(
        "giamsat_suppressed", "Events and conditions that suppressions kept from a rule.", labels=["rule"]
    )
    for rule, count in sorted(reading.suppressed.items()):
        hidden.add_metric([rule], count)
    yield hidden
    yield _count("giamsat_evidence", "Captures of packets kept for alerts.", reading.evidence)
    yield _count("giamsat_evidence_refused", "Captures that were not what they should be.", reading.evidence_refused)
    yield _count("giamsat_sightings", "Sightings of hosts kept.", reading.sightings)
    yield _count("giamsat_flow_summaries", "Summaries of flows kept.", reading.flow_minutes)
    yield _count(
        "giamsat_traffic_refused", "Sightings and flows that were not what they should be.", reading.traffic_refused
    )
    yield _count("giamsat_archived_frames", "Frames of events moved into the archive.", reading.archived)
    yield _count("giamsat_archive_failures", "Times the archive could not be written.", reading.archive_failures)
    for name, text, counts in (
        ("giamsat_notifications", "What was told to each notifier.", reading.notified),
        ("giamsat_notification_failures", "Times a notifier did not take it.", reading.notify_failures),
    ):
        told = CounterMetricFamily(name, text, labels=["notifier"])
        for notifier, count in sorted(counts.items()):
            told.add_metric([notifier], count)
        yield told
    yield from _signer(reading)


def _coverage(reading: Reading) -> Iterable[Metric]:
    """What systems owe and whether they met it, and for how long they worked."""
    for name, text, label, counts in (
        ("giamsat_coverage_systems", "Systems by how their obligations stand.", "level", reading.coverage),
        ("giamsat_coverage_unit_systems", "Systems of a unit, likewise.", "unit", reading.unit_coverage),
    ):
        covered = GaugeMetricFamily(name, text, labels=[label, "state"])
        for key, count in sorted(counts.items()):
            covered.add_metric(key, count)
        yield covered
    words = "Sources of all hosts by how they are: stopped, losing, throttled, waiting, quiet, flowing."
    yield from _by("giamsat_sources", words, "condition", reading.sources)
    ratio = GaugeMetricFamily(
        "giamsat_availability_ratio",
        "Share of this month's known time in which a system worked, declared maintenance left out.",
        labels=["system", "unit", "protection_level"],
    )
    for place, share in sorted(reading.availability.items()):
        ratio.add_metric(place, share)
    yield ratio
    time = GaugeMetricFamily(
        "giamsat_availability_seconds",
        "Time of this month by what is known of a system: up, down, unknown, maintenance.",
        labels=["system", "state"],
    )
    for pair, seconds in sorted(reading.availability_s.items()):
        time.add_metric(pair, seconds)
    yield time


def _count(name: str, text: str, value: int) -> Metric:
    return CounterMetricFamily(name, text, value)


def _by_reason(name: str, text: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=["reason"])
    for reason, count in sorted(counts.items()):
        family.add_metric([reason], count)
    return family


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> Iterable[Metric]:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    yield family
