# SPDX-License-Identifier: Apache-2.0
"""Tests talk to this machine only: any other address is refused before a packet leaves.

Allowed are loopback, link-local, UNIX sockets and the networks reserved for documentation (RFC 5737, RFC 3849), which
tests use inside namespaces of their own. gRPC opens its sockets below Python and is not seen here.
"""

import ipaddress
import sys
from typing import Any, Final

OWN: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "::1/128",
        "fe80::/10",
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
        "0.0.0.0/32",
        "::/128",
    )
)
NAMES: Final = frozenset({None, "", "localhost", "ip6-localhost"})


class NetworkRefusedError(RuntimeError):
    """A test tried to leave this machine."""


def is_own(host: object) -> bool:
    """Whether an address or a name is one that tests may use."""
    text = host.decode() if isinstance(host, bytes) else host
    if text in NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(text).split("%", 1)[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in OWN if network.version == (mapped or address).version)


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook that refuses connections and look-ups that would leave this machine.

    Raises:
        NetworkRefusedError: the address is not one of this machine.
    """
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and len(address) in {2, 4} else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if not is_own(host):
        raise NetworkRefusedError(
            f"{event} to {host}: tests use loopback, or documentation networks in their own namespaces"
        )


def stay_home() -> None:
    """Refuse from now on, for as long as this process lives."""
    sys.addaudithook(refuse)
