# SPDX-License-Identifier: Apache-2.0
"""Suppressions on the command line: what hides, who agrees, what ends. What adds one is loaded when it is asked for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, load, out, request, say
from giamsat_collector.commands.lazy import add_later

app = typer.Typer(no_args_is_help=True, add_completion=False)
add_later(
    app, {"add": "Ẩn có thời hạn, sau khi xem trước. / Hide for a while, after showing what that would have hidden."}
)

STATES: Final = {
    "planned": "chưa tới giờ / planned",
    "one_person": "đang ẩn ở cấp 1–3, trừ bộ thu thập, chờ người thứ hai / "
    "hides at levels 1–3 but for the collector, waits for a second person",
    "two_persons": "đang ẩn ở mọi cấp / hides at every level",
    "over": "đã hết / over",
}

Number = Annotated[int, typer.Argument(help="Số trong 'suppress list'. / The number in 'suppress list'.")]


@app.command("list")
def suppress_list(
    every: Annotated[bool, typer.Option("--all", help="Cả những gì đã hết. / Those that are over, too.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Đang ẩn gì, ai quyết định, đã ẩn bao nhiêu. / What is hidden, who decided so, and how much it hid."""
    found = [each for each in request(config, "suppress.list") if every or each["state"] != "over"]
    if as_json:
        json_lines(found)
        return
    for each in found:
        out.print(f"{each['number']}  {STATES[each['state']]}", markup=False)
        out.print(f"   {scope(each)}", markup=False)
        out.print(f"   {each['reason']} ({each['document']})", markup=False)
        people = " + ".join(filter(None, (each["proposer"], each["second"])))
        out.print(
            f"   {people}, {when(each['since_ns'], config)} – {when(each['until_ns'], config)}; "
            f"đã ẩn / hidden: {each['hidden']}",
            markup=False,
        )
        if each["ended_by"]:
            out.print(f"   {each['ended_by']} đã dừng / ended it {when(each['ended_ns'], config)}", markup=False)
    if not found:
        say.print("không ẩn gì / nothing is hidden")


@app.command("agree")
def suppress_agree(number: Number, config: ConfigOption = None) -> None:
    """Người thứ hai đồng ý, cho cấp 4 trở lên. / A second person agrees, for level 4 and above."""
    kept = request(config, "suppress.agree", number=number)
    say.print(f"{kept['proposer']} + {kept['second']}: {STATES[kept['state']]}", markup=False)


@app.command("end")
def suppress_end(number: Number, config: ConfigOption = None) -> None:
    """Thôi ẩn ngay. / Hide no more, from now on."""
    kept = request(config, "suppress.end", number=number)
    say.print(f"{number}: {STATES[kept['state']]}; đã ẩn / hidden: {kept['hidden']}", markup=False)


def when(at_ns: int, config: Path | None) -> str:
    """A moment as people here write it."""
    zone = load(config).console.zone
    return f"{datetime.fromtimestamp(at_ns / 10**9, UTC).astimezone(zone):%d/%m/%Y %H:%M}"


def scope(each: Mapping[str, Any]) -> str:
    """What a suppression hides: alerts of which rules, and where they have to be about what."""
    rules = ", ".join(each["rules"]) or "mọi quy tắc / every rule"
    return f"{rules}: {', '.join(f'{name}={value}' for name, value in each['fields'].items())}"
