# SPDX-License-Identifier: Apache-2.0
"""The registry on the command line."""

import csv
import io
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from giamsat_collector.commands.asking import ConfigOption, DryRun, JsonOption, content, json_lines, out, request, say
from giamsat_collector.commands.lazy import add_later
from giamsat_collector.commands.sightings import sightings
from giamsat_collector.control.client import REQUEST_BYTES
from giamsat_collector.errors import RefusedError

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("sightings")(sightings)
add_later(app, {"what-if": "Nếu hệ thống đổi cấp, đổi gói. / What another level or pack would bring a system."})


Effective = Annotated[
    str,
    typer.Option(
        "--effective", help="Ngày bắt đầu có hiệu lực, ví dụ 2025-07-01. / The first day it holds, e.g. 2025-07-01."
    ),
]
Document = Annotated[
    str, typer.Option("--document", help="Số quyết định; lưu trong sổ. / Number of the decision; kept in the log.")
]
AsOf = Annotated[
    str, typer.Option("--as-of", help="Như vào ngày này, ví dụ 2023-12-31. / As it was on this day, e.g. 2023-12-31.")
]
AsTold = Annotated[
    str,
    typer.Option(
        "--as-told",
        help="Chỉ theo những gì đã khai báo tới hết ngày này. / Only by what had been told until the end of this day.",
    ),
]
Record = Annotated[
    str, typer.Argument(help="Mã đơn vị, hệ thống hoặc tài sản. / The id of a unit, a system or an asset.")
]
System = Annotated[str, typer.Argument(help="Mã hệ thống. / A system's id.")]
Asset = Annotated[str, typer.Argument(help="Mã tài sản. / An asset's id.")]
OPERATIONS: Final = "effective,operation,id,to,value"


