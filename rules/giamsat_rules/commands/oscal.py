# SPDX-License-Identifier: Apache-2.0
"""`giamsat-rules oscal`: a level pack for tools that read OSCAL."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from giamsat_rules.commands.given import FOUND, Pack, Rules, give_up, opened
from giamsat_rules.errors import RulesError
from giamsat_rules.load import load_obligations, shipped
from giamsat_rules.oscal import files
from giamsat_wire.clock import SystemClock

app = typer.Typer()


@app.command()
def oscal(
    out: Annotated[Path, typer.Option("--out", help="Thư mục để ghi vào. / The folder to write into.")],
    rules: Rules = None,
    pack: Pack = None,
) -> None:
    """Xuất gói cấp độ theo OSCAL 1.1.2. / Write a level pack as OSCAL 1.1.2: a catalog, and a profile a level."""
    ruleset, levels = opened(rules, pack)
    try:
        obligations = load_obligations(pack or shipped().pack)
    except RulesError as error:
        give_up(error)
    now = datetime.fromtimestamp(SystemClock().wall_ns() / 10**9, UTC).isoformat(timespec="seconds")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files(ruleset, levels, obligations, now).items():
            (out / name).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            typer.echo(str(out / name))
    except OSError as error:
        typer.echo(f"{out}: cannot be written: {error.strerror}; name another folder with --out", err=True)
        raise typer.Exit(FOUND) from error
