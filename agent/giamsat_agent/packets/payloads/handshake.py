# SPDX-License-Identifier: Apache-2.0
"""A part of a TLS handshake, as it was put together from the segments or datagrams that carried it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from giamsat_agent.packets.payloads.ja4 import Carrier, ja4
from giamsat_agent.packets.payloads.tls import Hello
from giamsat_agent.packets.payloads.x509 import Validity

Ends: TypeAlias = tuple[int, int, int, int]
"""The client's address, the server's, the client's port, the server's; addresses as numbers, as in a batch."""


@dataclass(frozen=True, slots=True)
class ClientGreeting:
    """A client's hello. `number` is the frame that completed it, 0 when frames were not counted."""

    ends: Ends
    at_ns: int
    number: int
    hello: Hello
    carrier: Carrier = Carrier.TCP

    @property
    def ja4(self) -> str:
        """The client's fingerprint."""
        return ja4(self.hello, self.carrier)


@dataclass(frozen=True, slots=True)
class ServerGreeting:
    """A server's hello. `server_name` is what the client asked for, empty when that was not seen."""

    ends: Ends
    at_ns: int
    number: int
    hello: Hello
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """What the certificate says that a server shows; TLS 1.3 hides it."""

    ends: Ends
    at_ns: int
    number: int
    validity: Validity
    server_name: str = ""


Greeting: TypeAlias = ClientGreeting | ServerGreeting | ServerCertificate


def in_a_row(pieces: Mapping[int, bytes]) -> bytes:
    """What lies in a row from the beginning, of pieces by their places."""
    stream = b""
    for offset in sorted(pieces):
        if offset > len(stream):
            break
        stream += pieces[offset][len(stream) - offset :]
    return stream
