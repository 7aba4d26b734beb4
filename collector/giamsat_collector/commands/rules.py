# SPDX-License-Identifier: Apache-2.0
"""The rules in force on the command line: what judges, taking in others, going back."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from giamsat_collector.commands.asking import ConfigOption, DryRun, JsonOption, json_lines, load, out, request, say
from giamsat_collector.commands.explain import explain_rule
from giamsat_collector.commands.moment import Since
from giamsat_collector.commands.offering import Given, complaints, in_force, offered
from giamsat_collector.commands.replay import ABOVE, Budget, above, allowed, rehearsed
from giamsat_collector.errors import RefusedError
from giamsat_rules.commands.given import Overrides
from giamsat_rules.override import Scope

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("explain")(explain_rule)


@app.command("show")
def rules_show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Quy tắc nào đang dùng, các bộ còn giữ. / What judges now, and what is kept to go back to."""
    found = request(config, "rules.show")
    if as_json:
        json_lines([found])
        return
    number = f"số / number {found['number']}" if found["number"] else "theo cấu hình / as configured"
    packs = ", ".join(found["packs"])
    out.print(f"{found['rules']} quy tắc / rules  {packs}  {found['digest']}  {number}", markup=False)
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


FORCES: Final = {
    "now": "đang áp dụng / in force",
    "to_come": "chưa áp dụng / to come",
    "over": "đã hết hạn / over",
    "nobody": "chưa đăng ký đối tượng / for nobody registered",
}
"""What the states of an override are called."""
DIRECTIONS: Final = {True: "nới / weaker", False: "siết / stricter", None: ""}


@app.command("overrides")
def rules_overrides(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Sổ ngoại lệ: ai được xét bằng ngưỡng khác, theo văn bản nào, tới khi nào. / The register of overrides."""
    found = request(config, "rules.overrides")
    for each in found:
        if as_json:
            json_lines([each])
            continue
        scope = next(word for word in Scope if word in each)
        days = f"{each['from'] or ''} → {each['expires']}"
        out.print(
            f"{each['override']}  {FORCES[each['force']]}  {scope} {each[scope]}  {days}", markup=False, soft_wrap=True
        )
        out.print(f"  {each['document']}  {each['owner']}: {each['reason']}", markup=False, soft_wrap=True)
        for change in each["changes"]:
            out.print(f"  {_changed(change)}", markup=False, soft_wrap=True)
    counts = Counter(each["force"] for each in found)
    said = ", ".join(f"{counts[force]} {word}" for force, word in FORCES.items() if counts[force])
    say.print(said or "không có ngoại lệ nào / there are no overrides: [rules] overrides, rules use --overrides")


def _changed(change: dict[str, Any]) -> str:
    mark = DIRECTIONS[change["weaker"]]
    if change["what"] != "set":
        return f"{'+' if change['what'] == 'include' else '-'} {change['name']}  {mark}"
    before = ", ".join(f"{number:g}" for number in change["before"]) or "–"
    return f"{change['name']}: {before} → {change['after']:g} {change['unit']}  {mark}"


@app.command("use")
def rules_use(
    path: Annotated[
        Path | None, typer.Argument(help="Thư mục quy tắc hoặc gói đã ký; bỏ trống: theo cấu hình. / Folder or bundle.")
    ] = None,
    pack: Annotated[Path | None, typer.Option("--pack", help="Thư mục gói cấp độ. / A level pack's folder.")] = None,
    overrides: Overrides = None,
    budget: Budget = None,
    since: Since = "7d",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Đổi bộ quy tắc khi đang chạy. / Exchange the rules while everything runs; exit code 3: above the budget.

    Cases and checks run first; with a budget, so does what 'replay' does over --since.
    """
    if path is None and overrides is None:
        _print(request(config, "rules.use_configured", dry_run=dry_run), dry_run=dry_run)
        return
    now = in_force(request(config, "rules.show"))
    with offered(Given(path, pack, overrides), load(config), now) as offer:
        wrong = complaints(offer.folders, now, registered(config))
        for line in wrong:
            say.print(line, markup=False, soft_wrap=True)
        if wrong:
            raise RefusedError(f"problems: {len(wrong)}; the rules in force stay as they are")
        if most := allowed(budget, config):
            found = rehearsed(offer.folders, now, since=since, until="", config=config)
            if found.per_day > most:
                say.print(above(found, most))
                raise typer.Exit(ABOVE)
        words = {
            **offer.arguments,
            "source": str((path or overrides or now.detections).resolve()),
            "dry_run": dry_run,
        }
        _print(request(config, offer.command, **words), dry_run=dry_run)


@app.command("back")
def rules_back(config: ConfigOption = None) -> None:
    """Về bộ quy tắc trước. / Back to the rules that were in force before."""
    _print(request(config, "rules.back"), dry_run=False)


def registered(config: Path | None) -> Mapping[Scope, Container[str]]:
    """Every unit, system and asset that stands."""
    return {
        Scope.UNIT: {each["id"] for each in request(config, "registry.units")},
        Scope.SYSTEM: {each["id"] for each in request(config, "registry.systems")},
        Scope.ASSET: {each["asset"] for each in request(config, "registry.placements")},
    }


def _print(said: dict[str, Any], *, dry_run: bool) -> None:
    for line in _differences(said):
        out.print(line, markup=False, soft_wrap=True)
    counts = f"+{len(said['added'])} -{len(said['removed'])} ~{len(said['changed'])} ={said['unchanged']}"
    if dry_run:
        say.print(f"{counts}  chỉ xem trước, chưa đổi gì / a preview: nothing was changed")
    else:
        say.print(
            f"{counts}  đang dùng bộ / in force: {said['number'] or 'theo cấu hình / as configured'}  {said['digest']}"
        )


def _differences(said: dict[str, Any]) -> Iterator[str]:
    """What is exchanged, a line each: rules, packs, overrides, then what differs at each level."""
    for what, added, removed in (
        ("", said["added"], said["removed"]),
        ("gói cấp độ / level pack ", said["packs_added"], said["packs_removed"]),
        ("ngoại lệ / override ", said["overrides_added"], said["overrides_removed"]),
    ):
        yield from (f"+ {what}{name}" for name in added)
        yield from (f"- {what}{name}" for name in removed)
    yield from (f"~ {name}" for name in said["changed"])
    for level in said["levels"]:
        place = f"{level['pack']} cấp / level {level['level']}"
        yield from (f"{place}: + {name}" for name in level["rules_added"])
        yield from (f"{place}: - {name}" for name in level["rules_removed"])
        yield from (f"{place}: {name} {before} → {after}" for name, (before, after) in level["values"].items())
