# SPDX-License-Identifier: Apache-2.0
"""Devices on the command line."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from giamsat_agent.address import split
from giamsat_agent.commands.options import JsonOption, say
from giamsat_agent.commands.stations import UNREACHABLE, devices_stations
from giamsat_agent.commands.topology import devices_topology, placed, print_tree

app = typer.Typer(no_args_is_help=True, help="Thiết bị mạng và an toàn. / Network and security devices.")
app.command("stations")(devices_stations)
app.command("topology")(devices_topology)

PORT = 161
GLANCED = ("_percent", "_celsius", "_sessions", "_tunnels", "_failed", "_on_battery", "_remaining")
"""Figures a person is shown: the highest of each."""


@app.command("poll")
def devices_poll(
    address: Annotated[
        str,
        typer.Argument(
            help="HOST hoặc HOST:PORT; địa chỉ IPv6 kèm cổng để trong ngoặc vuông. "
            "/ HOST or HOST:PORT; an IPv6 address with a port stands in brackets."
        ),
    ],
    community_file: Annotated[
        Path | None,
        typer.Option(
            help="Tệp chứa community của v1 hoặc v2c; bỏ trống: thử 'public'. "
            "/ File with the community of v1 or v2c; without it 'public' is tried."
        ),
    ] = None,
    v3: Annotated[
        Path | None,
        typer.Option(
            "--v3", help="Tệp TOML chứa người dùng SNMPv3 và khóa. / TOML file with an SNMPv3 user and its keys."
        ),
    ] = None,
    v1: Annotated[bool, typer.Option("--v1", help="Phiên bản 1 thay cho 2c. / Version 1 in place of 2c.")] = False,
    timeout: Annotated[
        float, typer.Option(min=0.2, max=60, help="Số giây chờ trả lời. / Seconds to wait for an answer.")
    ] = 3.0,
    pysnmp: Annotated[
        bool,
        typer.Option(
            "--pysnmp",
            help="Qua pysnmp: cho thiết bị mà gufo-snmp không đọc được trả lời. "
            "/ Through pysnmp: for a device whose answers gufo-snmp cannot read.",
        ),
    ] = False,
    as_json: JsonOption = False,
    prometheus: Annotated[
        bool,
        typer.Option("--prometheus", help="Số đo ở dạng văn bản của Prometheus. / The figures as Prometheus text."),
    ] = False,
) -> None:
    """Hỏi một thiết bị bằng SNMP. / Ask a device by SNMP. Exit code 2: it answered in part; 4: not at all."""
    from giamsat_agent.devices import credential  # noqa: PLC0415 - what only this command needs
    from giamsat_agent.devices.errors import DeviceError  # noqa: PLC0415
    from giamsat_agent.devices.poll import poll  # noqa: PLC0415
    from giamsat_agent.devices.session import OPENED_BY  # noqa: PLC0415

    host, port = split(address, PORT)
    version: Literal[1, 2] = 1 if v1 else 2
    if v3 is not None:
        chosen: credential.Credential = credential.user(v3)
    elif community_file is not None:
        chosen = credential.community(community_file, version)
    else:
        chosen = credential.Community(version, "public")
    try:
        found = poll(OPENED_BY["pysnmp" if pysnmp else "gufo"](host, port, chosen, timeout_s=timeout))
    except DeviceError as error:
        if as_json:
            reason = {
                "address": address,
                "reachable": False,
                "metrics": [],
                "errors": [{"oid": "", "reason": str(error)}],
            }
            typer.echo(json.dumps(reason, ensure_ascii=False))
        say.print(str(error))
        raise typer.Exit(UNREACHABLE) from error
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
    elif prometheus:
        _print_prometheus(found)
    else:
        _print_device(found)
    raise typer.Exit(2 if found.errors else 0)


@app.command("discover")
def devices_discover(
    addresses: Annotated[
        str,
        typer.Argument(
            metavar="RANGE", help="192.0.2.0/24, 192.0.2.1-192.0.2.40 hoặc một địa chỉ. / A range, or one address."
        ),
    ],
    community_file: Annotated[
        Path | None,
        typer.Option(
            help="Tệp chứa community của v2c; bỏ trống: thử 'public'. "
            "/ File with the community of v2c; without it 'public' is tried."
        ),
    ] = None,
    v3: Annotated[
        Path | None,
        typer.Option(
            "--v3", help="Tệp TOML chứa người dùng SNMPv3 và khóa. / TOML file with an SNMPv3 user and its keys."
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Cổng SNMP. / Port of SNMP.")] = PORT,
    timeout: Annotated[
        float, typer.Option(min=0.2, max=60, help="Số giây chờ trả lời. / Seconds to wait for an answer.")
    ] = 1.0,
    rate: Annotated[
        float,
        typer.Option(
            min=0.1, max=200, help="Số địa chỉ bắt đầu hỏi mỗi giây, tối đa. / Addresses begun in a second at most."
        ),
    ] = 20.0,
    root: Annotated[
        str,
        typer.Option(
            "--from",
            help="Địa chỉ thiết bị gần máy này nhất; bỏ trống: gateway của máy. "
            "/ Address of the device nearest to this host; without it its gateway.",
        ),
    ] = "",
    unit: Annotated[
        str,
        typer.Option(
            "--assets",
            metavar="UNIT",
            help="In thiết bị của đơn vị này thành tệp cho 'giamsat-collector registry import --assets'. "
            "/ Print the devices, as this unit's, as a file for 'giamsat-collector registry import --assets'.",
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Tìm thiết bị trong một dải địa chỉ. / Find devices in a range. What is found is proposed, nothing is adopted."""
    from giamsat_agent.devices import credential, discover, topology  # noqa: PLC0415 - what only this command needs

    chosen: credential.Credential
    if v3 is not None:
        chosen, secret = credential.user(v3), f'version = 3\nuser_file = "{v3}"'
    elif community_file is not None:
        chosen, secret = credential.community(community_file, 2), f'community_file = "{community_file}"'
    else:
        chosen, secret = credential.Community(2, "public"), 'community_file = ""   # a file with the community'
    wanted = discover.addresses(addresses)
    say.print(f"{len(wanted)} địa chỉ / addresses, {rate:g} mỗi giây / at most a second …")
    found = []
    for one in discover.discover(
        wanted, chosen, port=port, timeout_s=timeout, per_second=rate, looked=_progress(len(wanted))
    ):
        found.append(one)
        if as_json and not unit:
            typer.echo(json.dumps(one.as_json(), ensure_ascii=False))
    named = discover.named(found)
    if unit:
        typer.echo(discover.assets(named, unit), nl=False)
    elif not as_json:
        _print_found(found)
        seen = [topology.Seen(name, one.address, one.name, one.neighbours) for name, one in named.items()]
        places = placed(seen, root)
        print_tree(places)
        for place in places:
            typer.echo(discover.proposal(place.name, named[place.name], port, secret, place.behind))
    for address, who in discover.unseen(found, wanted).items():
        others = ", ".join(sorted(set(who)))
        said = f"{address}: không trả lời, nhưng thiết bị khác thấy / does not answer, but others see it: {others}"
        say.print(said)
    answering = sum(one.snmp for one in found)
    say.print(
        f"{len(found)} trả lời / answer, {answering} qua SNMP / by SNMP. Chưa nhận thiết bị nào: ghi thiết bị cần theo "
        "dõi vào agent.toml. / Nothing was adopted: put what you want into agent.toml.",
    )


