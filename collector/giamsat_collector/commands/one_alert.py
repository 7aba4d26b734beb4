# SPDX-License-Identifier: Apache-2.0
"""One alert as text for a person: what, where, what to do first, from whom, on what evidence, who did what."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any, Final

from giamsat_collector.alerts.alert import Relation
from giamsat_collector.commands.moment import moment
from giamsat_collector.console.views.words import visible
from giamsat_rules.runbook import steps

SHARED: Final = 3
"""What two alerts have in common, of which so much is named."""
GROUPS: Final = 20
"""Sources that are listed; --json has all."""


def told(alert: Mapping[str, Any], zone: tzinfo) -> Iterator[str]:
    """The lines, from the full JSON of an alert; text from hosts is made harmless for a terminal."""
    level = "chưa phân loại / unclassified" if alert["level"] is None else alert["level"]
    yield f"P{alert['priority']}  {visible(alert['title']['vi'])} / {visible(alert['title']['en'])}"
    yield ""
    yield _line("mã / id", alert["id"])
    yield _line("trạng thái / state", f"{alert['state']}, người xử lý / owner {alert['owner'] or '-'}")
    yield from _standing(alert)
    unit, system = alert["unit"] or "-", alert["system"] or "-"
    yield _line("máy / asset", f"{alert['asset']}   đơn vị / unit {unit}   hệ thống / system {system}")
    yield _line("cấp độ / level", f"{level}   mức / severity {alert['severity']}")
    yield _line("số lần / count", alert["count"])
    yield _line("lần đầu / first", moment(alert["first"], zone))
    yield _line("lần cuối / last", moment(alert["last"], zone))
    limits = ", ".join(f"{name} = {value}" for name, value in alert["threshold"].items())
    yield _line("quy tắc / rule", f"{alert['rule']} v{alert['rule_version']}   {limits}".rstrip())
    yield from _measured(alert["measured_by"])
    if alert["techniques"]:
        yield _line("ATT&CK", ", ".join(alert["techniques"]))
    for title, runbook in (
        ("Việc cần làm trước tiên", alert["runbook"]["vi"]),
        ("What to do first", alert["runbook"]["en"]),
    ):
        if runbook:
            yield from ("", title)
            yield from (f"  {number}. {step}" for number, step in enumerate(steps(runbook), 1))
    if alert["groups"]:
        yield from ("", "Theo nguồn / By source")
        yield from (_group(group, zone) for group in alert["groups"][:GROUPS])
        if len(alert["groups"]) > GROUPS:
            yield f"  … {len(alert['groups']) - GROUPS} nữa / more; --json"
    for event in alert["evidence"]:
        yield from ("", "Chứng cứ / Evidence")
        yield from (_line(visible(name), visible(_value(event[name]))) for name in sorted(event))
    yield from ("", "Lịch sử / History")
    for change in alert["history"]:
        note = f": {visible(change['note'])}" if change["note"] else ""
        yield f"  {moment(change['at'], zone)}  {visible(change['actor'])}  {change['action']}{note}"


def _standing(alert: Mapping[str, Any]) -> Iterator[str]:
    """The alert that stands for it in the queue, and how many it stands for."""
    if alert["relation"] == Relation.SAME:
        both = visible("; ".join(alert["because"][:SHARED]))
        yield _line("cùng vụ / same matter as", f"{alert['cause']}   {both}   (không vào hàng đợi / not queued)")
    elif alert["cause"]:
        yield _line("nguyên nhân / cause", f"{alert['cause']}   (hệ quả, không vào hàng đợi / consequence, not queued)")
    if alert["consequences"]:
        wanted = f"alerts list state= cause={alert['id']}"
        yield _line("đại diện cho / stands for", f"{alert['consequences']}   {wanted}")


def _measured(by: Mapping[str, Any] | None) -> Iterator[str]:
    """The level pack and the overrides; nothing when those in force now are not what it was judged by."""
    if by is None:
        return
    yield _line("gói cấp độ / level pack", f"{by['pack']}   cấp / level {by['level']}")
    for one in by["overrides"]:
        signed = f"{one['override']}   {one['document']}   tới / until {one['expires']}"
        yield _line("ngoại lệ / override", visible(signed))


def _line(name: str, value: object) -> str:
    return f"  {name:<26}{value}"


def _group(group: Mapping[str, Any], zone: tzinfo) -> str:
    name = ", ".join(f"{visible(field)} = {visible(value)}" for field, value in group["group"].items())
    return f"  {group['count']:>6} ×  {name}   {moment(group['last'], zone)}"


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