@app.command("import")
def registry_import(
    units: Annotated[
        Path | None, typer.Option(help="CSV hoặc XLSX: code,name_vi,kind,… / CSV or XLSX with these columns.")
    ] = None,
    systems: Annotated[
        Path | None, typer.Option(help="CSV hoặc XLSX: id,name,unit,level,… / CSV or XLSX with these columns.")
    ] = None,
    assets: Annotated[
        Path | None, typer.Option(help="CSV hoặc XLSX: id,name,kind,unit,systems / CSV or XLSX with these columns.")
    ] = None,
    changes: Annotated[
        Path | None, typer.Option(help=f"CSV hoặc XLSX: {OPERATIONS} / CSV or XLSX with these columns.")
    ] = None,
    effective: Effective = "",
    document: Document = "",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Nhập từ CSV, XLSX: tất cả hoặc không gì cả. / Import CSV or XLSX files: all or nothing.

    Operations of --changes: merge (id into to), split (id: what value names goes to 'to'; one line without value says
    where the rest goes), rename (value), relevel (a system; value), move (to), end (a unit that nothing follows, or a
    system).
    """
    files = {
        kind: {"name": str(path), "text": content(path, REQUEST_BYTES).decode("latin-1")}
        for kind, path in (("units", units), ("systems", systems), ("assets", assets), ("changes", changes))
        if path is not None
    }
    if not files:
        raise RefusedError("name at least one file with --units, --systems, --assets or --changes")
    said = {"files": files, "effective": effective, "document": document, "dry_run": dry_run}
    _print_plan(request(config, "registry.import", **said), dry_run=dry_run)


@app.command("merge")
def registry_merge(
    units: Annotated[list[str], typer.Argument(help="Mã các đơn vị thôi hoạt động. / Ids of the units that end.")],
    into: Annotated[str, typer.Option(help="Đơn vị thay thế. / The unit that takes their place.")],
    effective: Effective,
    document: Document = "",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Sáp nhập đơn vị. / Units end, another takes their place; agents go on without enrolling anew."""
    lines = [[effective, "merge", unit, into, ""] for unit in units]
    _change(config, lines, document=document, dry_run=dry_run)


@app.command("split")
def registry_split(
    unit: Annotated[str, typer.Argument(help="Mã đơn vị bị chia. / The id of the unit that is divided.")],
    rest: Annotated[
        str,
        typer.Option(
            help="Đơn vị nhận mọi thứ không nêu tên; chính UNIT nếu còn hoạt động. "
            "/ The unit that gets everything not named; UNIT itself if it goes on."
        ),
    ],
    part: Annotated[
        list[str],
        typer.Option(
            help="HEIR=ID,ID,…: hệ thống, tài sản chuyển sang đơn vị khác. "
            "/ HEIR=ID,ID,…: systems and assets that go to another unit."
        ),
    ],
    effective: Effective,
    document: Document = "",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Chia đơn vị. / A unit is divided among others."""
    lines = [[effective, "split", unit, rest, ""]]
    for one in part:
        heir, equals, ids = one.partition("=")
        if not equals:
            raise RefusedError("--part {said}: write HEIR=ID,ID,… with ids of systems and assets", said=one)
        lines.append([effective, "split", unit, heir, ids.replace(",", " ")])
    _change(config, lines, document=document, dry_run=dry_run)


@app.command("end")
def registry_end(
    record: Record,
    effective: Effective,
    document: Document = "",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Giải thể, không có đơn vị kế thừa. / A unit that nothing follows ends with its systems; or a system ends.

    From that day on the unit's agents are parked: they may not connect and are told why, and their certificates lapse.
    A 'merge' with the same day corrects it: then they go on without enrolling anew.
    """
    _change(config, [[effective, "end", record, "", ""]], document=document, dry_run=dry_run)


@app.command("rename")
def registry_rename(
    record: Record,
    name: Annotated[str, typer.Argument(help="Tên mới. / The new name.")],
    effective: Effective,
    document: Document = "",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Đổi tên đơn vị, hệ thống, tài sản. / A unit, system or asset has another name."""
    _change(config, [[effective, "rename", record, "", name]], document=document, dry_run=dry_run)


@app.command("relevel")
def registry_relevel(
    system: System,
    level: Annotated[str, typer.Argument(help="Cấp độ mới, 1 đến 5. / The new level, 1 to 5.")],
    effective: Effective,
    document: Document = "",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Đổi cấp độ của hệ thống. / A system has another protection level."""
    _change(config, [[effective, "relevel", system, "", level]], document=document, dry_run=dry_run)


@app.command("repack")
def registry_repack(
    system: System,
    pack: Annotated[str, typer.Argument(help="Tên gói cấp độ, ví dụ tcvn14423-2026. / A level pack's name.")],
    effective: Effective,
    document: Document = "",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Đổi bộ tiêu chuẩn mà hồ sơ dẫn chiếu. / A system's dossier refers to another level pack."""
    _change(config, [[effective, "repack", system, "", pack]], document=document, dry_run=dry_run)


@app.command("move")
def registry_move(
    record: Record,
    to: Annotated[
        str,
        typer.Option(
            help="Đơn vị của hệ thống, tài sản; hoặc đơn vị cấp trên. "
            "/ The unit of a system or asset; what a unit belongs to."
        ),
    ],
    effective: Effective,
    document: Document = "",
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Chuyển sang đơn vị khác. / A system, asset or unit belongs elsewhere."""
    _change(config, [[effective, "move", record, to, ""]], document=document, dry_run=dry_run)


@app.command("log")
def registry_log(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Ai đã khai báo gì, khi nào. / Who told the registry what, newest first."""
    found = request(config, "registry.log")
    if as_json:
        json_lines(found)
        return
    for row in found:
        said = f"{row['told'] or '—':<24} {row['actor'] or '—':<12} {row['facts']:>6}  {row['what']}  {row['document']}"
        out.print(said, markup=False, soft_wrap=True)


@app.command("example")
def registry_example(
    year: Annotated[
        int,
        typer.Option(
            min=2023, max=2025, help="2023, hoặc sau sắp xếp năm 2025. / 2023, or what the reform of 2025 made of it."
        ),
    ] = 2023,
    dry_run: DryRun = False,
    config: ConfigOption = None,
) -> None:
    """Nạp sổ ví dụ: 503 đơn vị, 512 hệ thống ví dụ. / Load the example registry."""
    _print_plan(request(config, "registry.example", dry_run=dry_run, year=year), dry_run=dry_run)


@app.command("link")
def registry_link(asset: Asset, system: System, config: ConfigOption = None) -> None:
    """Tài sản thuộc hệ thống. / An asset belongs to a system."""
    found = request(config, "registry.link", asset=asset, system=system)
    say.print(f"{asset}: cấp độ / level {found['level']}", markup=False)


@app.command("unlink")
def registry_unlink(asset: Asset, system: System, config: ConfigOption = None) -> None:
    """Tài sản không còn thuộc hệ thống. / An asset no longer belongs to a system."""
    found = request(config, "registry.unlink", asset=asset, system=system)
    say.print(f"{asset}: cấp độ / level {found['level'] or 'chưa phân loại / unclassified'}", markup=False)


def _listing(kind: str, name: str) -> None:
    @app.command(kind, help=f"{name} đã đăng ký, mỗi dòng một JSON. / Registered {kind}, one JSON object a line.")
    def _list(as_of: AsOf = "", as_told: AsTold = "", config: ConfigOption = None) -> None:
        json_lines(request(config, f"registry.{kind}", as_of=as_of, as_told=as_told))


@app.command("placements")
def registry_placements(config: ConfigOption = None) -> None:
    """Mỗi tài sản được xét theo cấp độ nào. / By which level every asset is judged now, one JSON object a line."""
    json_lines(request(config, "registry.placements"))


for _kind, _name in {"units": "Đơn vị", "systems": "Hệ thống", "assets": "Tài sản"}.items():
    _listing(_kind, _name)


def _change(config: Path | None, lines: list[list[str]], *, document: str, dry_run: bool) -> None:
    """Have the collector take in lines as a file of changes would hold them."""
    sheet = io.StringIO()
    csv.writer(sheet).writerows([OPERATIONS.split(","), *lines])
    files = {"changes": {"name": "command", "text": sheet.getvalue().encode().decode("latin-1")}}
    found = request(config, "registry.import", files=files, document=document, dry_run=dry_run)
    _print_plan(found, dry_run=dry_run)


def _print_plan(plan: dict[str, Any], *, dry_run: bool) -> None:
    for problem in plan["problems"]:
        say.print(problem, markup=False, soft_wrap=True)
    if plan["problems"]:
        raise RefusedError(
            "{number} problems, nothing was changed; mend them and run it again", number=len(plan["problems"])
        )
    for step in plan["steps"]:
        fields = ", ".join(
            f"{name}: {_said(before)} → {_said(after)}" for name, (before, after) in step["fields"].items()
        )
        out.print(f"~ {step['effective']} {step['kind']} {step['id']}: {fields}", markup=False, soft_wrap=True)
    for kind in ("units", "systems", "assets"):
        part = plan[kind]
        out.print(f"{kind:<8} +{part['added']} ~{part['changed']} ={part['unchanged']}", markup=False)
    out.print(f"changes  ~{len(plan['steps'])} ={plan['unchanged']}", markup=False)
    for end in plan["ends"]:
        hosts = ", ".join(end["hosts"]) or "—"
        out.print(
            f"! {end['unit']} tới / until {end['last_day']}: agent tạm dừng / agents parked: {hosts}",
            markup=False,
            soft_wrap=True,
        )
    if dry_run:
        say.print("chỉ xem trước, chưa ghi gì / a preview: nothing was changed")


def _said(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return " ".join(map(str, value)) if isinstance(value, list) else "—" if value in ("", None) else str(value)
