# SPDX-License-Identifier: Apache-2.0
"""Coverage on the command line."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Column, Table

from giamsat_collector.commands.asking import (
    ConfigOption,
    JsonOption,
    OfLevel,
    OfUnit,
    OneSystem,
    content,
    json_lines,
    out,
    request,
    say,
)
from giamsat_collector.commands.assessment import oscal
from giamsat_collector.commands.ledger import coverage_ledger, coverage_sources
from giamsat_collector.control.client import REQUEST_BYTES
from giamsat_collector.errors import CollectorError

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("oscal")(oscal)
app.command("ledger")(coverage_ledger)
app.command("sources")(coverage_sources)
statement_app = typer.Typer(no_args_is_help=True, help="Xác nhận ký mỗi ngày. / The signed statement of each day.")
app.add_typer(statement_app, name="statement")

STATES: Final = {
    "met": "đạt / met",
    "partly": "một phần / partly",
    "unmet": "chưa đạt / unmet",
    "unknown": "chưa có dữ liệu / no data",
    "equivalent": "biện pháp tương đương / equivalent",
    "exempt": "được miễn / exempt",
}
OF_SYSTEMS: Final = ("met", "partly", "unmet", "unknown")
NOT_ALL: Final = 3
"""Exit code: not every system that was asked for is covered."""


@app.command("show")
def coverage_show(
    system: OneSystem = "",
    unit: OfUnit = "",
    level: OfLevel = 0,
    failing: Annotated[
        bool,
        typer.Option(
            "--failing", help="Chỉ những gì chưa đạt, kèm việc cần làm. / Only what is not met, with the next step."
        ),
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mỗi hệ thống đạt nghĩa vụ nào. / How each system stands, by what arrived. Exit code 3: not all are met."""
    found = request(config, "coverage.show", system=system, unit=unit, level=level)
    if as_json:
        json_lines([found])
    elif failing:
        for one in found["systems"]:
            _failing(one)
        for one in found["unwatched_hosts"]:
            out.print(f"{one['unit']}  →  {one['step']['vi']}", markup=False, soft_wrap=True)
    elif system:
        for one in found["systems"]:
            _obligations(one)
    else:
        _totals(found)
    if not found["systems"]:
        say.print("Không có hệ thống nào khớp. / No system matches; 'registry systems' shows those there are.")
    if not as_json:
        say.print(f"{found['met']}/{found['total']} hệ thống đạt / systems are met  ({found['pack']})")
    raise typer.Exit(0 if all(one["state"] == "met" for one in found["systems"]) else NOT_ALL)


@app.command("attest")
def coverage_attest(
    system: Annotated[str, typer.Argument(help="Mã hệ thống. / A system's id.")],
    obligation: Annotated[
        str, typer.Argument(help="Mã nghĩa vụ trong 'coverage show'. / An obligation in 'coverage show'.")
    ],
    state: Annotated[
        str,
        typer.Option(
            "--as",
            help="met (đạt), equivalent (biện pháp tương đương) hoặc exempt (miễn). / met, equivalent or exempt.",
        ),
    ],
    document: Annotated[str, typer.Option(help="Số văn bản. / Number of the document.")],
    text: Annotated[str, typer.Option(help="Đã làm gì, hoặc vì sao không. / What was done, or why not.")],
    expires: Annotated[
        str, typer.Option(help="Ngày cuối có hiệu lực, ví dụ 2027-06-30. / The last day it counts, e.g. 2027-06-30.")
    ],
    config: ConfigOption = None,
) -> None:
    """Ghi nhận điều con người chịu trách nhiệm. / Keep what a person answers for."""
    found = request(
        config,
        "coverage.attest",
        system=system,
        obligation=obligation,
        state=state,
        document=document,
        text=text,
        expires=expires,
    )
    for one in found["systems"]:
        _obligations(one)
        if obligation not in {each["id"] for each in one["obligations"]}:
            say.print(
                f"Cấp độ {one['level']} không có nghĩa vụ {obligation}: điều vừa ghi được giữ lại và chưa tính. /\n"
                f"{obligation} is not owed at level {one['level']}: what was told is kept, and counts for nothing yet.",
                soft_wrap=True,
            )


