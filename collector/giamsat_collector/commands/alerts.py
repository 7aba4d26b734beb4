# SPDX-License-Identifier: Apache-2.0
"""Alerts on the command line."""

import base64
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from giamsat_collector.commands.asking import (
    ConfigOption,
    JsonOption,
    NoteOption,
    folded,
    json_lines,
    load,
    out,
    request,
    say,
    whole,
)
from giamsat_collector.commands.moment import moment
from giamsat_collector.commands.one_alert import told
from giamsat_collector.console.views.words import visible
from giamsat_collector.errors import CollectorError

AlertArgument = Annotated[str, typer.Argument(help="Mã cảnh báo trong 'alerts list'. / An id in 'alerts list'.")]
app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("list")
def alerts_list(
    filters: Annotated[
        list[str] | None,
        typer.Argument(
            help="TÊN=GIÁ TRỊ, như trong địa chỉ của bảng điều khiển. "
            "/ NAME=VALUE, as in the console's address: state=open priority=1,2 unit=40.412 text=sshd"
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Tối đa bao nhiêu. / At most so many.")] = 200,
) -> None:
    """Cảnh báo, khẩn cấp nhất trước. / Alerts, most urgent first."""
    found = request(config, "alerts.list", filters=[_pair(text) for text in filters or ()], limit=limit)
    if as_json:
        json_lines(found["alerts"])
    else:
        _alert_table(found["alerts"], load(config).console.zone)
        if not found["alerts"]:
            say.print("Không có cảnh báo nào khớp. / No alert matches.")
    if found["more"]:
        say.print(f"chỉ {limit} cảnh báo đầu / only the first {limit}; --limit shows more")


@app.command("show")
def alerts_show(alert: AlertArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Mọi điều về một cảnh báo. / Everything about one alert."""
    found = request(config, "alerts.show", alert=alert)
    if as_json:
        json_lines([found])
    else:
        for text in told(found, load(config).console.zone):
            _line(text)


@app.command("evidence")
def alerts_evidence(
    alert: AlertArgument,
    file: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Ghi gói tin vào đâu, ví dụ evidence.pcap. / Where to write the packets, e.g. evidence.pcap."
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Gói tin làm chứng cứ. / The packets behind an alert: what they are, and with --out as a capture file."""
    found = request(config, "alerts.evidence", alert=alert)
    if file is not None:
        _save(file, found["files"])
    if as_json:
        json_lines([found["evidence"]])
    elif file is None:
        for piece in found["evidence"]:
            _line(f"{piece['id']}  {piece['interface']}: {piece['frames']} gói / packets")
            for line in piece["lines"]:
                _line(f"  {line}")


def _line(text: str) -> None:
    """Print one line, even if a host's words in it hold more than one: none of them may look like ours."""
    out.print(text.replace("\n", "\\n"), soft_wrap=True)


def _save(file: Path, captures: dict[str, str]) -> None:
    """Write each capture; one link type is the rule, further ones get a name of their own."""
    for number, (kind, text) in enumerate(captures.items()):
        path = file if number == 0 else file.with_stem(f"{file.stem}-link{kind}")
        raw = base64.b64decode(text)
        try:
            path.write_bytes(raw)
        except OSError as error:
            raise CollectorError(f"{path}: cannot be written: {error.strerror}; name another file") from error
        say.print(f"{path}: {len(raw)} byte; tshark -r, tcpdump -nr", markup=False)


def _move(config: Path | None, alert: str, action: str, note: str = "", owner: str | None = None) -> None:
    found = request(config, "alerts.move", alert=alert, action=action, note=note, owner=owner)
    say.print(f"{found['id']}: {found['state']}, người xử lý / owner {found['owner'] or '-'}", markup=False)


@app.command("ack")
def alerts_ack(alert: AlertArgument, note: NoteOption = "", config: ConfigOption = None) -> None:
    """Tiếp nhận. / Acknowledge; you become the owner."""
    _move(config, alert, "acknowledge", note)


@app.command("assign")
def alerts_assign(
    alert: AlertArgument,
    to: Annotated[str, typer.Option(help="Giao cho người nào. / Who takes it.")],
    note: NoteOption = "",
    config: ConfigOption = None,
) -> None:
    """Giao cho một người. / Assign to somebody."""
    _move(config, alert, "assign", note, to)


@app.command("wait")
def alerts_wait(alert: AlertArgument, note: NoteOption = "", config: ConfigOption = None) -> None:
    """Chờ đơn vị. / Wait for the unit."""
    _move(config, alert, "wait", note)


@app.command("close")
def alerts_close(
    alert: AlertArgument,
    note: NoteOption,
    false_positive: Annotated[
        bool, typer.Option("--false-positive", help="Không phải mối đe dọa. / It was no threat.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Đóng, với lý do. / Close, with the reason."""
    _move(config, alert, "false_positive" if false_positive else "resolve", note)


@app.command("reopen")
def alerts_reopen(alert: AlertArgument, note: NoteOption, config: ConfigOption = None) -> None:
    """Mở lại. / Open again."""
    _move(config, alert, "reopen", note)


def _pair(text: str) -> list[str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise CollectorError(f"{text!r} is not a filter; write NAME=VALUE, e.g. state=open")
    return [name, value]


def _alert_table(alerts: list[dict[str, Any]], zone: tzinfo) -> None:
    if not alerts:
        return
    heads = ("trạng\nthái\nstate", "tiêu đề\ntitle", "lần\ncount", "nguồn\nsource", "đơn vị\nunit", "cấp\nlevel")
    table = Table("P", whole("mã\nid"), *map(folded, (*heads, "cuối\nlast", "người\nowner")), box=None)
    for alert in alerts:
        level = "?" if alert["level"] is None else str(alert["level"])
        table.add_row(
            str(alert["priority"]),
            alert["id"],
            alert["state"] + (" ←" + alert["cause"] if alert["cause"] else ""),
            visible(alert["title"]["vi"]) + (f" +{alert['stands_for']}" if alert["stands_for"] else ""),
            str(alert["count"]),
            alert["source"]["ip"] or "-",
            alert["unit"],
            level,
            moment(alert["last"], zone),
            alert["owner"] or "-",
        )
    out.print(table)
