# SPDX-License-Identifier: Apache-2.0
"""The spool on the command line: what waits to be sent. Nothing is written, so the agent may go on running."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from giamsat_agent import config as configuration
from giamsat_agent.config import Config
from giamsat_agent.errors import StateError
from giamsat_agent.spool.files import ReadOnly
from giamsat_agent.spool.inspection import LaneReport, inspect
from giamsat_wire.clock import SystemClock
from giamsat_wire.lane import Lane

app = typer.Typer(no_args_is_help=True, help="Hàng đợi trên đĩa. / The disk queue.")
say = Console(stderr=True, highlight=False)

DEFAULT: Final = Path("/etc/giamsat/agent.toml")
DAMAGED: Final = 2
"""Exit code: something in the spool is damaged; the rest is sent all the same."""
ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help=f"TOML file; without it {DEFAULT} if it is there.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command("show")
def spool_show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Còn gì chờ gửi, từ bao giờ, lớn bao nhiêu. / What waits, since when, how big."""
    now_ns = SystemClock().wall_ns()
    table = Table("làn / lane", "đang chờ / waiting", "từ / since", "byte", "tệp / files", box=None)
    for report in _reports(config):
        if as_json:
            typer.echo(json.dumps(_shape(report, now_ns)))
            continue
        since = "-" if report.oldest_ns is None else _moment(report.oldest_ns)
        table.add_row(
            report.lane.name.lower(), str(report.waiting), since, f"{report.size:,}", str(len(report.segments))
        )
    if not as_json:
        Console(highlight=False).print(table)


@app.command("verify")
def spool_verify(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Kiểm tra từng tệp của hàng đợi. / Check every file. Exit code 2: something is damaged."""
    damaged = 0
    for report in _reports(config):
        for one in report.segments:
            state = "ok" if one.damaged_at is None else "damaged"
            if as_json:
                shape = {"lane": report.lane.name.lower(), "file": one.name, "state": state, "frames": one.frames}
                typer.echo(json.dumps({**shape, "first": one.first, "last": one.last, "damaged_at": one.damaged_at}))
            elif one.damaged_at is not None:
                words = f"{report.lane.name.lower()}/{one.name}: hỏng từ byte / damaged from byte {one.damaged_at}"
                say.print(f"{words}; {one.frames} khung còn đọc được / frames can be read", markup=False)
        damaged += len(report.damaged)
        if not as_json:
            files, bad = len(report.segments), len(report.damaged)
            say.print(f"{report.lane.name.lower()}: {files} tệp / files, {bad} hỏng / damaged")
    raise typer.Exit(DAMAGED if damaged else 0)


def _reports(config: Path | None) -> list[LaneReport]:
    path = config or (DEFAULT if DEFAULT.exists() else None)
    state = Path((configuration.load(path) if path else Config()).state)
    try:
        return [inspect(ReadOnly(state / "spool" / lane.name.lower()), lane) for lane in Lane]
    except OSError as error:
        raise StateError(
            f"{state / 'spool'}: {error.strerror}; run as the agent's user, or give its file with --config"
        ) from error


def _moment(at_ns: int) -> str:
    """Local time, with UTC beside it."""
    at = datetime.fromtimestamp(at_ns / 1e9, UTC)
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S} ({at:%H:%M:%SZ})"


def _shape(report: LaneReport, now_ns: int) -> dict[str, object]:
    oldest_s = None if report.oldest_ns is None else round((now_ns - report.oldest_ns) / 1e9, 3)
    return {
        "lane": report.lane.name.lower(),
        "waiting": report.waiting,
        "oldest_s": oldest_s,
        "bytes": report.size,
        "acked": report.acked,
        "files": len(report.segments),
        "damaged": len(report.damaged),
    }
