# SPDX-License-Identifier: Apache-2.0
"""One flow of packets within a minute, as a line of text: what the sensor writes and the collector reads.

protocol,source,port,destination,port,packets,bytes,packets,bytes,flags,start,length[,name[,ja4]]

The first packets and bytes are those `source` sent, the second those it was sent. `start` and `length` are
milliseconds, the first since the minute began. A line takes 50 to 150 bytes, and many alike compress to a quarter.
"""

import ipaddress
from typing import Final, NamedTuple

from giamsat_wire.errors import MalformedError

LINE: Final = 280
"""Characters of a line at most."""
NAME: Final = 64
ADDRESS: Final = 45
"""Characters of an address at most: IPv6 with an IPv4 address at its end."""
LATEST_MS: Final = (1 << 32) - 1
"""The latest start and the greatest length: 49 days, far beyond any minute, and a time that can be written."""
_PARTS: Final = 12
_ADDRESSES: Final = (1, 3)
_MOST: Final = (1 << 63) - 1
_PORT: Final = 65_535


class FlowRow(NamedTuple):
    """Who talked with whom in a minute. `protocol` is IANA's number; ports are 0 where there are none.

    `flags` are all TCP flags that were seen, in either direction (FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32). `name`
    is what `destination` was called, by the client's TLS hello or by DNS, and `ja4` the client's fingerprint; both are
    empty when they were not seen.
    """

    protocol: int
    source: str
    source_port: int
    destination: str
    destination_port: int
    sent_packets: int
    sent_bytes: int
    received_packets: int
    received_bytes: int
    flags: int
    start_ms: int
    length_ms: int
    name: str = ""
    ja4: str = ""

    def line(self) -> str:
        """The line."""
        said = [text[:NAME].replace(",", "") for text in (self.name, self.ja4)]
        return ",".join([*map(str, self[:_PARTS]), *said]).rstrip(",")


def read(line: str) -> FlowRow:
    """A line as a row.

    Raises:
        MalformedError: it is none.
    """
    parts = line.split(",")
    if len(line) > LINE or not _PARTS <= len(parts) <= _PARTS + 2:
        raise MalformedError(f"a flow has {_PARTS} to {_PARTS + 2} parts and at most {LINE} characters")
    try:
        numbers = [int(parts[place]) for place in range(_PARTS) if place not in _ADDRESSES]
        source, destination = (address(parts[place]) for place in _ADDRESSES)
    except ValueError as error:
        raise MalformedError(f"a flow that cannot be read: {error}") from error
    protocol, near, far, *counts = numbers
    if min(numbers) < 0 or max(numbers) > _MOST or max(near, far) > _PORT or max(counts[-2:]) > LATEST_MS:
        raise MalformedError("a flow with a number that cannot be")
    name, ja4 = [*parts[_PARTS:], "", ""][:2]
    row = FlowRow._make((protocol, source, near, destination, far, *counts, name, ja4))
    if not (row.name + row.ja4).isprintable() or max(len(row.name), len(row.ja4)) > NAME:
        raise MalformedError("a flow with a name that cannot be printed")
    return row


def address(text: str) -> str:
    """An address out of a network as it is written; one with a zone, which may hold any letters, is none.

    Raises:
        ValueError: it is none.
    """
    if len(text) > ADDRESS or "%" in text:
        raise ValueError("an address with a zone, or too long for one")
    return str(ipaddress.ip_address(text))
