# SPDX-License-Identifier: Apache-2.0
"""The registry on the command line."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from giamsat_collector.commands.asking import ConfigOption, out, request, say
from giamsat_collector.errors import CollectorError

app = typer.Typer(no_args_is_help=True, help="Đơn vị, hệ thống, tài sản. / Units, systems, assets.")


@app.command("import")
def registry_import(
    units: Annotated[Path | None, typer.Option(help="CSV: code,name_vi,kind,…")] = None,
    systems: Annotated[Path | None, typer.Option(help="CSV: id,name,unit,level,…")] = None,
    assets: Annotated[Path | None, typer.Option(help="CSV: id,name,kind,unit,systems")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    config: ConfigOption = None,
) -> None:
    """Nhập từ CSV: tất cả hoặc không gì cả. / Import CSV files: all or nothing."""
    files = {
        kind: {"name": str(path), "text": _text(path)}
        for kind, path in (("units", units), ("systems", systems), ("assets", assets))
        if path is not None
    }
    if not files:
        raise CollectorError("registry import: name at least one file with --units, --systems or --assets")
    _print_plan(request(config, "registry.import", files=files, dry_run=dry_run), dry_run=dry_run)


@app.command("example")
def registry_example(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    config: ConfigOption = None,
) -> None:
    """Nạp sổ ví dụ: 503 đơn vị, 512 hệ thống ví dụ. / Load the example registry."""
    _print_plan(request(config, "registry.example", dry_run=dry_run), dry_run=dry_run)


@app.command("link")
def registry_link(asset: str, system: str, config: ConfigOption = None) -> None:
    """Tài sản thuộc hệ thống. / An asset belongs to a system."""
    found = request(config, "registry.link", asset=asset, system=system)
    say.print(f"{asset}: cấp độ / level {found['level']}", markup=False)


@app.command("unlink")
def registry_unlink(asset: str, system: str, config: ConfigOption = None) -> None:
    """Tài sản không còn thuộc hệ thống. / An asset no longer belongs to a system."""
    found = request(config, "registry.unlink", asset=asset, system=system)
    say.print(f"{asset}: cấp độ / level {found['level'] or 'chưa phân loại / unclassified'}", markup=False)


def _listing(kind: str) -> None:
    @app.command(kind, help=f"Registered {kind}, one JSON object a line.")
    def _list(config: ConfigOption = None) -> None:
        for row in request(config, f"registry.{kind}"):
            typer.echo(json.dumps(row, ensure_ascii=False))


for _kind in ("units", "systems", "assets"):
    _listing(_kind)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("latin-1")
    except OSError as error:
        raise CollectorError(f"{path}: cannot be read: {error.strerror}") from error


def _print_plan(plan: dict[str, Any], *, dry_run: bool) -> None:
    for problem in plan["problems"]:
        say.print(problem, markup=False, soft_wrap=True)
    if plan["problems"]:
        raise CollectorError(f"problems: {len(plan['problems'])}; nothing was changed")
    for kind in ("units", "systems", "assets"):
        part = plan[kind]
        out.print(f"{kind:<8} +{part['added']} ~{part['changed']} ={part['unchanged']}", markup=False)
    if dry_run:
        say.print("chỉ xem trước, chưa ghi gì / a preview: nothing was changed")
