# SPDX-License-Identifier: Apache-2.0
"""Enrolling hosts on the command line."""

import base64
from pathlib import Path
from typing import Annotated

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
from giamsat_collector.commands.enrol_status import enrol_status, print_tokens
from giamsat_collector.commands.letters import letters
from giamsat_collector.commands.moment import moment
from giamsat_collector.errors import RefusedError
from giamsat_wire import durable
from giamsat_wire.enrolment_file import FILE_BYTES

AgentArgument = Annotated[str, typer.Argument(help="Mã agent trong 'enrol agents'. / An id in 'enrol agents'.")]
app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("status")(enrol_status)


@app.command("issue")
def enrol_issue(
    unit: Annotated[
        str | None,
        typer.Option(help="Mã đơn vị có máy được dùng mã ghi danh. / Id of the unit whose hosts may use the token."),
    ] = None,
    units: Annotated[
        Path | None,
        typer.Option(
            help="CSV hoặc XLSX: mã các đơn vị (cột code, unit hoặc id), có thể kèm hệ thống (cột system); mỗi đơn vị "
            "một thư. / CSV or XLSX with units (column code, unit or id) and, if wanted, systems (column system): a "
            "letter for each."
        ),
    ] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Thư mục để ghi thư. / Folder the letters are written to.")
    ] = None,
    system: Annotated[
        str | None,
        typer.Option(
            help="Mã hệ thống mà máy thuộc về; quyết định cấp độ của máy. "
            "/ Id of the system the hosts belong to; gives their level."
        ),
    ] = None,
    uses: Annotated[int, typer.Option(min=1, max=50, help="Cho bao nhiêu máy. / How many hosts.")] = 1,
    expires: Annotated[str, typer.Option(help="30m, 24h, 7d; tối đa 7 ngày. / At most 7 days.")] = "24h",
    networks: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            help="Mạng của các máy, ví dụ 10.40.0.0/16; ở nơi khác mã không có hiệu lực. "
            "/ Network the hosts are in, e.g. 10.40.0.0/16; elsewhere the token does not count.",
        ),
    ] = None,
    help_: Annotated[
        str,
        typer.Option(
            "--help-address", help="Đơn vị hỏi ai; in trong thư. / Whom units may ask; printed in the letters."
        ),
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Cấp mã ghi danh; chỉ hiện một lần. / Issue an enrolment token; it is shown this once."""
    if (unit is None) == (units is None) or (units is None) != (out_folder is None):
        raise RefusedError("give either --unit U, or --units FILE together with --out FOLDER")
    if units is not None and system is not None:
        raise RefusedError("--system is for one unit: put a column 'system' into the file of units")
    if units is not None and out_folder is not None:
        said = {"uses": uses, "expires": expires, "networks": networks or []}
        letters(units, out_folder, said, help_=help_, config=config)
        return
    found = request(
        config,
        "enrol.issue",
        unit=unit,
        system=system,
        uses=uses,
        expires=expires,
        networks=networks or [],
    )
    typer.echo(found["token"])
    say.print(
        f"đơn vị / unit {found['unit']}, {found['uses']} máy / hosts, hết hạn / expires {found['expires']}",
        markup=False,
    )
    if found["waits"]:
        _print_second(found["token"].split(".")[1])
    say.print(f"Trên máy / on the host: sudo giamsat-agent enrol --collector {found['address']}", markup=False)


def _print_second(what: str) -> None:
    say.print(
        "Chỉ có hiệu lực khi người quản trị thứ hai đồng ý / it counts once a second administrator agrees: "
        f"giamsat-collector enrol agree {what}",
        markup=False,
        soft_wrap=True,
    )


@app.command("waiting")
def enrol_waiting(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Các mã đang chờ người quản trị thứ hai. / Tokens that wait for a second administrator."""
    found = request(config, "enrol.waiting")
    if as_json:
        json_lines(found)
        return
    print_tokens(found, config)
    if found:
        _print_second("MÃ / TOKEN …")
    else:
        say.print("không có mã nào chờ / no token waits")


@app.command("agree")
def enrol_agree(
    tokens: Annotated[list[str], typer.Argument(help="Mã số trong 'enrol waiting'. / As 'enrol waiting' names them.")],
    config: ConfigOption = None,
) -> None:
    """Người quản trị thứ hai đồng ý với các mã này: tất cả hoặc không mã nào. / A second administrator agrees.

    From level 4 on a token counts only then. Whoever issued it cannot agree to it.
    """
    for one in request(config, "enrol.agree", tokens=tokens):
        say.print(f"{one['token']}: {one['unit']}, {one['issued_by']} + đã đồng ý / agreed", markup=False)


@app.command("import")
def enrol_import(
    file: Annotated[
        Path,
        typer.Argument(help="Tệp do 'giamsat-agent enrol --export' ghi. / What 'giamsat-agent enrol --export' wrote."),
    ],
    answer: Annotated[
        Path | None, typer.Option(help="Tệp trả lời; mặc định FILE.answer. / Where the answer is written.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Ghi danh máy không có kết nối, từ tệp mang tay. / Enrol a host that may not connect, from a file it exported.

    The same file may come again: it gets the same answer.
    """
    place = answer or file.with_name(f"{file.name}.answer")
    try:
        with file.open("rb") as opened:
            data = opened.read(FILE_BYTES + 1)
        found = request(config, "enrol.carried", request=base64.b64encode(data).decode())
        durable.replace(place, base64.b64decode(found["answer"]))
    except OSError as error:
        raise RefusedError(
            "{file}: {reason}; mend that, or give --answer FILE, and run it again: the same file gets the same answer",
            file=error.filename or file,
            reason=error.strerror,
        ) from error
    say.print(
        f"{found['hostname']} · {found['agent']} · đơn vị / unit {found['unit']}\n"
        f"Bước sau, trên máy trạm / next, on the host: sudo giamsat-agent enrol --import {place.name}",
        markup=False,
        soft_wrap=True,
    )


@app.command("withdraw")
def enrol_withdraw(
    token: Annotated[
        str, typer.Argument(help="Mã số trong 'enrol status --unit U'. / As 'enrol status --unit U' names it.")
    ],
    config: ConfigOption = None,
) -> None:
    """Hủy một mã chưa dùng hết, ví dụ khi thư thất lạc. / Withdraw a token, when its letter is lost for instance.

    It is named by the second of its parts.
    """
    request(config, "enrol.withdraw", token=token)
    say.print(f"{token}: đã hủy / withdrawn", markup=False)


@app.command("agents")
def enrol_agents(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Các máy đã ghi danh. / Hosts that are enrolled."""
    found = request(config, "enrol.agents")
    if as_json:
        json_lines(found)
        return
    zone = load(config).console.zone
    heads = ("máy\nhostname", "đơn vị\nunit", "cấp\nlevel", "trạng thái\nstate", "lần cuối\nlast heard")
    table = Table(whole("agent"), *map(folded, (*heads, "chứng thư đến\ncertificate expires")), box=None)
    for agent in found:
        level = "chưa phân loại / unclassified" if agent["level"] is None else str(agent["level"])
        heard = moment(agent["heard"], zone) if agent["heard"] else "-"
        expires = moment(agent["certificate_expires"], zone)
        table.add_row(agent["id"], agent["hostname"], agent["unit"], level, agent["state"], heard, expires)
    out.print(table)


@app.command("recover")
def enrol_recover(agent: AgentArgument, config: ConfigOption = None) -> None:
    """Cho agent hết lượt được thay chứng thư hết hạn một lần nữa. / Allow an agent without any one more recovery.

    Ask its unit first whether the server was really off that often.
    """
    request(config, "enrol.recover", agent=agent)
    say.print(f"{agent}: được thêm một lần / one more is allowed", markup=False)


@app.command("revoke")
def enrol_revoke(
    agent: AgentArgument,
    why: Annotated[
        str, typer.Option(help="Vì sao; lưu cùng agent và báo cho agent. / Kept with the agent and told to it.")
    ],
    config: ConfigOption = None,
) -> None:
    """Thu hồi: cắt ngay, không nhận lại. / Revoke: cut off at once, never taken back."""
    request(config, "enrol.revoke", agent=agent, why=why)
    say.print(f"{agent}: đã thu hồi / revoked", markup=False)
