# SPDX-License-Identifier: Apache-2.0
"""What the page of one alert prints."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from giamsat_collector.alerts.alert import Alert, Change
from giamsat_collector.alerts.evidence import Evidence
from giamsat_collector.alerts.lifecycle import SYSTEM, Action, legal
from giamsat_collector.alerts.shape import main_source
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.evidence import Event, kept
from giamsat_collector.console.views.flows import during
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.console.views.packets import PacketsView
from giamsat_collector.console.views.queue import AlertRow
from giamsat_collector.console.views.standing import Standing, StandingView
from giamsat_collector.incidents.incident import Incident
from giamsat_collector.own_host import SELF
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.rulebook.register import Measure
from giamsat_rules.rule import Header
from giamsat_rules.runbook import steps
from giamsat_wire.clock import SECOND_NS


@dataclass(frozen=True, slots=True)
class Group:
    """What one value of the group-by brought. `share` of `whole` draws the bar; `over`: that one is back.

    `address` is where the incident is that it tells of, empty for everything else.
    """

    name: str
    address: str
    count: str
    share: int
    whole: int
    first: Moment
    last: Moment
    over: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history."""

    at: Moment
    actor: str
    did: str
    state: str
    owner: str
    note: str


@dataclass(frozen=True, slots=True)
class Why:
    """By what the alert was raised."""

    rule: str
    version: int
    description: str
    thresholds: tuple[tuple[str, str], ...]
    judged_as: tuple[str, ...]
    profile: str
    techniques: tuple[str, ...]
    priority: str
    runbook: tuple[str, ...]
    false_positives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """An action that is possible now, and what it asks for."""

    action: str
    label: str
    key: str
    needs_note: bool
    needs_owner: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What the page reads from the store, in one snapshot."""

    alert: Alert
    history: tuple[Change, ...]
    related: tuple[Alert, ...]
    standing: Standing
    owners: tuple[str, ...]
    incidents: tuple[Incident, ...]
    packets: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class AlertView:
    """The page of one alert."""

    row: AlertRow
    summary: str
    severity: str
    system: str
    first: Moment
    cleared: bool
    why: Why
    events: tuple[Event, ...]
    evidence_note: str
    groups: tuple[Group, ...]
    history: tuple[Step, ...]
    related: tuple[AlertRow, ...]
    standing: StandingView
    incidents: tuple[Choice, ...]
    moves: tuple[Move, ...]
    owners: tuple[str, ...]
    packets: PacketsView | None
    here: str
    asset: str
    of_source: str
    of_flows: str
    of_host: str
    of_unit: str
    of_system: str
    of_rule: str

    @classmethod
    def of(
        cls,
        found: Found,
        *,
        rule: Header | None,
        registry: Registry,
        measure: Measure | None,
        reader: Reader,
    ) -> "AlertView":
        """An alert and what belongs to it, as it looks to a reader now."""
        alert = found.alert
        row = AlertRow.of(alert, registry, reader)
        system = registry.systems.get(alert.system or "")
        return cls(
            row=row,
            summary=summary(alert, row, reader),
            severity=_severity(alert.severity, reader),
            system=words.visible(system.name if system else alert.system or ""),
            first=reader.moment(alert.first_ns),
            cleared=alert.condition_cleared,
            why=_why(alert, row, rule, measure, reader),
            events=tuple(Event.of(fields, reader) for fields in alert.evidence),
            evidence_note=kept(alert, reader),
            groups=_groups(alert, reader),
            history=tuple(_step(change, reader) for change in found.history),
            related=tuple(AlertRow.of(one, registry, reader) for one in found.related if one.id != alert.id),
            standing=StandingView.of(alert, found.standing, registry, reader),
            incidents=tuple(
                Choice(
                    reader.text("sự cố số {number}: {title}", number=one.number, title=words.visible(one.title)),
                    f"/incidents/{one.number}",
                )
                for one in found.incidents
            ),
            moves=tuple(_move(action, reader) for action in legal(alert.state)),
            owners=found.owners,
            packets=PacketsView.of(alert.id, found.packets, reader),
            here=row.address,
            asset=alert.asset,
            of_source=at("/alerts", [("state", ""), ("text", main_source(alert) or "")]),
            of_flows=during(alert),
            of_host=at("/alerts", [("state", ""), ("asset", alert.asset)]),
            of_unit=at("/alerts", [("state", "open"), ("unit", alert.unit)]),
            of_system=f"/coverage/{quote(system.id, safe='')}" if system else "",
            of_rule=at("/alerts", [("state", ""), ("rule", alert.rule)]),
        )


def summary(alert: Alert, row: AlertRow, reader: Reader) -> str:
    """The alert in one sentence."""
    where = f"{row.host} ({row.unit})" if row.unit else row.host
    values = {"title": row.title, "where": where, "source": row.source}
    values["times"] = _times(alert, reader)
    if not row.source:
        return reader.text("{title} trên {where}: {times}.", **values)
    sources = sum(bool(group.group.get("source.ip")) for group in alert.groups)
    if sources > 1:
        values["more"] = reader.number(sources)
        return reader.text("{title} trên {where}: {times} từ {more} địa chỉ, nhiều nhất từ {source}.", **values)
    return reader.text("{title} trên {where}: {times} từ {source}.", **values)


def _times(alert: Alert, reader: Reader) -> str:
    number, span = reader.number(alert.count), alert.last_ns - alert.first_ns
    if span < SECOND_NS:
        return reader.text("{number} lần", count=alert.count, number=number)
    return reader.text("{number} lần trong {span}", count=alert.count, number=number, span=reader.span(span))


def _severity(severity: str, reader: Reader) -> str:
    return reader.text(words.SEVERITIES[severity]) if severity in words.SEVERITIES else words.visible(severity)


def _judged_as(alert: Alert, measure: Measure | None, reader: Reader) -> Iterator[str]:
    """By what it was judged: the level, the pack its dossier refers to, and who signed for other numbers."""
    if alert.level is None:
        yield reader.text("Hệ thống chưa phân loại nên được xét theo ngưỡng của cấp 5.")
    else:
        yield reader.text("Được xét theo ngưỡng của cấp {level}.", level=alert.level)
    if measure is None:
        return
    yield reader.text("Gói cấp độ {pack}.", pack=measure.pack)
    for one in measure.overrides:
        yield reader.text(
            "Ngoại lệ theo {document}, đến hết ngày {day}.",
            document=words.visible(one.document),
            day=f"{one.last:%d/%m/%Y}",
        )


def _why(alert: Alert, row: AlertRow, header: Header | None, measure: Measure | None, reader: Reader) -> Why:
    runbook = reader.choice(header.runbook.vi, header.runbook.en) if header else ""
    return Why(
        rule=words.visible(alert.rule),
        version=alert.rule_version,
        description=reader.choice(header.description.vi, header.description.en) if header else "",
        thresholds=tuple((words.visible(name), f"{value:.10g}") for name, value in sorted(alert.threshold.items())),
        judged_as=tuple(_judged_as(alert, measure, reader)),
        profile=words.visible(alert.profile),
        techniques=tuple(map(words.visible, alert.techniques)),
        priority=f"{_severity(alert.severity, reader)} × {row.level} → {row.mark.text}",
        runbook=steps(runbook),
        false_positives=header.false_positives if header else (),
    )


def _groups(alert: Alert, reader: Reader) -> tuple[Group, ...]:
    most_first = sorted(alert.groups, key=lambda group: (not group.group, -group.count))
    whole = max((group.count for group in alert.groups), default=1)
    return tuple(
        Group(
            name=", ".join(f"{name} = {words.visible(value)}" for name, value in group.group.items())
            or reader.text("tất cả nguồn còn lại"),
            address=f"/incidents/{group.group['incident']}"
            if alert.asset == SELF and "incident" in group.group
            else "",
            count=reader.number(group.count),
            share=group.count,
            whole=max(whole, 1),
            first=reader.moment(group.first_ns),
            last=reader.moment(group.last_ns),
            over=group.over,
        )
        for group in most_first
        if group.group or len(alert.groups) > 1
    )


def _step(change: Change, reader: Reader) -> Step:
    did = words.DONE.get(change.action, change.action)
    moved = change.before is not change.after
    return Step(
        at=reader.moment(change.at_ns),
        actor=reader.text("hệ thống") if change.actor == SYSTEM else words.visible(change.actor),
        did=reader.text(did),
        state=reader.text(words.STATES[change.after]) if moved else "",
        owner=words.visible(change.owner or "") if change.action == Action.ASSIGN else "",
        note=words.visible(change.note),
    )


def _move(action: Action, reader: Reader) -> Move:
    keys = {Action.ACKNOWLEDGE: "1", Action.ASSIGN: "2", Action.RESOLVE: "3"}
    return Move(
        action=action.value,
        label=reader.text(words.ACTIONS[action]),
        key=keys.get(action, ""),
        needs_note=action in words.NEEDS_NOTE,
        needs_owner=action is Action.ASSIGN,
    )
