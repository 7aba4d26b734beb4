# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector registry sightings`: hosts that sensors saw on the networks of units, and who has no agent."""

from typing import Annotated, Any, Final

import typer

from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, out, request, say

STATES: Final = {
    "unknown": "chưa có agent / no agent",
    "registered": "đã ghi sổ / registered",
    "device": "thiết bị được hỏi SNMP / polled device",
    "agent": "có agent / agent",
}


def sightings(
    unit: Annotated[
        str,
        typer.Option(
            help="Chỉ máy trong đơn vị này và các đơn vị trực thuộc. "
            "/ Only hosts in this unit, or in the units below it."
        ),
    ] = "",
    state: Annotated[str, typer.Option(help=f"Chỉ những máy / only these: {', '.join(STATES)}.")] = "",
    text: Annotated[
        str,
        typer.Option(help="Từ có trong địa chỉ, tên, hãng hoặc dịch vụ. / Words in address, name, vendor or service."),
    ] = "",
    propose: Annotated[
        bool,
        typer.Option(
            "--propose",
            help="Tệp cho 'registry import --assets' gồm máy chưa có agent. "
            "/ A file for 'registry import --assets' of those without an agent.",
        ),
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Máy mà bộ bắt gói thấy trong mạng; máy nào chưa có agent. / Hosts seen on the network; who has no agent.

    Nothing is registered by itself: look through what --propose prints, then import it.
    """
    found = request(config, "registry.sightings", unit=unit, state=state, text=text)
    if propose:
        typer.echo(found["proposal"], nl=False)
        say.print("Xem lại rồi / look through it, then: giamsat-collector registry import --assets FILE --dry-run")
        return
    if as_json:
        json_lines(found["hosts"])
        return
    if not found["hosts"]:
        say.print(
            "Chưa thấy máy nào. / No host was seen: [packets] interfaces in agent.toml names the networks to watch, on "
            "a host beside the unit's switch or firewall.",
            markup=False,
            soft_wrap=True,
        )
        return
    for one in found["hosts"]:
        out.print(_line(one), markup=False, soft_wrap=True)
    for one in found["steps"]:
        say.print(f"{one['unit'] or '-'}: {one['step']['vi']} / {one['step']['en']}", markup=False, soft_wrap=True)


def _line(one: dict[str, Any]) -> str:
    said = (" ".join(one["addresses"]), one["name"], one["vendor"], " ".join(one["services"]), one["unit_name"])
    return "  ".join([f"{STATES[one['state']]:<36}", one["mac"], *(each or "—" for each in said), one["last"][:19]])
