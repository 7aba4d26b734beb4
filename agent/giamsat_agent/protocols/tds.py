# SPDX-License-Identifier: Apache-2.0
"""The Tabular Data Stream of Microsoft SQL Server (MS-TDS, version 7.4): a beginning, a login, a question. Pure."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

VERSION: Final = 0x74000004
PACKET_BYTES: Final = 4_096
BATCH, REPLY, LOGIN, PRELOGIN = 0x01, 0x04, 0x10, 0x12
"""Kinds of packets."""
LAST: Final = 0x01
"""The state of a message's last packet."""
HEAD: Final = 8
OFF, ON, UNSUPPORTED, REQUIRED = range(4)
"""How an end stands to encryption."""
VERSION_OPTION, ENCRYPTION_OPTION, INSTANCE_OPTION, THREAD_OPTION, END = 0x00, 0x01, 0x02, 0x03, 0xFF
OPTIONS: Final = 32
COLUMNS, ERROR, ACKNOWLEDGED = 0x81, 0xAA, 0xAD
"""Tokens that say what becomes of a session."""
_FIXED: Final = {0xFD: 12, 0xFE: 12, 0xFF: 12, 0x79: 4}
"""Tokens without a length, by theirs: the three DONE, and a procedure's status."""
_SIZED: Final = frozenset({ERROR, 0xAB, ACKNOWLEDGED, 0xE3, 0xED})
_LOGIN_HEAD: Final = 94
_USE_DATABASE, _USE_LANGUAGE = 0xE0, 0x03
_SECRET: Final = 0xA5


class TdsError(ValueError):
    """What was said is no TDS; the message says what is wrong."""


class Refusal(NamedTuple):
    """An error that a server names."""

    number: int
    text: str


def packets(kind: int, content: bytes) -> bytes:
    """A message in as many packets as it needs."""
    room = PACKET_BYTES - HEAD
    parts = [content[at : at + room] for at in range(0, len(content), room)] or [b""]
    return b"".join(
        struct.pack("!BBHHBB", kind, LAST if number == len(parts) else 0, HEAD + len(part), 0, number % 256, 0) + part
        for number, part in enumerate(parts, 1)
    )


def prelogin(encryption: int) -> bytes:
    """What a client begins with: how it stands to encryption, and no instance."""
    values = (
        (VERSION_OPTION, bytes(6)), (ENCRYPTION_OPTION, bytes([encryption])), (INSTANCE_OPTION, b"\0"),
        (THREAD_OPTION, bytes(4)),
    )  # fmt: skip
    at, heads, content = 5 * len(values) + 1, b"", b""
    for token, value in values:
        heads += struct.pack("!BHH", token, at + len(content), len(value))
        content += value
    return heads + bytes([END]) + content


def parse_prelogin(message: bytes) -> tuple[str, int]:
    """The server's version, and how it stands to encryption.

    Raises:
        TdsError: this is no answer to a pre-login.
    """
    found: dict[int, bytes] = {}
    at = 0
    try:
        for _ in range(OPTIONS):
            if message[at] == END:
                break
            token, offset, length = struct.unpack_from("!BHH", message, at)
            found[token] = message[offset : offset + length]
            at += 5
        major, minor, build = struct.unpack_from("!BBH", found[VERSION_OPTION])
        return f"{major}.{minor}.{build}", found[ENCRYPTION_OPTION][0]
    except (IndexError, KeyError, struct.error) as error:
        raise TdsError("no answer to a pre-login") from error


def login(user: str, password: str, database: str) -> bytes:
    """LOGIN7 (2.2.6.4): who wants a session of which database. The password is veiled, not encrypted."""
    secret = bytes((byte << 4 & 0xF0 | byte >> 4) ^ _SECRET for byte in password.encode("utf-16-le"))
    parts = ("", user, secret, "giamsat", "", b"", "giamsat", "", database)
    places, content = b"", b""
    for part in parts:
        said = part if isinstance(part, bytes) else part.encode("utf-16-le")
        places += struct.pack("<HH", _LOGIN_HEAD + len(content), len(said) // 2)
        content += said
    rest = _LOGIN_HEAD + len(content)
    places += bytes(6) + struct.pack("<HHHHHHI", rest, 0, rest, 0, rest, 0, 0)
    about = (VERSION, PACKET_BYTES, 0, 0, 0, _USE_DATABASE, _USE_LANGUAGE, 0, 0, 0, 0)
    return struct.pack("<IIIIIIBBBBiI", rest, *about) + places + content


def batch(question: str) -> bytes:
    """A question in SQL, outside of any transaction (2.2.6.7)."""
    return struct.pack("<IIHQI", 22, 18, 2, 0, 1) + question.encode("utf-16-le")


def answers(message: bytes) -> Iterator[int | Refusal]:
    """What an answer says up to its rows: the tokens in order, those of errors with what they name.

    Raises:
        TdsError: it holds a token that cannot stand there, or is cut off.
    """
    at = 0
    while at < len(message):
        token = message[at]
        if token == COLUMNS:
            yield token
            return
        if token in _FIXED:
            at += 1 + _FIXED[token]
            yield token
            continue
        if token not in _SIZED:
            raise TdsError(f"an answer with a token {token:#04x}")
        try:
            (length,) = struct.unpack_from("<H", message, at + 1)
        except struct.error as error:
            raise TdsError("an answer that is cut off") from error
        yield _refusal(message[at + 3 : at + 3 + length]) if token == ERROR else token
        at += 3 + length


def _refusal(said: bytes) -> Refusal:
    try:
        number, _, _, letters = struct.unpack_from("<iBBH", said)
    except struct.error as error:
        raise TdsError("an error that is cut off") from error
    return Refusal(number, said[8 : 8 + 2 * letters].decode("utf-16-le", "replace"))
