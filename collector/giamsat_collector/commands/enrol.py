# SPDX-License-Identifier: Apache-2.0
"""Enrolling hosts on the command line."""

import json
from typing import Annotated

import typer
from rich.table import Table

from giamsat_collector.commands.asking import ConfigOption, JsonOption, me, out, request, say

app = typer.Typer(no_args_is_help=True, help="Ghi danh máy. / Enrolling hosts.")


@app.command("issue")
def enrol_issue(
    unit: Annotated[str, typer.Option(help="Id of the unit whose hosts may use the token.")],
    system: Annotated[str | None, typer.Option(help="Id of the system the hosts belong to; gives their level.")] = None,
    uses: Annotated[int, typer.Option(min=1, max=50, help="How many hosts.")] = 1,
    expires: Annotated[str, typer.Option(help="30m, 24h, 7d; at most 7 days.")] = "24h",
    config: ConfigOption = None,
) -> None:
    """Cấp mã ghi danh; chỉ hiện một lần. / Issue an enrolment token; it is shown this once."""
    found = request(config, "enrol.issue", unit=unit, system=system, uses=uses, expires=expires, actor=me())
    typer.echo(found["token"])
    say.print(
        f"đơn vị / unit {found['unit']}, {found['uses']} máy / hosts, hết hạn / expires {found['expires']}",
        markup=False,
    )
    say.print(f"Trên máy / on the host: giamsat-agent enrol --collector {found['address']}", markup=False)


@app.command("agents")
def enrol_agents(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Các máy đã ghi danh. / Hosts that are enrolled."""
    found = request(config, "enrol.agents")
    if as_json:
        for agent in found:
            typer.echo(json.dumps(agent, ensure_ascii=False))
        return
    table = Table("agent", "hostname", "unit", "level", "state", "last heard", box=None)
    for agent in found:
        level = "chưa phân loại" if agent["level"] is None else str(agent["level"])
        table.add_row(agent["id"], agent["hostname"], agent["unit"], level, agent["state"], agent["heard"] or "-")
    out.print(table)


@app.command("revoke")
def enrol_revoke(
    agent: str,
    why: Annotated[str, typer.Option(help="Kept with the agent and told to it.")],
    config: ConfigOption = None,
) -> None:
    """Thu hồi: cắt ngay, không nhận lại. / Revoke: cut off at once, never taken back."""
    request(config, "enrol.revoke", agent=agent, why=why, actor=me())
    say.print(f"{agent}: đã thu hồi / revoked", markup=False)
