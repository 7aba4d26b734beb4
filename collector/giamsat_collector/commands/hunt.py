# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector indicators hunt`: who had to do with what is listed, in the events that are kept."""

import base64
from pathlib import Path
from typing import Annotated, Any

import typer

from giamsat_collector.commands.archive import archived
from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, load, out, request, say
from giamsat_collector.commands.moment import Since, Until, moment, span
from giamsat_collector.indicators.contact import Indicators
from giamsat_collector.indicators.hunting import Hunt
from giamsat_collector.indicators.lookup import About, Lookup
from giamsat_collector.indicators.packing import unpacked

app = typer.Typer(add_completion=False)

PARTLY = 2
"""Exit code: something could not be read."""


@app.command("hunt")
def hunt(
    name: Annotated[
        str,
        typer.Option(
            "--list", help="Chỉ danh sách này; bỏ trống: mọi danh sách. / Only this list; without it all of them."
        ),
    ] = "",
    since: Since = "7d",
    until: Until = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ai đã dính tới mục xấu trước khi nạp danh sách. / Who met what is listed, in the events that are kept.

    A list says today what was evil last week. Exit code 2: some frames could not be read.
    """
    first_ns, last_ns = span(since, until, load(config).console.zone)
    hunting = Hunt(Indicators(_lookup(request(config, "indicators.entries", name=name))))
    for frame in archived(first_ns, last_ns, config):
        hunting.look(frame)
    if as_json:
        json_lines(hunting.found())
    for one in () if as_json else hunting.found():
        out.print(_line(one, config), markup=False, soft_wrap=True)
    beyond = f"; {hunting.beyond} nữa không kể hết / more are not told one by one" if hunting.beyond else ""
    say.print(
        f"{len(hunting.finds)} mục khớp trong {hunting.frames} khung / finds in frames since {since}{beyond}",
        markup=False,
        soft_wrap=True,
    )
    if hunting.unread:
        say.print(f"{hunting.unread} khung không đọc được / frames could not be read")
        raise typer.Exit(PARTLY)


def _lookup(lists: list[dict[str, Any]]) -> Lookup:
    return Lookup(
        (About(one["name"], one["source"], one["brought_ns"] // 10**9), unpacked(base64.b64decode(one["lines"])))
        for one in lists
    )


def _line(one: dict[str, Any], config: Path | None) -> str:
    zone = load(config).console.zone
    return (
        f"{one['indicator']}  {one['feed']}  {one['role']}  {one['who']}  {one['asset']}  × {one['count']}  "
        f"{moment(one['first'], zone)} → {moment(one['last'], zone)}"
    )
