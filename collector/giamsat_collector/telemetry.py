# SPDX-License-Identifier: Apache-2.0
"""What the collector knows of itself, gathered from its parts: for /metrics and for `giamsat-collector status`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from sqlalchemy import Connection, select

from giamsat_collector.alerts import search
from giamsat_collector.control.authority import trusts
from giamsat_collector.coverage import source_troubles
from giamsat_collector.coverage.decide import State, SystemCoverage
from giamsat_collector.database_space import space
from giamsat_collector.event_time import instant
from giamsat_collector.expose.collector import Reading
from giamsat_collector.incidents.duties import Standing
from giamsat_collector.ingest.tables import LOST, losses
from giamsat_collector.parts import Parts
from giamsat_wire.lane import Lane

UNCLASSIFIED: Final = "unclassified"
WATCHED: Final = ("live", "silent")
"""States of agents that are told of although no agent is in them: a graph of what is not there shows nothing, not 0."""
STATES: Final = ("up", "down", "unknown", "maintenance")
"""What a minute of a system is counted as."""


def states(collector: Parts) -> Mapping[str, int]:
    """How many agents are live, silent, stopped, revoked, or were never seen."""
    fleet = collector.fleet
    return Counter(fleet.state(agent) for agent in collector.endpoints.allow_list)


def summary(collector: Parts) -> dict[str, Any]:
    """The few figures a person asks for first."""
    registry, figures, rebuilt = collector.registry, collector.pipeline.figures, collector.pipeline.rebuilding.share
    return {
        "agents": dict(states(collector)),
        "units": len(registry.units),
        "systems": len(registry.systems),
        "frames_received": collector.endpoints.intake.frames_total,
        "frames_judged": figures.frames,
        "judging": "ok" if rebuilt >= 1 else f"what was judged before the start is taken up: {rebuilt:.0%}",
        "frames_quarantined": collector.endpoints.intake.quarantined_total.total() + figures.poison,
        "frames_archived": collector.keeper.frames_total,
        "archive_failures": collector.keeper.failures_total,
        "last_backup": None if collector.backups.last_ns is None else instant(collector.backups.last_ns),
        "incidents_open": len(collector.incidents.standing),
        "incident_reports_late": _late(collector),
        "signer": "ok" if collector.authority.signer.up else "no answer",
        "rules": len(collector.rules.force.book.rules.rules),
        "rules_disabled": dict(collector.rules.force.disabled),
    }


async def database(collector: Parts) -> dict[str, Any]:
    """How many bytes the database has, and how many of them are free again and written to before it grows."""
    found = await collector.store.read(space)
    return {"database_size_bytes": found.size, "database_free_bytes": found.free}


async def reading(collector: Parts, covered: Sequence[SystemCoverage]) -> Reading:
    """Everything at one moment; `covered` is how every system stands."""
    open_alerts, unit_alerts, apart, lost = await collector.store.read(_counts)
    database = await collector.store.read(space)
    figures, now = collector.pipeline.figures, collector.clock.wall_ns()
    registered, lists = collector.registry.systems, await collector.lists.every()
    units = {system.id: system.unit for system in registered.values()}
    books = collector.ledger.books
    conditions = Counter([one.condition(now).value async for _, _, one in source_troubles.sources(books, books)])
    available = {one: found.whole for one, found in (await collector.available.now()).systems.items() if one in units}
    return Reading(
        version=version("giamsat-collector"),
        agents={**dict.fromkeys(WATCHED, 0), **states(collector)},
        streams=collector.endpoints.ingest.streams,
        frames_received=collector.endpoints.intake.frames_total,
        frames_quarantined=collector.endpoints.intake.quarantined_total.total(),
        frames_judged=figures.frames,
        frames_poison=figures.poison,
        broken_chains=collector.rules.judge.broken_chains_total,
        events_late=collector.rules.judge.late_total,
        events_clamped=collector.rules.judge.clamped_total,
        waiting_bytes=collector.endpoints.intake.waiting_bytes,
        waiting_s=max(0, now - (collector.endpoints.intake.waiting_since_ns or now)) / 10**9,
        database_bytes=database.size,
        database_free_bytes=database.free,
        refused=collector.endpoints.ingest.refused_total
        + collector.endpoints.intake.quarantined_total
        + _parcels_refused(collector),
        enrolments_refused=collector.endpoints.enrolment.refused_total + collector.endpoints.renewal.refused_total,
        violations=collector.endpoints.ingest.violations,
        lost_frames=lost,
        verdicts=figures.verdicts,
        rules_loaded=len(collector.rules.force.book.rules.rules),
        rules_disabled=len(collector.rules.force.disabled),
        open_alerts=open_alerts,
        unit_alerts=unit_alerts,
        apart_alerts=apart,
        systems=Counter(str(system.level) for system in registered.values()),
        units=len(collector.registry.units),
        incidents=_incidents(collector),
        incident_reports=Counter(how.value for _, _, how in collector.incidents.unsent(now)),
        suppressions=sum(each.since_ns <= now < each.until_ns for each in collector.rules.force.suppressions.every),
        suppressed=collector.pipeline.suppressed,
        archived=collector.keeper.frames_total,
        archive_failures=collector.keeper.failures_total,
        evidence=figures.evidence,
        evidence_refused=figures.evidence_refused,
        signer_up=collector.authority.signer.up,
        signer_restarts=collector.authority.process.restarts_total if collector.authority.process else {},
        signer_broken=collector.authority.signer.trust.broken,
        signed=collector.authority.signer.signed_total,
        without_root=_without_root(collector),
        signer_failures=collector.authority.signer.failures_total,
        sources=conditions,
        coverage=_covered(covered),
        sightings=figures.sightings,
        flow_minutes=figures.flow_minutes,
        traffic_refused=figures.traffic_refused,
        notified={one.name: one.told_total for one in collector.telling.targets},
        notify_failures={one.name: one.failures_total for one in collector.telling.targets},
        unwatched_hosts={unit: collector.sighted.counts.get(unit, 0) for unit in collector.registry.units},
        indicators=collector.lists.standing(),
        indicator_age_s={one.name: max(0, now - one.brought_ns) / 10**9 for one in lists},
        indicator_hits={one.name: one.hits for one in lists},
        unit_coverage=Counter((units[one.system], one.state.value) for one in covered if one.system in units),
        availability={
            (one, units[one], str(registered[one].level)): whole.ratio
            for one, whole in available.items()
            if whole.ratio is not None
        },
        availability_s={
            (one, state): 60 * getattr(whole, state) for one, whole in available.items() for state in STATES
        },
    )


def _late(collector: Parts) -> int:
    now = collector.clock.wall_ns()
    return sum(how is Standing.LATE for _, _, how in collector.incidents.unsent(now))


def _incidents(collector: Parts) -> Mapping[str, int]:
    """How many are open, grave ones apart; 0 is told, too."""
    found = Counter("yes" if incident.grave else "no" for incident, _ in collector.incidents.standing)
    return {grave: found[grave] for grave in ("yes", "no")}


def _without_root(collector: Parts) -> int:
    trust = collector.authority.signer.trust
    return sum(agent.refused is None and not trusts(agent, trust) for agent in collector.endpoints.allow_list)


def _parcels_refused(collector: Parts) -> Counter[str]:
    return Counter({f"parcel_{reason}": count for reason, count in collector.endpoints.carrying.refused_total.items()})


def _counts(
    connection: Connection,
) -> tuple[Mapping[tuple[str, str], int], Mapping[str, int], Mapping[str, int], Mapping[tuple[str, str], int]]:
    by_level = {
        (severity, UNCLASSIFIED if level is None else str(level)): count
        for (severity, level), count in search.open_by(connection, "severity", "level").items()
    }
    by_unit = {unit: count for (unit,), count in search.open_by(connection, "unit").items()}
    reasons = (search.MAINTENANCE, search.CONSEQUENCE, search.SAME)
    apart = {reason: search.count(connection, search.Filter(state=frozenset({reason}))) for reason in reasons}
    rows = connection.execute(select(losses.c.lane, losses.c.reason, LOST).group_by(losses.c.lane, losses.c.reason))
    return by_level, by_unit, apart, {(Lane(lane).name.lower(), reason): int(count) for lane, reason, count in rows}


def _covered(systems: Iterable[SystemCoverage]) -> Mapping[tuple[str, str], int]:
    """How many systems of each level are in each state; 0 is told, too: that none is met any more must be seen."""
    found = Counter((str(one.level), one.state.value) for one in systems)
    levels = {level for level, _ in found}
    return {(level, state.value): found[level, state.value] for level in levels for state in State}
