# SPDX-License-Identifier: Apache-2.0
"""Incidents on the command line."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from giamsat_collector.commands.asking import ConfigOption, JsonOption, NoteOption, json_lines, load, out, request, say
from giamsat_collector.commands.listed_incidents import table
from giamsat_collector.commands.moment import moment
from giamsat_collector.commands.one_incident import STANDING, left, told
from giamsat_collector.commands.report import Agency, format_of, write
from giamsat_collector.incidents.incident import Group, Report

app = typer.Typer(no_args_is_help=True, add_completion=False)

Number = Annotated[int, typer.Argument(help="Số trong 'incidents list'. / The number in 'incidents list'.")]
Alerts = Annotated[list[str], typer.Argument(help="Mã cảnh báo trong 'alerts list'. / Ids in 'alerts list'.")]
Kind = Annotated[str, typer.Argument(help=f"Loại báo cáo / which report: {' | '.join(Report)}")]
GroupOption = Annotated[str, typer.Option("--group", help=f"Nhóm sự cố / which kind: {' | '.join(Group)}")]
Title = Annotated[str, typer.Option(help="Tên sự cố. / What it is called.")]
Serious = Annotated[bool | None, typer.Option("--serious/--not-serious", help="Nghiêm trọng. / Serious.")]
Security = Annotated[
    bool | None,
    typer.Option(
        "--security-interest/--no-security-interest",
        help="Dấu hiệu xâm hại an ninh quốc gia, trật tự. / Signs of harm to security or public order.",
    ),
]
Interruption = Annotated[
    bool | None,
    typer.Option(
        "--interruption/--no-interruption", help="Gián đoạn nghiêm trọng. / A serious interruption of service."
    ),
]
Personal = Annotated[
    bool | None, typer.Option("--personal-data/--no-personal-data", help="Dữ liệu cá nhân. / Personal data.")
]
Persons = Annotated[str | None, typer.Option(help="Số người; bỏ trống '' nếu chưa rõ. / How many; '' if unknown.")]
Detected = Annotated[
    str | None, typer.Option(help="2026-11-30T08:15; bỏ trống: cảnh báo đầu tiên. / Without: its first alert.")
]
ToldBy = Annotated[str | None, typer.Option("--told-by", help="Ai báo, bằng cách nào. / Who told of it, and how.")]
Unit = Annotated[str | None, typer.Option(help="Xảy ra ở đơn vị nào. / The unit where it is.")]
System = Annotated[str | None, typer.Option(help="Xảy ra ở hệ thống nào. / The system where it is.")]
Owner = Annotated[str | None, typer.Option(help="Người phụ trách. / Who sees to it.")]
Reason = Annotated[str, typer.Option(help="Vì sao. / Why; needed for what moves a deadline.")]
FirstActions = Annotated[str | None, typer.Option(help="Đã làm gì ngay. / What was done first.")]
Cause = Annotated[str | None, typer.Option(help="Nguyên nhân. / The cause.")]
Scope = Annotated[str | None, typer.Option(help="Phạm vi, thiệt hại. / What is affected.")]
Remedy = Annotated[str | None, typer.Option(help="Biện pháp khắc phục. / The remedy.")]


_LISTED: Final = {"open": ["open"], "closed": ["closed"], "all": ["open", "closed"]}


@app.command("open")
def incidents_open(
    group: GroupOption,
    alerts: Annotated[
        list[str] | None, typer.Argument(help="Mã cảnh báo, nếu có. / Ids in 'alerts list'; none: a person told of it.")
    ] = None,
    title: Title = "",
    serious: Serious = None,
    security_interest: Security = None,
    interruption: Interruption = None,
    personal_data: Personal = None,
    persons: Persons = None,
    detected: Detected = None,
    told_by: ToldBy = None,
    unit: Unit = None,
    system: System = None,
    owner: Owner = None,
    first_actions: FirstActions = None,
    reason: Reason = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ kiểm tra. / Check only; nothing is opened.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mở sự cố từ cảnh báo hoặc tin báo của người. / Open an incident of alerts, or of what a person told."""
    chosen = alerts or []
    said = _said(
        group=group,
        title=title or (_title_of(config, chosen[0]) if chosen else None),
        serious=serious,
        security_interest=security_interest,
        interruption=interruption,
        personal_data=personal_data,
        persons=persons,
        detected=detected,
        told_by=told_by,
        unit=unit,
        system=system,
        owner=owner,
        first_actions=first_actions,
    )
    if dry_run:
        for alert in chosen:
            request(config, "alerts.show", alert=alert)
        request(config, "incidents.check", alerts=chosen, said=said, reason=reason)
        say.print("hợp lệ, chưa mở / right; nothing is opened")
        return
    _print(request(config, "incidents.open", alerts=chosen, said=said, reason=reason), config, as_json)


