# SPDX-License-Identifier: Apache-2.0
"""What both ends of TLS say in the clear: hellos and the certificate (RFC 8446, RFC 5246, RFC 6101).

Bytes are hostile: every length is checked against what is there, and what cannot be read is None.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from giamsat_agent.packets.payloads.byte_reader import Forward, ShortError

HANDSHAKE: Final = 22
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, HELLO_DONE = 1, 2, 11, 14
RECORD_HEADER, MESSAGE_HEADER = 5, 4
SERVER_NAME, SIGNATURE_ALGORITHMS, ALPN, SUPPORTED_VERSIONS = 0, 13, 16, 43
SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
VERSIONS: Final = {SSL3: "SSL 3.0", TLS10: "TLS 1.0", TLS11: "TLS 1.1", TLS12: "TLS 1.2", TLS13: "TLS 1.3"}
NAME_BYTES: Final = 255
_RANDOM: Final = 32


@dataclass(frozen=True, slots=True)
class Hello:
    """What one end offers or has chosen; values that only keep others honest (GREASE, RFC 8701) are left out.

    `versions` are those of the extension, the highest first, else the one of the message itself. A server's hello has
    one version and one cipher. Names and protocols are as they stand there, in small letters where they are names.
    """

    versions: tuple[int, ...]
    ciphers: tuple[int, ...]
    extensions: tuple[int, ...] = ()
    signatures: tuple[int, ...] = ()
    protocols: tuple[bytes, ...] = ()
    server_name: str = ""


def messages(stream: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """The handshake messages at the beginning of one end's bytes: kind, body, and whether the body is whole."""
    said, place = bytearray(), 0
    while stream[place : place + 1] == bytes((HANDSHAKE,)):
        size = int.from_bytes(stream[place + 3 : place + RECORD_HEADER])
        said += stream[place + RECORD_HEADER : place + RECORD_HEADER + size]
        place += RECORD_HEADER + size
    place = 0
    while len(said) - place >= MESSAGE_HEADER:
        begin = place + MESSAGE_HEADER
        kind, place = said[place], begin + int.from_bytes(said[place + 1 : begin])
        yield kind, bytes(said[begin:place]), place <= len(said)


def is_over(stream: bytes) -> bool:
    """Whether another kind of record has begun, so that no handshake follows in the clear."""
    place = 0
    while place < len(stream):
        if stream[place] != HANDSHAKE:
            return True
        place += RECORD_HEADER + int.from_bytes(stream[place + 3 : place + RECORD_HEADER])
    return False


def client_hello(body: bytes) -> Hello | None:
    """A client's hello."""
    try:
        return _hello(Forward(body), of_client=True)
    except ShortError:
        return None


def server_hello(body: bytes) -> Hello | None:
    """A server's hello."""
    try:
        return _hello(Forward(body), of_client=False)
    except ShortError:
        return None


def certificate(body: bytes) -> bytes:
    """The server's own certificate (DER), the first of its chain; as much of it as there is."""
    return body[6 : 6 + int.from_bytes(body[3:6])]


def _hello(body: Forward, *, of_client: bool) -> Hello:
    version = body.number(2)
    body.take(_RANDOM)
    body.vector(1)
    if of_client:
        ciphers = _numbers(body.vector(2))
        body.vector(1)
    else:
        ciphers = (body.number(2),)
        body.take(1)
    said: dict[int, bytes] = {}
    if body.left:
        block = Forward(body.vector(2))
        while block.left:
            kind = block.number(2)
            said.setdefault(kind, block.vector(2))
    offered = said.get(SUPPORTED_VERSIONS, b"")
    versions = _numbers(offered[1:] if of_client else offered)
    return Hello(
        versions=tuple(sorted(versions, reverse=True)) or (version,),
        ciphers=ciphers,
        extensions=tuple(kind for kind in said if not is_grease(kind)),
        signatures=_numbers(said.get(SIGNATURE_ALGORITHMS, b"")[2:]),
        protocols=_protocols(said.get(ALPN, b"")),
        server_name=_name(said.get(SERVER_NAME, b"")),
    )


def is_grease(value: int) -> bool:
    """Whether a number is one of those that mean nothing (RFC 8701)."""
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF  # noqa: PLR2004 - 0x0A0A, 0x1A1A … 0xFAFA


def _numbers(data: bytes) -> tuple[int, ...]:
    every = (int.from_bytes(data[at : at + 2]) for at in range(0, len(data) - 1, 2))
    return tuple(one for one in every if not is_grease(one))


def _protocols(data: bytes) -> tuple[bytes, ...]:
    if not data:
        return ()
    names, block = [], Forward(Forward(data).vector(2))
    while block.left:
        names.append(block.vector(1))
    return tuple(names)


def _name(data: bytes) -> str:
    """The host name of the extension (RFC 6066); one with bytes that no name has is empty."""
    if not data:
        return ""
    block = Forward(Forward(data).vector(2))
    while block.left:
        kind, name = block.number(1), block.vector(2)
        if kind == 0:
            readable = len(name) <= NAME_BYTES and name.isascii() and name.decode("latin-1").isprintable()
            return name.decode("ascii").lower().rstrip(".") if readable and b" " not in name else ""
    return ""