@statement_app.command("show")
def statement_show(
    day: Annotated[
        str,
        typer.Argument(
            help="Ví dụ 2026-11-28; bỏ trống: các ngày đang có. / E.g. 2026-11-28; without it, the days there are."
        ),
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Xác nhận của một ngày. / How every system stood when a day ended, as it was signed."""
    if not day:
        for one in request(config, "coverage.statement.days"):
            typer.echo(one)
        return
    found = request(config, "coverage.statement.show", day=day)
    if as_json:
        json_lines([found])
        return
    for state in OF_SYSTEMS:
        out.print(f"{STATES[state]:<32} {found['states'].get(state, 0)}", markup=False)
    out.print(f"sha256    {found['sha256']}\nprevious  {found['previous']}  {found['previous_day']}", markup=False)
    say.print(f"{found['met']}/{found['total']} hệ thống đạt / systems are met  ({found['pack']})")


@statement_app.command("verify")
def statement_verify(
    day: Annotated[str, typer.Argument(help="Ngày, ví dụ 2026-11-28. / A day.")],
    key: Annotated[
        Path | None,
        typer.Option(
            help="Tệp PEM của khóa công khai; bỏ trống: khóa của bộ thu thập. "
            "/ PEM file of the public key; without it, the collector's own."
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Kiểm tra chữ ký và chuỗi. / Signature and chain, back to the first. Exit code 3: something was altered."""
    try:
        public = content(key, REQUEST_BYTES).decode("ascii") if key else ""
    except UnicodeDecodeError as error:
        raise CollectorError(f"{key}: not a PEM file; 'coverage statement key' prints one") from error
    found = request(config, "coverage.statement.verify", day=day, public_key=public)
    if as_json:
        json_lines([found])
    for problem in found["problems"]:
        say.print(problem, markup=False, soft_wrap=True)
    if not as_json and not found["problems"]:
        out.print(
            f"{found['checked']} xác nhận từ {found['first']} tới {day} đúng / statements are right", markup=False
        )
    raise typer.Exit(NOT_ALL if found["problems"] else 0)


@statement_app.command("key")
def statement_key(config: ConfigOption = None) -> None:
    """In khóa công khai. / The public key that checks statements, as PEM."""
    typer.echo(request(config, "coverage.statement.key"), nl=False)


def _totals(found: dict[str, Any]) -> None:
    table = Table("cấp độ / level", *(STATES[state] for state in OF_SYSTEMS), box=None)
    for level, counts in found["by_level"].items():
        table.add_row(level, *(str(counts.get(state, 0)) for state in OF_SYSTEMS))
    out.print(table)


def _obligations(one: dict[str, Any]) -> None:
    out.print(f"{one['system']}  {one['name']}  cấp / level {one['level']}  {STATES[one['state']]}", markup=False)
    out.print(f"gói cấp độ / level pack {one['pack']}  {one['profile']}", markup=False, soft_wrap=True)
    if one["pack_unknown"]:
        say.print(
            f"không có gói {one['pack_unknown']} mà hồ sơ dẫn chiếu / nobody has the level pack of the dossier: "
            "xét như chưa phân loại / judged as unclassified; 'giamsat-collector registry repack'",
            markup=False,
            soft_wrap=True,
        )
    heads = ("nghĩa vụ\nobligation", "điều khoản\nclause", "trạng thái\nstate", "vì\nbecause", "căn cứ\nlooked at")
    table = Table(*(Column(head, overflow="fold") for head in heads), box=None)
    for each in one["obligations"]:
        looked_at = "; ".join(evidence["vi"] for evidence in each["evidence"])
        table.add_row(each["id"], each["clause"], STATES[each["state"]], each["reason"]["vi"], looked_at)
    out.print(table)


def _failing(one: dict[str, Any]) -> None:
    """A line for each thing to do, with the obligations that lack it."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for each in one["obligations"]:
        if each["step"] is not None:
            lacking.setdefault((each["reason"]["vi"], each["step"]["vi"]), []).append(each["id"])
    for (reason, step), names in lacking.items():
        out.print(
            f"{one['system']}  {one['unit_name']}  {', '.join(names)}: {reason}  →  {step}",
            markup=False,
            soft_wrap=True,
        )
