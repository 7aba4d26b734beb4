# SPDX-License-Identifier: Apache-2.0
"""Reports on the command line: a DOCX or XLSX file, by the name it is given."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from giamsat_collector.commands.asking import ConfigOption, content, request, say
from giamsat_collector.control.client import REQUEST_BYTES
from giamsat_collector.errors import CollectorError

app = typer.Typer(no_args_is_help=True, add_completion=False)

Out = Annotated[Path, typer.Option("--out", help="Tệp có đuôi .docx hoặc .xlsx. / A file that ends in .docx or .xlsx.")]
Agency = Annotated[
    str,
    typer.Option("--agency", help="Nhân danh cơ quan nào; in ở góc trên bên trái. / In whose name; printed top left."),
]
Units = Annotated[
    str,
    typer.Option(
        "--units",
        help="then: đơn vị như khi hết kỳ; now: quy về đơn vị hiện nay. "
        "/ then: units as they stood when the period ended; now: mapped to today's.",
    ),
]


@app.command("form08")
def report_form08(
    out: Out,
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of",
            help="Các hệ thống như vào ngày này, ví dụ 2026-12-14. "
            "/ Systems as they stood on this day, e.g. 2026-12-14.",
        ),
    ] = "",
    dossiers: Annotated[
        Path | None,
        typer.Option(
            help="CSV: id và owner,approval,decision,regulation,…; điều chỉ con người biết. "
            "/ CSV: id and any of owner,approval,decision,regulation,…; what only people know."
        ),
    ] = None,
    agency: Agency = "",
    config: ConfigOption = None,
) -> None:
    """Mẫu số 08 Nghị định 331/2026/NĐ-CP. / Form 08 of Decree 331/2026: 12 columns and the totals."""
    given = {"name": str(dossiers), "text": content(dossiers, REQUEST_BYTES).decode("latin-1")} if dossiers else None
    write(out, request(config, "report.form08", **format_of(out), as_of=as_of, agency=agency, dossiers=given))


@app.command("monitoring")
def report_monitoring(
    out: Out,
    half: Annotated[str, typer.Option("--half", help="2026-H1 hoặc 2026-H2 (nửa năm). / 2026-H1 or 2026-H2.")],
    units: Units = "then",
    agency: Agency = "",
    config: ConfigOption = None,
) -> None:
    """Báo cáo giám sát 6 tháng. / The report on half a year of monitoring."""
    write(out, request(config, "report.monitoring", **format_of(out), half=half, units=units, agency=agency))


@app.command("unit")
def report_unit(
    unit: Annotated[str, typer.Argument(help="Mã đơn vị. / A unit's id.")],
    out: Out,
    month: Annotated[str, typer.Option("--month", help="Tháng, ví dụ 2026-11. / A month.")],
    units: Units = "then",
    agency: Agency = "",
    config: ConfigOption = None,
) -> None:
    """Báo cáo tháng của một đơn vị. / The monthly report for a unit."""
    found = request(config, "report.unit", **format_of(out), unit=unit, month=month, units=units, agency=agency)
    write(out, found)


def format_of(out: Path, endings: Sequence[str] = (".docx", ".xlsx")) -> dict[str, Any]:
    """What the file's name asks for, by the word of the collector's commands.

    Raises:
        CollectorError: it has none of these endings.
    """
    if out.suffix not in endings:
        raise CollectorError(f"{out}: reports are written as {' or '.join(endings)}; name the file so")
    return {"format_": out.suffix[1:]}


def write(out: Path, data: str) -> None:
    """Write a report (base64) into a file.

    Raises:
        CollectorError: it cannot be written.
    """
    try:
        out.write_bytes(base64.b64decode(data))
    except OSError as error:
        raise CollectorError(f"{out}: cannot be written: {error.strerror}; name another file") from error
    say.print(f"đã ghi / written: {out}", markup=False, soft_wrap=True)
