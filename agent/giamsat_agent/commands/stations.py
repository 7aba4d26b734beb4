# SPDX-License-Identifier: Apache-2.0
"""Which host stands behind which port, on the command line: `giamsat-agent devices stations`."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from giamsat_agent.commands.options import ConfigOption, JsonOption, load, say
from giamsat_agent.config import Device
from giamsat_agent.errors import ConfigError

UNREACHABLE: Final = 4
"""Exit code: no device answered, or all refused."""


def devices_stations(
    who: Annotated[
        str,
        typer.Argument(
            metavar="[MAC|IP]", help="Máy cần tìm; bỏ trống: mọi máy. / The host that is looked for; without it all."
        ),
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Máy nào cắm ở cổng nào. / Which host stands behind which port of the configured switches, on every VLAN.

    The port nearest to a host comes first; where many stand, another switch is behind the port. Exit code 1: the host
    is not seen; 2: some devices or VLANs did not answer; 4: no device did.
    """
    from giamsat_agent.devices import host_location  # noqa: PLC0415 - what only this command needs

    devices = configured(config)
    seen = list(_seen(devices))
    found = host_location.places(seen, who)
    if as_json:
        for place in found:
            typer.echo(json.dumps(place.as_json(), ensure_ascii=False))
    else:
        _print_table(found)
    partly = len(seen) < len(devices) or any(one.shown.problem for one in seen)
    if not seen:
        raise typer.Exit(UNREACHABLE)
    if who and not found:
        say.print(f"{who}: không thiết bị nào thấy / no switch that answers sees it")
        raise typer.Exit(1)
    raise typer.Exit(2 if partly else 0)


def configured(config: Path | None) -> Sequence[Device]:
    """The devices of the configuration.

    Raises:
        ConfigError: there are none.
    """
    devices = load(config).device
    if not devices:
        raise ConfigError(
            "chưa cấu hình thiết bị nào; mô tả bằng [[device]] trong agent.toml, hoặc chạy devices discover / "
            "no device is configured; describe one as [[device]] in agent.toml, or run devices discover"
        )
    return devices


def _seen(devices: Sequence[Any]) -> Iterator[Any]:
    """What each device shows; what is not shown is said."""
    from giamsat_agent.devices import host_location  # noqa: PLC0415
    from giamsat_agent.devices.errors import DeviceError  # noqa: PLC0415

    for its in devices:
        try:
            one = host_location.seen(its)
        except DeviceError as error:
            say.print(f"✗ {its.name}: {error}")
            continue
        if one.shown.problem:
            say.print(f"✗ {one.name}: {one.shown.problem}")
        yield one


def _print_table(found: Sequence[Any]) -> None:
    table = Table("IP", "MAC", "thiết bị\ndevice", "cổng\nport", "số máy ở cổng\nhosts at the port", box=None)
    for place in found:
        table.add_row(*map(escape, (place.address or "-", place.mac, place.device, place.port, str(place.beside))))
    Console(highlight=False).print(table)
