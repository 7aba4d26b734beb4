# SPDX-License-Identifier: Apache-2.0
"""How far the units are with enrolling, and which letters are under way: `giamsat-collector enrol status`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from giamsat_collector.commands.asking import (
    ConfigOption,
    JsonOption,
    folded,
    json_lines,
    load,
    out,
    request,
    say,
    whole,
)
from giamsat_collector.commands.moment import moment
from giamsat_collector.preconditions import must_be_registered

STATES: Final = {
    "done": "xong\ndone",
    "stuck": "vướng\nstuck",
    "waiting": "chờ\nwaiting",
    "expired": "hết hạn\nexpired",
    "not_invited": "chưa mời\nnot invited",
}


def enrol_status(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    stuck: Annotated[
        bool,
        typer.Option("--stuck", help="Chỉ các đơn vị đang vướng. / Only the units something stands in the way of."),
    ] = False,
    unit: Annotated[
        str,
        typer.Option(
            help="Chỉ đơn vị này, kèm mã số các thư còn hiệu lực. "
            "/ Only this unit, with the numbers of its letters that still count."
        ),
    ] = "",
) -> None:
    """Tiến độ ghi danh theo huyện. / How far enrolment is, by district."""
    found = request(config, "enrol.status")
    if unit:
        units = {row["unit"]: row for row in found}
        must_be_registered("unit", unit, units)
        found = [units[unit]]
    if stuck:
        found = [row for row in found if row["state"] in {"stuck", "expired"}]
    if as_json:
        json_lines(found)
        return
    if unit:
        _print_unit(found, config)
        return
    if stuck:
        _print_stuck(found)
        return
    _print_districts(found)


def print_tokens(found: Sequence[Mapping[str, Any]], config: Path | None) -> None:
    """Tokens by number: for whom, for how many hosts, by whom, from when until when."""
    zone = load(config).console.zone
    for one in found:
        what = [f"{one['unit']} {one['name']}", one["system"], f"{one['uses']} máy / hosts", ", ".join(one["networks"])]
        out.print(f"{one['token']}  {' · '.join(filter(None, what))}", markup=False, soft_wrap=True)
        out.print(
            f"   {one['issued_by']}, {moment(one['issued'], zone)} – {moment(one['expires'], zone)}", markup=False
        )


def _print_unit(found: Sequence[Mapping[str, Any]], config: Path | None) -> None:
    for row in found:
        state = STATES[row["state"]].replace("\n", " / ")
        out.print(f"{row['unit']} {row['name']}: {state}. {row['why']}", markup=False, soft_wrap=True)
        print_tokens([{**row, **one} for one in row["tokens"]], config)
        if row["tokens"]:
            say.print(
                "Thư thất lạc: hủy mã rồi cấp thư mới / a letter is lost: withdraw its token, issue a new one: "
                f"giamsat-collector enrol withdraw {row['tokens'][0]['token']}",
                markup=False,
                soft_wrap=True,
            )


def _print_stuck(found: list[dict[str, Any]]) -> None:
    heads = ("tên / name", "tình trạng / state", "vì sao / why")
    table = Table(whole("đơn vị / unit"), *map(folded, heads), box=None)
    for row in found:
        table.add_row(row["unit"], row["name"], STATES[row["state"]], row["why"])
    out.print(table)


def _print_districts(found: list[dict[str, Any]]) -> None:
    names = {row["unit"]: row["name"] for row in found}
    districts: dict[str, Counter[str]] = {}
    for row in found:
        place = row["parent"] if row["kind"] == "commune" else row["unit"] if row["kind"] == "district" else "…"
        districts.setdefault(place, Counter())[row["state"]] += 1
    table = Table("huyện / district", *STATES.values(), box=None)
    for place, counts in sorted(districts.items()):
        name = "Sở, ban, ngành / departments" if place == "…" else names.get(place, place)
        table.add_row(name, *(str(counts[state]) for state in STATES))
    total = Counter(row["state"] for row in found)
    table.add_row("Tổng / total", *(str(total[state]) for state in STATES))
    out.print(table)
    if total["stuck"] + total["expired"]:
        say.print("Vướng ở đâu / what is stuck: giamsat-collector enrol status --stuck", markup=False)
