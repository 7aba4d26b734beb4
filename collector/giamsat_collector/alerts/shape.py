# SPDX-License-Identifier: Apache-2.0
"""An alert as JSON: for the command line, the API and everything that reads them. Times are RFC 3339 in UTC."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from giamsat_collector.alerts.alert import Alert, Change, Relation
from giamsat_collector.alerts.folding import shared
from giamsat_collector.event_time import instant


def as_json(alert: Alert, stands_for: int = 0) -> dict[str, Any]:
    """The short form: one line of a list. It stands for so many others in the queue."""
    return {
        "id": alert.id,
        "rule": alert.rule,
        "title": {"vi": alert.title_vi, "en": alert.title_en},
        "asset": alert.asset,
        "unit": alert.unit,
        "system": alert.system,
        "level": alert.level,
        "severity": alert.severity,
        "priority": alert.priority,
        "state": alert.state.value,
        "owner": alert.owner,
        "count": alert.count,
        "source": {"ip": main_source(alert)},
        "threshold": dict(alert.threshold),
        "first": instant(alert.first_ns),
        "last": instant(alert.last_ns),
        "late": alert.late,
        "maintenance": alert.maintenance,
        "cause": alert.cause,
        "relation": alert.relation,
        "stands_for": stands_for,
    }


def as_full_json(
    alert: Alert, history: Iterable[Change], cause: Alert | None = None, stands_for: int = 0
) -> dict[str, Any]:
    """Everything known of one alert; `because` is what it has in common with the one that tells of the same."""
    same = cause is not None and alert.relation is Relation.SAME
    return {
        **as_json(alert, stands_for),
        "because": list(shared(alert.groups, cause.groups)) if cause is not None and same else [],
        "rule_version": alert.rule_version,
        "profile": alert.profile,
        "techniques": list(alert.techniques),
        "opened": instant(alert.opened_ns),
        "changed": instant(alert.changed_ns),
        "revision": alert.revision,
        "condition_cleared": alert.condition_cleared,
        "groups": [
            {
                "group": dict(group.group),
                "count": group.count,
                "first": instant(group.first_ns),
                "last": instant(group.last_ns),
                "over": group.over,
            }
            for group in alert.groups
        ],
        "evidence": [dict(event) for event in alert.evidence],
        "history": [{**asdict(change), "at": instant(change.at_ns)} for change in history],
    }


def main_source(alert: Alert) -> str | None:
    """The source address that brought most: of the groups, or else of the first event that names one."""
    named = [group for group in alert.groups if group.group.get("source.ip")]
    if named:
        return max(named, key=lambda group: group.count).group["source.ip"]
    return next((str(event["source.ip"]) for event in alert.evidence if event.get("source.ip")), None)
