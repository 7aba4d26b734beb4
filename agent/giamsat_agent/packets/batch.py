# SPDX-License-Identifier: Apache-2.0
"""What the headers of many frames say, column by column; one place in every column is one frame."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.addresses import Addresses, Identities
from giamsat_agent.packets.chunk import Bytes, Numbers
from giamsat_agent.packets.handshake import Greeting

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
UNKNOWN = 64
"""In place of the flags where they were not captured, or the frame is not TCP."""
ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
NOT_IP = -1

Mask = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint32]


class OneOf:
    """Which frames have one of a few numbers in a column of ports, protocols, flags or types.

    A table of all numbers answers in one step; np.isin would make such a table anew each time.
    """

    def __init__(self, numbers: Iterable[int]) -> None:
        """`numbers` are NOT_IP, or at least 0 and below 2^16."""
        self._wanted = np.zeros((1 << 16) + 1, bool)
        self._wanted[list(numbers)] = True

    def at(self, column: Numbers) -> Mask:
        """Where the column has one of them."""
        return self._wanted[column]


@dataclass(frozen=True, slots=True)
class Arp:
    """ARP frames for IPv4 over Ethernet; `at` is the frame's place in the batch."""

    at: Numbers
    operation: Numbers
    sender_mac: Identities
    sender_ip: Identities
    target_ip: Identities


@dataclass(frozen=True, slots=True)
class Hello:
    """What bridges tell each other (BPDUs of IEEE 802.1D, or one for each VLAN); `root` is priority and address."""

    at: Numbers
    root: Identities


@dataclass(frozen=True, slots=True)
class Batch:
    """Decoded frames. What a frame does not have, or was not captured of it, is 0; `protocol` is then NOT_IP.

    `size` is the length of the IP packet by its own header, `payload` that of what TCP, UDP or ICMP carries; `held`
    is how much of the payload was captured, at `payload_at` in `data`, and `opening` its first four bytes as one
    little-endian number. `greetings` are the parts of TLS handshakes that came to their end in these frames.
    """

    data: Bytes
    number: Numbers
    time_ns: Numbers
    source_mac: Identities
    destination_mac: Identities
    ether_type: Numbers
    vlan: Numbers
    source: Identities
    destination: Identities
    protocol: Numbers
    source_port: Numbers
    destination_port: Numbers
    flags: Numbers
    ttl: Numbers
    size: Numbers
    payload: Numbers
    transport_at: Numbers
    payload_at: Numbers
    held: Numbers
    opening: Words
    fragment: Mask
    arp: Arp
    hello: Hello
    addresses: Addresses
    greetings: tuple[Greeting, ...] = ()

    def __len__(self) -> int:
        return len(self.time_ns)

    def content(self, place: int) -> bytes:
        """The captured part of the payload of one frame."""
        start = int(self.payload_at[place])
        return self.data[start : start + int(self.held[place])].tobytes()

    def sequence(self, place: int) -> int:
        """The number of the first byte of a TCP segment (RFC 9293)."""
        start = int(self.transport_at[place]) + 4
        return int.from_bytes(self.data[start : start + 4].tobytes())
