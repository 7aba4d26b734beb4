# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector coverage oscal`: how systems stand, for tools that read OSCAL."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from giamsat_collector.commands.asking import ConfigOption, OfLevel, OfUnit, OneSystem, request, say
from giamsat_collector.coverage.assessment import ALL, assessment, file_of
from giamsat_collector.errors import CollectorError


def oscal(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="Thư mục để ghi; 'giamsat-rules oscal --out FOLDER/PACK' ghi các danh mục. "
            "/ The folder to write into; 'giamsat-rules oscal --out FOLDER/PACK' writes catalogs.",
        ),
    ],
    system: OneSystem = "",
    unit: OfUnit = "",
    level: OfLevel = 0,
    each: Annotated[
        bool,
        typer.Option(
            "--each", help="Mỗi hệ thống một tệp, không gộp một tệp. / A file for each system, not one for all."
        ),
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Xuất kết quả đánh giá theo OSCAL 1.1.2. / Write assessment results: observations, findings, risks."""
    found = request(config, "coverage.show", system=system, unit=unit, level=level)
    systems = found["systems"]
    if not systems:
        raise CollectorError("no system matches; 'giamsat-collector registry systems' shows those there are")
    if each:
        files = {
            file_of(one["system"]): assessment(found, [one], title=f"{one['system']} {one['name']}") for one in systems
        }
    else:
        files = {ALL: assessment(found, systems, title=f"{len(systems)} systems by {found['pack']}")}
    for name, content in files.items():
        _write(out, name, content)
    say.print(f"{len(systems)} hệ thống, {len(files)} tệp / systems, files: {out}", markup=False, soft_wrap=True)


def _write(folder: Path, name: str, content: dict[str, Any]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        why = f"{folder / name}: cannot be written: {error.strerror}; name another folder with --out"
        raise CollectorError(why) from error
    typer.echo(str(folder / name))
