# SPDX-License-Identifier: Apache-2.0
"""Who a switch sees behind which of its ports: the forwarding tables of BRIDGE-MIB and Q-BRIDGE-MIB (RFC 4363).

Some switches show one VLAN at a time only, under a community of its own; of these the one that is asked for is seen.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Final, Protocol

from giamsat_agent.devices.errors import RefusedError
from giamsat_agent.devices.reading import Rows, Value, address

BY_VLAN: Final = ".1.3.6.1.2.1.17.7.1.2.2.1.2"
"""dot1qTpFdbPort, by VLAN and address."""
ALL: Final = ".1.3.6.1.2.1.17.4.3.1.2"
"""dot1dTpFdbPort, by address."""
BASE_PORT: Final = ".1.3.6.1.2.1.17.1.4.1.2"
"""dot1dBasePortIfIndex."""
ADDRESSES: Final = 4_096
"""Addresses of one switch that are looked at."""
OCTETS: Final = 6
GROUP: Final = 0x01
"""The bit of an address's first octet that says it is of many (IEEE 802)."""


class Walked(Protocol):
    """A device that answers."""

    def walk(self, oid: str) -> Iterator[Rows]:
        """Every object below one, answer by answer."""
        ...


def read(device: Walked, names: Mapping[str, str]) -> dict[str, str]:
    """The port of each address; `names` are those of interfaces by ifIndex.

    Raises:
        SilentError, RefusedError: it stopped answering, or has no such table.
    """
    rows = _rows(device, BY_VLAN) or _rows(device, ALL)
    if not rows:
        raise RefusedError("it shows no forwarding table (BRIDGE-MIB, Q-BRIDGE-MIB); set watch_ports = false")
    ports = _rows(device, BASE_PORT)
    found: dict[str, str] = {}
    for index, port in rows.items():
        octets = [int(arc) for arc in index.split(".")[-OCTETS:]]
        if len(octets) == OCTETS and max(octets) < 256 and not octets[0] & GROUP and port:  # noqa: PLR2004 - an octet
            number = str(ports.get(str(port), port))
            found[address(bytes(octets))] = names.get(number, number)
    return found


def _rows(device: Walked, oid: str) -> dict[str, Value]:
    return dict(islice(chain.from_iterable(device.walk(oid)), ADDRESSES))
