# SPDX-License-Identifier: Apache-2.0
"""One incident as text for a person: what, where, by when which report is due, what is known, who did what."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any, Final

from giamsat_collector.commands.moment import moment
from giamsat_collector.console.views.words import visible
from giamsat_collector.incidents.incident import Report

STANDING: Final = {
    "sent": "đã gửi / sent",
    "due": "còn hạn / due",
    "near": "sắp đến hạn / due soon",
    "late": "QUÁ HẠN / LATE",
}
FLAGS: Final = {
    "serious": "nghiêm trọng / serious",
    "security_interest": "an ninh, trật tự / security interest",
    "interruption": "gián đoạn nghiêm trọng / serious interruption",
    "personal_data": "dữ liệu cá nhân / personal data",
}
TEXTS: Final = {
    "first_actions": "Đã làm ngay / Done first",
    "cause": "Nguyên nhân / Cause",
    "scope": "Phạm vi, thiệt hại / Scope",
    "remedy": "Khắc phục / Remedy",
}
SHOWN: Final = 20
"""Alerts that are listed; --json has all."""


def told(incident: Mapping[str, Any], zone: tzinfo) -> Iterator[str]:
    """The lines, from the full JSON of an incident."""
    yield f"{incident['number']}  {visible(incident['title'])}"
    yield ""
    yield _line("trạng thái / state", f"{incident['state']}, phụ trách / owner {visible(incident['owner'])}")
    flags = [said for name, said in FLAGS.items() if incident[name]]
    yield _line("loại / group", ", ".join([incident["group"], *flags]))
    if incident["personal_data"]:
        yield _line("số người / persons", "chưa rõ / not known" if incident["persons"] is None else incident["persons"])
    why = f"   {visible(incident['detected_why'])}" if incident["detected_why"] else ""
    yield _line("phát hiện / detected", moment(incident["detected"], zone) + why)
    yield _line("người báo / told by", visible(incident["told_by"]) or "hệ thống giám sát / the monitoring")
    for place in incident["places"]:
        level = "chưa phân loại / unclassified" if place["level"] is None else place["level"]
        named = f"{place['unit'] or '-'}   hệ thống / system {place['system'] or '-'}   cấp / level {level}"
        yield _line("đơn vị / unit", named)
    yield from ("", "Báo cáo / Reports")
    for one in incident["reports"]:
        yield _owed(one, zone)
        yield f"{'':<16}→ {one['addressee']}; {one['law']}"
    if not incident["reports"]:
        yield "  không phải gửi / none is owed: not serious, and no sign of harm"
    for name, title in TEXTS.items():
        if incident[name]:
            yield from ("", title, *(f"  {visible(line)}" for line in incident[name].splitlines()))
    yield from ("", f"Cảnh báo / Alerts ({len(incident['alerts'])})")
    for alert in incident["alerts"][:SHOWN]:
        title = visible(alert["title"]["vi"])
        yield f"  {alert['id']}  P{alert['priority']}  {alert['state']}  {title}  {alert['asset']}"
    if len(incident["alerts"]) > SHOWN:
        yield f"  … {len(incident['alerts']) - SHOWN} nữa / more; --json"
    yield from ("", "Lịch sử / History")
    for change in incident["history"]:
        details = "; ".join(
            f"{name.removesuffix('_ns')}: {_value(name, value, zone)}" for name, value in change["details"].items()
        )
        note = f": {visible(change['note'])}" if change["note"] else ""
        yield f"  {moment(change['at'], zone)}  {visible(change['actor'])}  {change['action']}  {details}{note}"


def left(report: Mapping[str, Any]) -> str:
    """How long there is until a report is due, or how late it is, or was."""
    seconds = abs(report["left_seconds"])
    span = f"{seconds // 3600} h {seconds % 3600 // 60:02} min"
    if report["report"] == Report.IMMEDIATE:
        return f"{span} sau khi phát hiện / after detection"
    if report["left_seconds"] < 0:
        return f"trễ / late {span}"
    return f"còn / left {span}" if report["sent"] is None else f"trước hạn / early {span}"


def _owed(one: Mapping[str, Any], zone: tzinfo) -> str:
    due = f"hạn / due {moment(one['due'], zone)}   {STANDING[one['standing']]}   {left(one)}"
    if one["sent"] is not None:
        due += f"   {moment(one['sent'], zone)}   {visible(one['document'])}   {visible(one['by'])}"
    return f"  {one['report']:<14}{due}"


def _line(name: str, value: object) -> str:
    return f"  {name:<26}{value}"


def _value(name: str, value: object, zone: tzinfo) -> str:
    if name == "alerts" and isinstance(value, list):
        return f"{len(value)}"
    if name.endswith("_ns"):
        return " → ".join(moment(each, zone) for each in (value if isinstance(value, list) else [str(value)]))
    return " → ".join(visible(each) for each in value) if isinstance(value, list) else visible(value)
