# SPDX-License-Identifier: Apache-2.0
"""Who a switch sees behind which of its ports: the forwarding tables of BRIDGE-MIB and Q-BRIDGE-MIB (RFC 4363).

Some switches show one VLAN at a time only, under a community or in a context of its own; each VLAN that they name
(CISCO-VTP-MIB) is asked for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, Protocol

from giamsat_agent.devices.errors import RefusedError, SilentError
from giamsat_agent.devices.reader import Presence
from giamsat_agent.devices.reading import Rows, Value, address

BY_VLAN: Final = ".1.3.6.1.2.1.17.7.1.2.2.1.2"
"""dot1qTpFdbPort, by VLAN and address."""
ALL: Final = ".1.3.6.1.2.1.17.4.3.1.2"
"""dot1dTpFdbPort, by address."""
BASE_PORT: Final = ".1.3.6.1.2.1.17.1.4.1.2"
"""dot1dBasePortIfIndex."""
VLAN_STATE: Final = ".1.3.6.1.4.1.9.9.46.1.3.1.1.2"
VLAN_TYPE: Final = ".1.3.6.1.4.1.9.9.46.1.3.1.1.3"
"""vtpVlanState and vtpVlanType, by domain and VLAN."""
OPERATIONAL, ETHERNET = 1, 1
VLANS: Final = 128
"""VLANs of one switch that are asked for in one poll."""
ADDRESSES: Final = 4_096
"""Addresses of one switch that are looked at."""
OCTETS: Final = 6
TOLD: Final = 8
SILENT: Final = 2
"""VLANs without an answer after which a switch that answered for none is asked for no more, for a while."""
GROUP: Final = 0x01
"""The bit of an address's first octet that says it is of many (IEEE 802)."""


class Walked(Protocol):
    """A device that answers."""

    def has(self, oid: str) -> bool:
        """Whether there is anything below an object."""
        ...

    def walk(self, oid: str) -> Iterator[Rows]:
        """Every object below one, answer by answer."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """Who stands behind which port: `ports` by address. `silent` are VLANs that could not be asked for, and why."""

    ports: Mapping[str, str]
    silent: Mapping[int, str]

    @property
    def problem(self) -> str:
        """What is not seen, in words; empty when all is."""
        if not self.silent:
            return ""
        more = f" and {len(self.silent) - TOLD} more" if len(self.silent) > TOLD else ""
        some = ", ".join(map(str, list(self.silent)[:TOLD])) + more
        return (
            f"VLANs not seen: {some}: {next(iter(self.silent.values()))}; let the switch answer the community with "
            "@VLAN behind it, or with version 3 the context vlan-VLAN"
        )


def read(
    device: Walked, names: Mapping[str, str], of_vlan: Callable[[int], Walked], presence: Presence | None = None
) -> Shown:
    """Who stands behind which port; `names` are those of interfaces by ifIndex, `of_vlan` the switch as it shows one.

    `presence` is what is remembered of it between polls: one that answers for no VLAN is not asked each time.

    Raises:
        SilentError, RefusedError: it stopped answering, or has no such table.
    """
    silent: dict[int, str] = {}
    if rows := _rows(device, BY_VLAN):
        return Shown(_ports(rows, _rows(device, BASE_PORT), names), silent)
    rows = _rows(device, ALL)
    vlans = _vlans(device)
    if not rows and not vlans:
        raise RefusedError("it shows no forwarding table (BRIDGE-MIB, Q-BRIDGE-MIB); set watch_ports = false")
    found = _ports(rows, _rows(device, BASE_PORT), names)
    presence = presence or Presence()
    if vlans and presence.get(VLAN_STATE) is False:
        return Shown(found, dict.fromkeys(vlans, "it answered for none of them"))
    for vlan in vlans:
        try:
            view = of_vlan(vlan)
            if view.has(ALL):
                found |= _ports(_rows(view, ALL), _rows(view, BASE_PORT), names)
        except (SilentError, RefusedError) as error:
            silent[vlan] = str(error)
            if len(silent) == SILENT and len(silent) == vlans.index(vlan) + 1:
                # It answers for none: to wait for each would cost the time of the poll, and its log a line for each.
                presence.set(VLAN_STATE, has=False)
                return Shown(found, dict.fromkeys(vlans, str(error)))
    return Shown(found, silent)


def _vlans(device: Walked) -> Sequence[int]:
    """The VLANs that a switch says are in use, and that are Ethernet's."""
    types = _rows(device, VLAN_TYPE)
    used = (index for index, state in _rows(device, VLAN_STATE).items() if state == OPERATIONAL)
    numbers = (index.rpartition(".")[2] for index in used if types.get(index, ETHERNET) == ETHERNET)
    return [int(number) for number in islice(numbers, VLANS) if number.isdecimal()]


def _ports(rows: Mapping[str, Value], ports: Mapping[str, Value], names: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for index, port in rows.items():
        octets = [int(arc) for arc in index.split(".")[-OCTETS:]]
        if len(octets) == OCTETS and max(octets) < 256 and not octets[0] & GROUP and port:  # noqa: PLR2004 - an octet
            number = str(ports.get(str(port), port))
            found[address(bytes(octets))] = names.get(number, number)
    return found


def _rows(device: Walked, oid: str) -> dict[str, Value]:
    return dict(islice(chain.from_iterable(device.walk(oid)), ADDRESSES))
