# SPDX-License-Identifier: Apache-2.0
"""Which device stands behind which, on the command line: `giamsat-agent devices topology`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from giamsat_agent.commands.options import ConfigOption, JsonOption, say
from giamsat_agent.commands.stations import UNREACHABLE, configured
from giamsat_agent.errors import ConfigError

ROUTES: Final = Path("/proc/net/route")
HOSTS: Final = 12
"""Hosts behind one device that a person is shown."""
LISTED: Final = 64
"""The most that the configuration of a device takes."""


def devices_topology(
    config: ConfigOption = None,
    root: Annotated[
        str, typer.Option("--from", help="Tên thiết bị gần máy này nhất. / Name of the device nearest to this host.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Thiết bị nào đứng sau thiết bị nào. / Which configured device stands behind which, by LLDP, CDP and ARP.

    A proposal for 'behind' and 'hosts': nothing is changed. Exit code 2: some devices did not answer; 4: none did.
    """
    from giamsat_agent.devices.errors import DeviceError  # noqa: PLC0415 - what only this command needs
    from giamsat_agent.devices.neighbour_query import surroundings  # noqa: PLC0415

    devices = configured(config)
    seen = []
    for its in devices:
        try:
            seen.append(surroundings(its))
        except DeviceError as error:
            say.print(f"✗ {its.name}: {error}")
    if not seen:
        raise typer.Exit(UNREACHABLE)
    places, now = placed(seen, root), {its.name: its for its in devices}
    if as_json:
        for place in places:
            typer.echo(json.dumps({**place.as_json(), **_configured(place, now[place.name])}, ensure_ascii=False))
    else:
        print_tree(places)
        for place in places:
            its = now[place.name]
            if place.behind and place.behind != its.behind:
                typer.echo(f'{place.name}: behind = "{place.behind}"' + (f"   # {its.behind}" if its.behind else ""))
            if wanted := _wanted(place, its):
                typer.echo(f"{place.name}: hosts = {json.dumps(wanted, ensure_ascii=False)}")
        say.print(
            "Không có gì được đổi; trong tệp, thiết bị đứng trước phải được ghi trước. "
            "/ Nothing was changed; the device before it has to stand before it in the file.",
        )
    raise typer.Exit(0 if len(seen) == len(devices) else 2)


def _wanted(place: Any, its: Any) -> list[str]:  # noqa: ANN401 - a place of topology, and the device's settings
    """What hosts of a device should be: those it has, and those it sees by name; empty when it has them all."""
    every = list(dict.fromkeys((*its.hosts, *place.named)))[:LISTED]
    return every if len(every) > len(its.hosts) else []


def _configured(place: Any, its: Any) -> dict[str, Any]:  # noqa: ANN401 - so here
    return {
        "configured": its.behind or None,
        "configured_hosts": list(its.hosts),
        "proposed_hosts": _wanted(place, its) or None,
    }


def placed(seen: Sequence[Any], root: str) -> Sequence[Any]:
    """Every device with its place, as seen from a root that is named or found out."""
    from giamsat_agent.devices import topology  # noqa: PLC0415

    if not seen:
        return []
    named = [one.name for one in seen if root in {one.name, one.address}]
    if root and not named:
        known = ", ".join(one.name for one in seen)
        raise ConfigError(
            f"không thiết bị nào trả lời là {root!r}; --from nhận / no device that answers is {root!r}; "
            f"--from takes one of: {known}"
        )
    try:
        routes = ROUTES.read_text(encoding="ascii")
    except OSError:
        routes = ""
    return topology.places(seen, named[0] if named else topology.nearest(seen, topology.gateway(routes)))


def print_tree(places: Sequence[Any]) -> None:
    """Devices, each below the one it stands behind, with the hosts behind it."""
    for place in places:
        way = f"  ({place.by}, {place.port})" if place.by else ""
        say.print(f"{'  ' * place.depth}{place.name}  {place.address}{way}")
        if place.hosts:
            shown = ", ".join(f"{name} ({port})" if port else name for name, port in place.hosts[:HOSTS])
            more = f" … {len(place.hosts)}" if len(place.hosts) > HOSTS else ""
            say.print(f"{'  ' * (place.depth + 1)}· {shown}{more}")
