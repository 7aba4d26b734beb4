# SPDX-License-Identifier: Apache-2.0
"""For whom a reverse proxy asked: what X-Forwarded-For says, believed as far as the operator vouches for who wrote it.

Each proxy adds the address of whoever asked it to the end of the header, so it is read from its end: as long as the
address at hand is one of the proxies that were declared, the one before it is whoever asked. What stands before that
was written by a peer, and is kept as its claim only (ECS network.forwarded_ip).
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from giamsat_agent.address import network, plain
from giamsat_agent.parsers import typed_values
from giamsat_wire.record import FieldValue

CLAIM: Final = "network.forwarded_ip"
HOPS_MOST: Final = 16
"""Addresses of one header that are looked at, from its end."""
ADDRESSES_KEPT: Final = 1_024
"""Peers of whom it is remembered whether they are declared."""
_OF_PEER: Final = ("source.port", "source.domain", "source.mac")
"""What is said of the proxy's connection, and not of whoever asked it."""
_AROUND: Final = ' +"'
"""What logs write around an address of the list; IIS writes a blank as a plus sign."""


class Proxies:
    """The proxies that an operator has declared."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """`networks` are addresses, and networks as ADDRESS/BITS.

        Raises:
            ValueError: one of them is none, or holds every address there is.
        """
        declared = tuple(map(network, networks))

        @lru_cache(maxsize=ADDRESSES_KEPT)
        def holds(address: str) -> bool:
            parsed = ip_address(address)
            return any(parsed in each for each in declared)

        self._holds = holds if declared else None

    def resolve(self, fields: dict[str, FieldValue]) -> None:
        """Put the client in place of declared proxies; of the header, an address that nobody vouches for is left."""
        hops = [
            typed_values.endpoint(each.strip(_AROUND))[0] for each in str(fields.pop(CLAIM)).split(",")[-HOPS_MOST:]
        ]
        client = peer = fields.get("source.ip")
        while hops and self._holds is not None and isinstance(client, str) and self._holds(client):
            hop = plain(hops.pop())
            if hop is None:  # the proxy says that it does not know
                break
            client = hop
        if client is not None and client != peer:
            fields["source.ip"] = client
            for name in _OF_PEER:
                fields.pop(name, None)
        claimed = next(filter(None, map(plain, hops)), None)
        if claimed is not None and claimed != client:
            fields[CLAIM] = claimed


UNDECLARED: Final = Proxies()
"""No proxy is believed."""
