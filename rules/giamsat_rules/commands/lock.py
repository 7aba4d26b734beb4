# SPDX-License-Identifier: Apache-2.0
"""`giamsat-rules lock`: note every rule's version and content, or check them against what was noted."""

from pathlib import Path
from typing import Annotated, Final

import typer

from giamsat_rules import lock as locks
from giamsat_rules.commands.given import FOUND, Rules, give_up
from giamsat_rules.errors import RulesError
from giamsat_rules.load import load_rules, shipped

app = typer.Typer()

SHOWN: Final = 20
"""So many rules that are not locked as they are are named."""
RENEW: Final = "giamsat-rules lock; of the shipped rules: make lock-rules"


@app.command(name="lock")
def lock(
    rules: Rules = None,
    check: Annotated[
        bool, typer.Option("--check", help="Chỉ kiểm tra, không ghi. / Only check, write nothing.")
    ] = False,
    file: Annotated[
        Path | None, typer.Option("--file", help="Tệp khóa; mặc định rules.lock. / The lock; rules.lock if not given.")
    ] = None,
) -> None:
    """Ghi hoặc kiểm tra khóa phiên bản: quy tắc đổi thì phiên bản phải đổi. / No rule changes without its version."""
    folder = rules or shipped().detections
    target = file or (folder if folder.is_dir() else folder.parent) / locks.FILE
    try:
        ruleset = load_rules(folder)
    except RulesError as error:
        give_up(error)
    now = locks.lock_of(ruleset)
    before = locks.read(target.read_text(encoding="utf-8")) if target.is_file() else {}
    problems = list(locks.broken(before, now, ruleset))
    for problem in problems:
        typer.echo(str(problem))
    different = list(locks.unlocked(before, now))
    if problems:
        raise typer.Exit(FOUND)
    if check:
        for what in different[:SHOWN]:
            typer.echo(what)
        typer.echo(f"{len(now)} rules, {len(different)} not locked as they are", err=True)
        if different:
            typer.echo(f"look at them, then lock them: {RENEW}", err=True)
        raise typer.Exit(FOUND if different else 0)
    target.write_text(locks.written(now), encoding="utf-8")
    typer.echo(f"{target}: {len(now)} rules locked, {len(different)} changed", err=True)
