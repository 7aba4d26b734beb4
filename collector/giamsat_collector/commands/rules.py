# SPDX-License-Identifier: Apache-2.0
"""The rules in force on the command line: what judges, taking in others, going back."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from giamsat_collector.commands.archive import Since
from giamsat_collector.commands.asking import ConfigOption, JsonOption, load, me, out, request, say
from giamsat_collector.commands.offering import complaints, offered
from giamsat_collector.commands.replay import ABOVE, Budget, above, allowed, rehearsed
from giamsat_collector.errors import RefusedError
from giamsat_rules.load import Folders

app = typer.Typer(no_args_is_help=True, help="Bộ luật đang dùng. / The rules in force.")

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Chỉ xem trước, không đổi gì. / Show what would change; change nothing.")
]


@app.command("show")
def rules_show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Luật nào đang dùng, các bộ còn giữ. / What judges now, and what is kept to go back to."""
    found = request(config, "rules.show")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    number = f"số / number {found['number']}" if found["number"] else "theo cấu hình / as configured"
    packs = ", ".join(found["packs"])
    out.print(f"{found['rules']} luật / rules  {packs}  {found['digest']}  {number}", markup=False)
    out.print(f"từ / from {found['source']}", markup=False)
    for each in found["kept"]:
        taken = datetime.fromtimestamp(each["taken_ns"] / 10**9, UTC).astimezone(load(config).console.zone)
        mark = "*" if each["number"] == found["number"] else " "
        serial = "" if each["serial"] is None else f"  gói / bundle {each['serial']}"
        out.print(
            f"{mark} {each['number']}  {taken:%d/%m/%Y %H:%M}  {each['actor']}  {each['source']}{serial}", markup=False
        )
    for name, why in found["disabled"].items():
        say.print(f"bị tắt / disabled: {name}: {why}", markup=False, soft_wrap=True)
    for problem in found["left_out"]:
        say.print(problem, markup=False, soft_wrap=True)


@app.command("use")
def rules_use(
    path: Annotated[
        Path | None, typer.Argument(help="Thư mục luật hoặc gói đã ký; bỏ trống: theo cấu hình. / Folder or bundle.")
    ] = None,
    pack: Annotated[Path | None, typer.Option("--pack", help="Thư mục gói cấp độ. / A level pack's folder.")] = None,
    budget: Budget = None,
    since: Since = "7d",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Đổi bộ luật khi đang chạy. / Exchange the rules while everything runs; exit code 3: above the budget.

    Cases and checks run first; with a budget, so does what 'replay' does over --since.
    """
    if path is None:
        _print(request(config, "rules.use_configured", actor=me(), dry_run=dry_run), dry_run=dry_run)
        return
    said = request(config, "rules.show")
    in_force = Folders(Path(said["detections"]), Path(said["levels"]))
    with offered(path, pack, load(config), in_force) as offer:
        wrong = complaints(offer.folders)
        for line in wrong:
            say.print(line, markup=False, soft_wrap=True)
        if wrong:
            raise RefusedError(f"problems: {len(wrong)}; the rules in force stay as they are")
        if most := allowed(budget, config):
            found = rehearsed(offer.folders, in_force, since=since, until="", config=config)
            if found.per_day > most:
                say.print(above(found, most))
                raise typer.Exit(ABOVE)
        words = {**offer.arguments, "source": str(path.resolve()), "actor": me(), "dry_run": dry_run}
        _print(request(config, offer.command, **words), dry_run=dry_run)


@app.command("back")
def rules_back(config: ConfigOption = None) -> None:
    """Về bộ luật trước. / Back to the rules that were in force before."""
    _print(request(config, "rules.back", actor=me()), dry_run=False)


def _print(said: dict[str, Any], *, dry_run: bool) -> None:
    for sign, names in (("+", said["added"]), ("-", said["removed"]), ("~", said["changed"])):
        for name in names:
            out.print(f"{sign} {name}", markup=False)
    for sign, names in (("+", said["packs_added"]), ("-", said["packs_removed"])):
        for name in names:
            out.print(f"{sign} gói cấp độ / level pack {name}", markup=False)
    for level in said["levels"]:
        place = f"{level['pack']} cấp / level {level['level']}"
        for sign, names in (("+", level["rules_added"]), ("-", level["rules_removed"])):
            for name in names:
                out.print(f"{place}: {sign} {name}", markup=False)
        for name, (before, after) in level["values"].items():
            out.print(f"{place}: {name} {before} → {after}", markup=False)
    counts = f"+{len(said['added'])} -{len(said['removed'])} ~{len(said['changed'])} ={said['unchanged']}"
    if dry_run:
        say.print(f"{counts}  chỉ xem trước, chưa đổi gì / a preview: nothing was changed")
    else:
        say.print(
            f"{counts}  đang dùng bộ / in force: {said['number'] or 'theo cấu hình / as configured'}  {said['digest']}"
        )
