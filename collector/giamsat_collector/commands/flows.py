# SPDX-License-Identifier: Apache-2.0
"""Who talked with whom, on the command line."""

from typing import Annotated, Any

import typer

from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, load, out, request, say
from giamsat_collector.commands.moment import Since, Until, span

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("search")
def flows_search(
    address: Annotated[
        str,
        typer.Option(
            help="Một trong hai đầu: 192.0.2.7, 192.0.2.0/24 hoặc địa chỉ IPv6. "
            "/ Either end: 192.0.2.7, 192.0.2.0/24 or an IPv6 address."
        ),
    ] = "",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Một trong hai cổng. / Either port.")] = 0,
    name: Annotated[
        str, typer.Option(help="Một phần tên của đầu bên kia. / Part of the name the other end was called by.")
    ] = "",
    host: Annotated[
        str,
        typer.Option(
            help="Chỉ những gì cảm biến của máy này thấy (mã tài sản). "
            "/ Only what this host's sensor saw (an asset's id)."
        ),
    ] = "",
    unit: Annotated[
        str,
        typer.Option(
            help="Chỉ những gì cảm biến của đơn vị này và các đơn vị trực thuộc thấy. "
            "/ Only what sensors of this unit saw, or of the units below it."
        ),
    ] = "",
    since: Since = "1h",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Liệt kê bao nhiêu luồng. / How many are told.")] = 100,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tìm luồng theo máy, địa chỉ, cổng, thời gian. / Find flows, the newest minute first.

    Sensors tell the flows with the most bytes of each minute one by one, and sums of all others.
    """
    since_ns, until_ns = span(since, until, load(config).console.zone)
    wanted = {"address": address, "port": port, "name": name, "asset": host, "unit": unit, "limit": limit}
    found = request(config, "flows.search", since_ns=since_ns, until_ns=until_ns, **wanted)
    if as_json:
        json_lines(found["flows"])
    for one in () if as_json else found["flows"]:
        out.print(_line(one).replace("\n", "\\n"), soft_wrap=True)
    if not found["minutes"]:
        say.print(
            "Không có phút nào trong khoảng này. / Nothing was told of that time: [packets] interfaces in agent.toml "
            "names the networks to watch; flows can be searched for [retention] flow_days.",
            markup=False,
            soft_wrap=True,
        )
    elif not as_json:
        more = (
            "; còn nữa: thu hẹp hoặc tăng --limit / there are more: narrow it or raise --limit" if found["more"] else ""
        )
        say.print(
            f"{len(found['flows'])} luồng / flows, {found['bytes']} byte, {found['minutes']} phút / minutes; "
            f"ngoài các luồng ghi chi tiết / beside those told one by one: {found['others_bytes']} byte{more}",
            markup=False,
            soft_wrap=True,
        )


def _line(flow: dict[str, Any]) -> str:
    near, far, network = flow["source"], flow["destination"], flow["network"]
    ends = f"{_end(near)} → {_end(far)}"
    name = f"  {far['domain']}" if far.get("domain") else ""
    return (
        f"{flow['event']['start'][:19]}Z  {network['transport']:<9}  {ends:<47}  {near['bytes']:>12} ↑ "
        f"{far['bytes']:>12} ↓ byte  {network['packets']:>8} gói  {flow['event']['duration'] / 1e9:>7.1f} s{name}"
    )


def _end(end: dict[str, Any]) -> str:
    if not end["port"]:
        return str(end["ip"])
    return f"[{end['ip']}]:{end['port']}" if ":" in end["ip"] else f"{end['ip']}:{end['port']}"
