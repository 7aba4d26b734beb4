# SPDX-License-Identifier: Apache-2.0
"""The rules in force on the command line: what judges, taking in others, going back."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import typer

from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, load, out, request, say
from giamsat_collector.commands.lazy import add_later

app = typer.Typer(no_args_is_help=True, add_completion=False)
add_later(
    app,
    {
        "explain": "Quy tắc xét hệ thống này bằng ngưỡng nào. / By which numbers RULE judges SYSTEM.",
        "use": "Đổi bộ quy tắc khi đang chạy. / Exchange the rules while everything runs.",
    },
)

SCOPES: Final = ("unit", "system", "asset")
"""Whom an override may be for."""


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
        scope = next(word for word in SCOPES if word in each)
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


@app.command("back")
def rules_back(config: ConfigOption = None) -> None:
    """Về bộ quy tắc trước. / Back to the rules that were in force before."""
    exchanged(request(config, "rules.back"), dry_run=False)


def exchanged(said: dict[str, Any], *, dry_run: bool) -> None:
    """Print what one set of rules exchanges for another."""
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