def _progress(total: int) -> Callable[[int], None]:
    def looked(count: int) -> None:
        if count % 64 == 0 and count < total:
            say.print(f"{count} / {total} …")

    return looked


def _print_found(found: Iterable[Any]) -> None:
    table = Table("địa chỉ\naddress", "ping", "SNMP", "tên\nname", "loại\nkind", "láng giềng\nneighbours", box=None)
    for one in found:
        ping = {True: "✓", False: "–", None: "không được hỏi / may not ask"}[one.ping]
        kind = " ".join(filter(None, (one.vendor, one.os))) or one.description[:40] or "-"
        seen = ", ".join(f"{near.name} ({near.local_port})" for near in one.neighbours if near.name) or "-"
        table.add_row(*map(escape, (one.address, ping, "✓" if one.snmp else "–", one.name or "-", kind, seen)))
    Console(highlight=False).print(table)


@app.command("profiles")
def devices_profiles() -> None:
    """Loại thiết bị nhận biết được, tham số xét số liệu của chúng. / Kinds of devices, what judges their figures."""
    from giamsat_agent.devices import thresholds  # noqa: PLC0415
    from giamsat_agent.devices.profile import every  # noqa: PLC0415

    for one in every():
        told = dict.fromkeys(prefix for match in one.matches for prefix in match.prefixes if prefix)
        judged = ", ".join(thresholds.of(one))
        typer.echo(f"{one.os:<14} {one.vendor:<20} {', '.join(told)}{judged and f' [{judged}]'}")


def _print_prometheus(found: Any) -> None:  # noqa: ANN401 - what was polled, which is not imported here
    from giamsat_wire.catalogue import MetricType  # noqa: PLC0415
    from giamsat_wire.exposition import heading, number, series  # noqa: PLC0415

    shown: set[str] = set()
    for one in sorted(found.metrics, key=lambda metric: metric.name):
        if one.name not in shown:
            shown.add(one.name)
            typer.echo(heading(one.name, MetricType(found.type(one.name))), nl=False)
        typer.echo(f"{series(one.name, one.labels)} {number(one.value)}")


def _print_device(found: Any) -> None:  # noqa: ANN401 - so here
    table = Table(box=None, show_header=False)
    for name in ("address", "vendor", "os", "hardware", "version", "serial", "object_id"):
        table.add_row(name, getattr(found, name) or "-")
    table.add_row("metrics", str(len(found.metrics)))
    highest: dict[str, float] = {}
    for one in found.metrics:
        if one.name.startswith("snmp_") and one.name.endswith(GLANCED):
            highest[one.name] = max(one.value, highest.get(one.name, one.value))
    for name, value in sorted(highest.items()):
        table.add_row(name, f"{value:g}")
    Console(highlight=False).print(table)
    for oid, reason in found.errors:
        say.print(f"{oid}: {reason}")
