# SPDX-License-Identifier: Apache-2.0
"""What arrived of hosts and of their sources: `giamsat-collector coverage ledger` and `coverage sources`."""

from datetime import tzinfo
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, load, out, request, say, whole
from giamsat_collector.commands.moment import minute
from giamsat_collector.errors import CollectorError

DATA: Final = {
    "full": "đủ / full",
    "partly": "thiếu / partly",
    "none": "không có / none",
    "before": "chưa giám sát / not watched yet",
}
CONDITIONS: Final = {
    "stopped": "dừng / stopped",
    "losing": "mất sự kiện / losing",
    "throttled": "quá nhiều / throttled",
    "waiting": "đang chờ / waiting",
    "quiet": "không có gì / quiet",
    "flowing": "đang gửi / flowing",
}
COUNTED: Final = {
    "produced": "sinh ra\nproduced",
    "throttled": "chỉ đếm\nthrottled",
    "dropped": "bỏ\ndropped",
    "spooled": "chờ\nspooled",
    "received": "đã nhận\nreceived",
    "lost": "mất\nlost",
}
IN_TROUBLE: Final = 3
"""Exit code: a source stopped, loses or waits."""


def coverage_ledger(
    asset: Annotated[str, typer.Argument(help="Mã tài sản. / An asset's id.")],
    hours: Annotated[int, typer.Option(min=1, max=72, help="Lùi lại bao nhiêu giờ. / How far back.")] = 24,
    source: Annotated[
        str,
        typer.Option(
            help="Từng phút của nguồn này, ví dụ journald; '-': mọi nguồn. "
            "/ Minutes of this source, e.g. journald; '-' for those of all."
        ),
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Dữ liệu của một máy theo giờ và theo nguồn. / What is known of a host by hour and source, and what is lacking."""
    found = request(config, "coverage.ledger", asset=asset, hours=hours)
    if as_json:
        json_lines([found])
        return
    zone = load(config).console.zone
    if source:
        _minutes(found, source, zone)
        return
    heads = ("dữ liệu\ndata", "phút\nminutes", "khung\nframes", "mất\nlost", "cảnh báo\nalerts")
    table = Table(whole("giờ\nhour"), *heads, box=None)
    for each in found["hours"]:
        blind = each["data"] in {"none", "before"} and not each["alerts"]
        minutes, frames = f"{each['minutes']}/{each['owed_minutes']}", str(sum(each["received"].values()))
        alerts = "—" if blind else str(each["alerts"])
        table.add_row(
            minute(each["hour"], zone), DATA[each["data"]], minutes, frames, str(each["lost"] + each["unread"]), alerts
        )
    out.print(table)
    for lane, waits in found["waiting"].items():
        out.print(f"chờ ở máy / waiting  {lane}: {waits['frames']}, bỏ / given up {waits['given_up']}", markup=False)
    _sources(found["sources"], zone)
    for name, value in found["counters"].items():
        out.print(f"{name} {value:g}", markup=False)


def coverage_sources(
    unit: Annotated[
        str,
        typer.Option(
            help="Chỉ máy của đơn vị này và các đơn vị trực thuộc. / Only hosts of this unit, or of the units below it."
        ),
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nguồn nào dừng, mất, nghẽn. / Sources that stopped, lose or wait, with the next step. Exit code 3: there are."""
    found = request(config, "coverage.sources", unit=unit)
    if as_json:
        json_lines(found)
    else:
        for one in found:
            what = f"{one['unit']}  {one['name']}  {one['source']}: {CONDITIONS[one['condition']]}"
            out.print(f"{what}  →  {one['step']['vi']}", markup=False, soft_wrap=True)
        if not found:
            say.print("Không nguồn nào báo dừng, mất hay chờ. / No source tells that it stopped, loses or waits.")
    raise typer.Exit(IN_TROUBLE if found else 0)


def _minutes(found: dict[str, Any], source: str, zone: tzinfo) -> None:
    names = [one["source"] for one in found["sources"]]
    if source not in {"-", *names}:
        raise CollectorError(f"no such source: {source[:64]}; there are: {', '.join(names) or 'none yet'}")
    for name in names if source == "-" else [source]:
        out.print(name, markup=False, highlight=False)
        table = Table(whole("phút\nminute"), *COUNTED.values(), box=None)
        for one in found["minutes"]:
            if one["source"] == name:
                table.add_row(minute(one["minute"], zone), *(str(one[count]) for count in COUNTED))
        out.print(table)


def _sources(found: list[dict[str, Any]], zone: tzinfo) -> None:
    for one in found:
        heard = f", nghe cuối / last heard {minute(one['heard'], zone)}" if one["heard"] else ""
        out.print(
            f"nguồn / source  {one['source']}: {CONDITIONS[one['condition']]}{heard}", markup=False, soft_wrap=True
        )
        counts = {name: f"{words.replace(chr(10), ' / ')} {one[name]}" for name, words in COUNTED.items()}
        rest = " + ".join(counts[name] for name in COUNTED if name != "produced")
        out.print(f"    {counts['produced']} = {rest}", markup=False, soft_wrap=True)
        if one["step"]:
            out.print(f"    →  {one['step']['vi']}", markup=False, soft_wrap=True)
