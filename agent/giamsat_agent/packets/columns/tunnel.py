# SPDX-License-Identifier: Apache-2.0
"""Where a packet begins that another one carries.

IP in IP (RFC 2003, RFC 4213), GRE (RFC 2784, RFC 2890) and VXLAN (RFC 7348).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Bytes, Numbers, true_at
from giamsat_agent.packets.columns.batch import TCP, UDP, Mask

FOUR, SIX, GRE = 4, 41, 47
"""IP protocols whose payload is a packet."""
VXLAN: Final = (4789, 8472)
"""The assigned port, and the one Linux had before it."""
_CHECKSUM, _ROUTING, _KEY, _SEQUENCE, _VERSION = 0x8000, 0x4000, 0x2000, 0x1000, 0x0007
_IP, _BRIDGED = (0x0800, 0x86DD), 0x6558
"""EtherTypes inside GRE; the last one is a whole Ethernet frame."""
_HAS_NETWORK: Final = 0x0800
"""The flag of VXLAN that is always set; the other bits are reserved, and extensions use them."""


@dataclass(frozen=True, slots=True)
class Inner:
    """Frames that carry another packet.

    Their places, how many bytes behind the outer IP header it begins, and whether it is a whole Ethernet frame.
    """

    at: Numbers
    begins: Numbers
    bridged: Mask


def inside(protocol: Numbers, head: Bytes) -> Inner:
    """Which frames are tunnels, by their IP protocol and the first 20 bytes behind their IP header."""
    at = true_at(protocol != TCP)
    words, kind = head.view(">u2")[at], protocol[at]
    over_udp = (kind == UDP) & ((words[:, 1] == VXLAN[0]) | (words[:, 1] == VXLAN[1]))
    tunnels = over_udp | (kind == GRE) | (kind == FOUR) | (kind == SIX)
    if not tunnels.any():
        return Inner(at[:0], at[:0], np.zeros(0, bool))
    at, kind, some = at[tunnels], kind[tunnels], words[tunnels].astype(np.int64)
    flags = some[:, 0]
    optional = sum(((flags & bit) != 0).astype(np.int64) for bit in (_CHECKSUM, _KEY, _SEQUENCE))
    bridged = (kind == UDP) | ((kind == GRE) & (some[:, 1] == _BRIDGED))
    gre = ((flags & (_ROUTING | _VERSION)) == 0) & (np.isin(some[:, 1], _IP) | bridged)
    vxlan = (some[:, 4] & _HAS_NETWORK) != 0
    known = np.select([kind == GRE, kind == UDP], [gre, vxlan], default=True)
    begins = np.select([kind == GRE, kind == UDP], [4 + 4 * optional, np.full(len(at), 16)], default=0)
    return Inner(at[known], begins[known], bridged[known])
