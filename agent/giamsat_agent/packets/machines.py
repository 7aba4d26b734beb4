# SPDX-License-Identifier: Apache-2.0
"""What Ethernet addresses say of the machines that bear them."""

from typing import Final

PORTS: Final = 8
"""MAC addresses so near each other are ports of one machine, which may answer by any (bonding, ARP flux)."""
VIRTUAL: Final = ((8, 0x00005E0001), (8, 0x00005E0002), (8, 0x00000C07AC), (12, 0x00000C9FF), (24, 0x0007B4))
"""VRRP for IPv4 and IPv6 (RFC 9568, section 7.3), HSRP 1 and 2, and GLBP, where several answer for one address: bits to
the right, what is left."""


def is_virtual(mac: int) -> bool:
    """Whether routers that stand in for each other share this Ethernet address."""
    return any(mac >> bits == prefix for bits, prefix in VIRTUAL)


def is_one_machine(one: int, other: int) -> bool:
    """Whether two Ethernet addresses are so close that they are ports of one machine."""
    return abs(one - other) < PORTS
