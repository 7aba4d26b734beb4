# SPDX-License-Identifier: Apache-2.0
"""The archive of events on the command line. It reads the day files themselves, so it needs no running collector."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import Progress
from rich.table import Table

from giamsat_collector.archive import day as day_file
from giamsat_collector.archive.folder import Archive
from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, load, out, say
from giamsat_collector.commands.moment import Since, Until, span
from giamsat_collector.event_time import instant
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.codec import Happenings, decode
from giamsat_wire.errors import MalformedError

app = typer.Typer(no_args_is_help=True, add_completion=False)

PARTLY: Final = 2
"""Exit code: something could not be read."""


@app.command("show")
def archive_show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Mỗi cấp độ giữ từ ngày nào, bao nhiêu byte. / How far back each level goes, and how large it is."""
    archive = _archive(config)
    oldest, days = archive.oldest(), archive.days()
    rows = [_level(level, [day for day in days if day.level == level], at_ns) for level, at_ns in oldest.items()]
    if as_json:
        json_lines(sorted(rows, key=lambda row: row["level"]))
        return
    if not rows:
        say.print("Chưa có gì trong kho. / The archive is empty; events are moved there every half minute.")
    table = Table("cấp độ / level", "từ / since (UTC)", "tới / until", "tệp / files", "byte", box=None)
    for row in sorted(rows, key=lambda row: row["level"]):
        table.add_row(*(str(row[key]) for key in ("level", "since", "until", "files", "bytes")))
    out.print(table)


@app.command("verify")
def archive_verify(config: ConfigOption = None) -> None:
    """Đọc và kiểm tra từng khối. / Read and check every block. Exit code 2: something is damaged."""
    damaged = 0
    for day in _archive(config).days():
        found = day_file.contents(day)
        if found.damaged_bytes:
            damaged += 1
            said = f"hỏng {found.damaged_bytes} byte / {found.damaged_bytes} bytes are damaged"
        elif found.torn is not None:
            said = "khối cuối chưa xong / the last block is unfinished: it is cut off at the next writing"
        else:
            continue
        out.print(f"{day.path}: {said}; {found.frames} khung đọc được / frames can be read", markup=False)
    if damaged:
        raise typer.Exit(PARTLY)
    say.print("kho nguyên vẹn / the archive is whole")


@app.command("read")
def archive_read(
    since: Since = "1d",
    until: Until = "",
    asset: Annotated[str, typer.Option(help="Chỉ tài sản này. / Only this asset.")] = "",
    action: Annotated[str, typer.Option(help="Chỉ event.action này. / Only this event.action.")] = "",
    config: ConfigOption = None,
) -> None:
    """In các sự kiện, mỗi dòng một JSON. / Print events as JSON lines, which giamsat-rules eval takes."""
    told = refused = 0
    for frame in _archive(config).frames(*span(since, until, load(config).console.zone)):
        if asset and frame.agent != asset:
            continue
        try:
            for said in _events(frame):
                if not action or said["event.action"] == action:
                    json_lines([said])
                    told += 1
        except MalformedError as error:
            refused += 1
            say.print(f"khung / frame {frame.id}: {error}", markup=False)
    if refused:
        raise typer.Exit(PARTLY)
    if not told:
        say.print(
            "Kho không có sự kiện nào như vậy; kho có từ khi nào, máy nào / the archive holds no such event; how far "
            "it goes back, and which hosts there are: giamsat-collector archive show, enrol agents",
            soft_wrap=True,
        )


def archived(first_ns: int, last_ns: int, config: Path | None) -> Iterator[StoredFrame]:
    """The archived frames of a span, and how far they are on the terminal."""
    with Progress(console=say, transient=True) as progress:
        task = progress.add_task("nhật ký / events", total=last_ns - first_ns)
        for number, frame in enumerate(_archive(config).frames(first_ns, last_ns)):
            if number % 500 == 0:
                progress.update(task, completed=frame.received_ns - first_ns)
            yield frame


def _archive(config: Path | None) -> Archive:
    return Archive(Path(load(config).data) / "archive")


def _level(level: int, days: list[day_file.Day], oldest_ns: int) -> dict[str, Any]:
    return {
        "level": level,
        "since": instant(oldest_ns),
        "until": str(days[-1].date),
        "files": len(days),
        "bytes": sum(day.bytes for day in days),
    }


def _events(frame: StoredFrame) -> Iterator[dict[str, Any]]:
    """The events of a frame with their time by the collector's clock; who sent them is never taken from them."""
    decoded = decode(frame.flags, frame.payload, ChainDecoder(()))
    for event in decoded.events if isinstance(decoded, Happenings) else ():
        when = frame.when(event.wall_ns)
        at = datetime.fromtimestamp(when.at_ns / SECOND_NS, UTC).isoformat().replace("+00:00", "Z")
        yield {**event.fields, "@timestamp": at, "event.action": event.kind, "agent.id": frame.agent}