@app.command("list")
def incidents_list(
    closed: Annotated[bool, typer.Option("--closed", help="Chỉ đã đóng. / Closed ones only.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Cả đã đóng. / Closed ones, too.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sự cố, tới hạn báo cáo trước. / Incidents, the next report due first."""
    wanted = "all" if every else "closed" if closed else "open"
    found = request(config, "incidents.list", states=_LISTED[wanted])
    if as_json:
        json_lines(found["incidents"])
    elif found["incidents"]:
        out.print(table(found["incidents"], load(config).console.zone))
    else:
        say.print("Không có sự cố nào. / There are none; 'giamsat-collector incidents open ALERT --group …'")
    if found["more"]:
        say.print(f"chỉ {len(found['incidents'])} sự cố / only so many are listed; the console shows each by number")


@app.command("show")
def incidents_show(number: Number, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Mọi điều về một sự cố. / Everything about one incident."""
    _print(request(config, "incidents.show", number=number), config, as_json)


@app.command("add")
def incidents_add(
    number: Number, alerts: Alerts, note: NoteOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Thêm cảnh báo. / Add alerts."""
    _move(config, number, "add", as_json=as_json, note=note, alerts=alerts)


@app.command("remove")
def incidents_remove(
    number: Number, alerts: Alerts, note: NoteOption, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Bỏ cảnh báo không thuộc sự cố. / Take alerts out that do not belong to it."""
    _move(config, number, "remove", as_json=as_json, note=note, alerts=alerts)


@app.command("change")
def incidents_change(
    number: Number,
    group: Annotated[str | None, typer.Option("--group", help=f"Nhóm sự cố / which kind: {' | '.join(Group)}")] = None,
    title: Annotated[str | None, typer.Option(help="Tên sự cố. / What it is called.")] = None,
    serious: Serious = None,
    security_interest: Security = None,
    interruption: Interruption = None,
    personal_data: Personal = None,
    persons: Persons = None,
    detected: Detected = None,
    told_by: ToldBy = None,
    unit: Unit = None,
    system: System = None,
    owner: Owner = None,
    first_actions: FirstActions = None,
    cause: Cause = None,
    scope: Scope = None,
    remedy: Remedy = None,
    reason: Reason = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sửa phân loại, thời điểm, nội dung. / Change how it is judged, when it was detected, what is known."""
    said = _said(
        group=group,
        title=title,
        serious=serious,
        security_interest=security_interest,
        interruption=interruption,
        personal_data=personal_data,
        persons=persons,
        detected=detected,
        told_by=told_by,
        unit=unit,
        system=system,
        owner=owner,
        first_actions=first_actions,
        cause=cause,
        scope=scope,
        remedy=remedy,
    )
    _move(config, number, "change", as_json=as_json, note=reason, said=said)


@app.command("note")
def incidents_note(number: Number, note: NoteOption, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Ghi chú. / Write a note."""
    _move(config, number, "note", as_json=as_json, note=note)


@app.command("sent")
def incidents_sent(
    number: Number,
    report: Kind,
    document: Annotated[str, typer.Option(help="Số văn bản. / Number of the document.")],
    at: Annotated[str, typer.Option(help="Lúc gửi, 2026-11-30T08:15; bỏ trống: bây giờ. / When; without: now.")] = "",
    note: NoteOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ghi nhận báo cáo đã gửi. / Record that a report was sent."""
    _move(config, number, "sent", as_json=as_json, note=note, report=report, document=document, at=at)


@app.command("report")
def incidents_report(
    number: Number,
    report: Kind,
    file: Annotated[Path, typer.Option("--out", help="Tệp .docx hoặc .json. / A file that ends in .docx or .json.")],
    agency: Agency = "",
    config: ConfigOption = None,
) -> None:
    """Lập báo cáo để ký. / Draw up a report to sign, with what is known; it is not sent anywhere."""
    asked = format_of(file, (".docx", ".json"))
    write(file, request(config, "report.incident", **asked, number=number, report=report, agency=agency))


@app.command("export")
def incidents_export(
    number: Number,
    file: Annotated[Path, typer.Option("--out", help="Tệp .json. / A file that ends in .json.")],
    form: Annotated[Literal["stix"], typer.Option("--format", help="Dạng trao đổi. / In what.")] = "stix",
    config: ConfigOption = None,
) -> None:
    """Xuất sự cố để trao đổi: gói STIX 2.1, TLP:AMBER. / A bundle of STIX 2.1 for who exchanges such."""
    format_of(file, (".json",))
    write(file, request(config, f"report.{form}", number=number))


@app.command("withdraw")
def incidents_withdraw(
    number: Number, report: Kind, note: NoteOption, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Rút ghi nhận đã gửi. / Withdraw the record that a report was sent."""
    _move(config, number, "withdraw", as_json=as_json, note=note, report=report)


@app.command("close")
def incidents_close(number: Number, note: NoteOption, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Đóng, với kết luận. / Close, with the conclusion."""
    _move(config, number, "close", as_json=as_json, note=note)


@app.command("reopen")
def incidents_reopen(
    number: Number, note: NoteOption, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Mở lại. / Open again."""
    _move(config, number, "reopen", as_json=as_json, note=note)


def _said(**words: object) -> dict[str, object]:
    """What was said at all."""
    return {name: value for name, value in words.items() if value is not None}


def _title_of(config: Path | None, alert: str) -> str:
    return str(request(config, "alerts.show", alert=alert)["title"]["vi"])


def _move(config: Path | None, number: int, action: str, *, as_json: bool, **words: Any) -> None:  # noqa: ANN401 - any JSON value
    found = request(config, "incidents.move", number=number, action=action, **words)
    if as_json:
        json_lines([found])
        return
    say.print(f"{number}: {found['state']}, {len(found['alerts'])} cảnh báo / alerts", markup=False)
    _next(found, config)


def _print(found: dict[str, Any], config: Path | None, as_json: bool) -> None:  # noqa: FBT001 - the option as it is
    if as_json:
        json_lines([found])
        return
    for text in told(found, load(config).console.zone):
        out.print(text.replace("\n", "\\n"), soft_wrap=True)
    _next(found, config)


def _next(found: dict[str, Any], config: Path | None) -> None:
    """The report that is due next, and how to record it."""
    unsent = [one for one in found["reports"] if one["sent"] is None]
    if found["state"] == "open" and unsent:
        due = min(unsent, key=lambda one: str(one["due"]))
        zone = load(config).console.zone
        say.print(f"{due['report']}: {STANDING[due['standing']]}, hạn / due {moment(due['due'], zone)}, {left(due)}")
        say.print(f"giamsat-collector incidents sent {found['number']} {due['report']} --document …", markup=False)
