# SPDX-License-Identifier: Apache-2.0
"""Captures on the command line."""

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.status import Status

app = typer.Typer(no_args_is_help=True, help="Gói tin mạng. / Network packets.")
say = Console(stderr=True, highlight=False)

PARTLY = 2
"""Exit code: a file could be read in part only."""


class Language(StrEnum):
    """In which language the sentences are."""

    VI = "vi"
    EN = "en"


@app.command("read")
def packets_read(
    files: Annotated[list[Path], typer.Argument(help="pcap or pcapng files, gzip around them or not.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the sentences.")] = Language.VI,
) -> None:
    """Tìm bất thường trong tệp bắt gói. / Find anomalies in capture files. Exit code 2: a file was read in part."""
    from giamsat_agent.packets.captures import opened  # noqa: PLC0415 - numpy, which nothing else here needs
    from giamsat_agent.packets.reading import read  # noqa: PLC0415

    partly = False
    for path in files:
        with opened(path) as source, say.status(f"{path}: …") as status:
            found = read(source, _telling(status, path))
        for anomaly in found.anomalies:
            shape = anomaly.as_json(lang)
            if as_json:
                typer.echo(json.dumps(shape, ensure_ascii=False))
            else:
                typer.echo(f"{shape['first']}  {shape['severity']:<6}  {shape['class']:<20}  {shape['message']}")
        if found.damage is not None:
            partly = True
            say.print(
                f"{path}: byte {found.damage.offset}: {found.damage.reason}; "
                f"{found.frames} khung trước đó đã đọc / frames before it were read",
                markup=False,
            )
        elif not as_json and not found.anomalies:
            say.print(f"{path}: {found.frames} khung, không thấy bất thường / frames, nothing unusual", markup=False)
    raise typer.Exit(PARTLY if partly else 0)


def _telling(status: Status, path: Path) -> Callable[[int], None]:
    """Shows how far a file has been read."""
    return lambda frames: status.update(f"{path}: {frames} khung / frames")
