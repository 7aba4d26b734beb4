# SPDX-License-Identifier: Apache-2.0
"""Availability on the command line: a month of each system, and declared maintenance."""

from typing import Annotated, Any

import typer
from rich.table import Table

from giamsat_collector.availability.minutes import percent
from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, out, request, say

app = typer.Typer(no_args_is_help=True, add_completion=False)
maintenance_app = typer.Typer(no_args_is_help=True, help="Bảo trì đã khai báo. / Declared maintenance.")
app.add_typer(maintenance_app, name="maintenance")

Number = Annotated[int, typer.Argument(help="Số trong 'maintenance list'. / The number in 'maintenance list'.")]
MonthOption = Annotated[
    str, typer.Option(help="Tháng, ví dụ 2026-10; bỏ trống: tháng này. / A month such as 2026-10; without it this one.")
]


@app.command("show")
def availability_show(
    month: MonthOption = "",
    system: Annotated[
        str,
        typer.Option(
            help="Chỉ hệ thống này, kèm các kiểm tra và lần gián đoạn. / Only this system, with its checks and outages."
        ),
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mỗi hệ thống sẵn sàng bao nhiêu. / How available each system was, by what its checks told.

    Minutes without data count as neither: they are shown apart and are never up.
    """
    found = request(config, "availability.show", wanted=month, system=system)
    if as_json:
        json_lines({"month": found["month"], **one} for one in found["systems"])
        return
    if not found["systems"]:
        say.print(
            "Không hệ thống nào được kiểm tra. / No system is checked: describe checks as [[check]] in agent.toml of a "
            "host that belongs to it ('registry link ASSET SYSTEM').",
            markup=False,
            soft_wrap=True,
        )
        return
    _table(found["systems"])
    if system:
        for one in found["systems"]:
            _details(one)
    say.print(f"{found['unchecked']} hệ thống không được kiểm tra / systems are not checked  ({found['month']})")


@maintenance_app.command("add")
def maintenance_add(
    system: Annotated[str, typer.Argument(help="Mã hệ thống. / A system's id.")],
    begin: Annotated[
        str,
        typer.Option(
            "--from",
            help="Bắt đầu lúc nào, ví dụ 2026-10-05T22:00, theo múi giờ của bộ thu thập. "
            "/ When it begins, e.g. 2026-10-05T22:00, in the collector's zone.",
        ),
    ],
    end: Annotated[str, typer.Option("--to", help="Kết thúc lúc nào. / When it ends.")],
    reason: Annotated[str, typer.Option(help="Vì sao; được lưu. / Why; kept.")],
    config: ConfigOption = None,
) -> None:
    """Khai báo bảo trì. / Declare a maintenance: its time does not count, and alerts of it wait apart from the queue.

    From level 4 on alerts wait apart only once a second person agrees. Declared late, it says so.
    """
    arguments = {"system": system, "begin": begin, "end": end, "reason": reason}
    _declarations(request(config, "availability.declare", **arguments))


@maintenance_app.command("agree")
def maintenance_agree(number: Number, config: ConfigOption = None) -> None:
    """Người thứ hai đồng ý, cho cấp 4 trở lên. / A second person agrees, for level 4 and above."""
    request(config, "availability.agree", number=number)
    say.print(f"đã đồng ý / agreed: {number}")


@maintenance_app.command("withdraw")
def maintenance_withdraw(number: Number, config: ConfigOption = None) -> None:
    """Rút lại một khai báo. / Take a declaration back; it stays readable."""
    request(config, "availability.withdraw", number=number)
    say.print(f"đã rút lại / withdrawn: {number}")


@maintenance_app.command("list")
def maintenance_list(month: MonthOption = "", config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Mọi khai báo. / Every declaration, of a month or of all time."""
    found = request(config, "availability.declared", wanted=month)
    if as_json:
        json_lines(found)
    else:
        _declarations(found)


def _table(systems: list[dict[str, Any]]) -> None:
    heads = ("hệ thống / system", "cấp / level", "đơn vị / unit", "sẵn sàng / available", "có dữ liệu / known")
    table = Table(*heads, "hỏng / down", "không rõ / unknown", "bảo trì / maintenance", box=None)
    for one in systems:
        minutes = (_time(one[f"{kind}_minutes"]) for kind in ("down", "unknown", "maintenance"))
        shown = (one["system"], str(one["level"]), one["unit_name"] or "-")
        table.add_row(*shown, _percent(one["availability"]), _percent(one["known"]), *minutes)
    out.print(table)


def _details(one: dict[str, Any]) -> None:
    for check in one["checks"]:
        out.print(
            f"  {check['check']:<24} {_percent(check['availability']):>9}  "
            f"hỏng / down {_time(check['down_minutes'])}  ({check['asset']})",
            markup=False,
        )
    for outage in one["outages"]:
        out.print(f"  hỏng / down  {outage['from']} – {outage['to']}  {_time(outage['minutes'])}", markup=False)
    _declarations(one["maintenances"])


def _declarations(found: list[dict[str, Any]]) -> None:
    for one in found:
        late = "" if one["in_advance"] else "  khai báo muộn / declared late"
        agreed = f" + {one['second']}" if one["second"] else ""
        back = f"  đã rút / withdrawn: {one['withdrawn_by']}" if one["withdrawn_by"] else ""
        out.print(
            f"  bảo trì / maintenance {one['id']}  {one['system']}  {one['from']} – {one['to']}  {one['reason']}  "
            f"({one['author']}{agreed}){late}{back}",
            markup=False,
            soft_wrap=True,
        )


def _percent(ratio: float | None) -> str:
    return "không rõ / unknown" if ratio is None else f"{percent(ratio)} %"


def _time(minutes: int) -> str:
    return f"{minutes // 60} h {minutes % 60:02} m"
