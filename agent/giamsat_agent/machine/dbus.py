# SPDX-License-Identifier: Apache-2.0
"""A client of the D-Bus message bus: calls methods with text arguments and returns what they answer, still encoded.

Just the part of the D-Bus specification that asking a local service needs: authentication by user id, method calls,
their returns and errors. Signals are skipped.
"""

import os
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_agent.machine.dbus_values import Reader, Writer

MESSAGE_BYTES: Final = 8 << 20
"""The largest message read: a host with 2,000 units lists them in 700 kB."""
SKIPPED_MOST: Final = 1_000
"""Messages that are not the awaited reply, in a row, before the bus is given up."""
CALLS_MOST: Final = 64
"""Calls under way at one time: a bus refuses more than 128 by default."""

_FIXED: Final = struct.Struct("<cBBBIII")
_METHOD_CALL, _METHOD_RETURN = 1, 2
_PATH, _INTERFACE, _MEMBER, _REPLY_SERIAL, _DESTINATION, _SIGNATURE = 1, 2, 3, 5, 6, 8


class BusError(OSError):
    """The bus did not keep to its protocol; this connection is of no more use."""


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one object of one service, with text arguments."""

    destination: str
    path: str
    interface: str
    member: str
    arguments: tuple[str, ...] = ()


HELLO: Final = Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello")


class Bus:
    """A connection to a message bus; used by one thread at a time."""

    def __init__(self, address: str, *, limit_s: float) -> None:
        """Connect to the socket at `address`; every wait for the bus ends after `limit_s`.

        Raises:
            OSError: no bus there, or not for this user.
        """
        self._serial = 0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(limit_s)
        self._stream = self._socket.makefile("rb")
        try:
            self._socket.connect(address)
            self._authenticate()
            self.call([HELLO])
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Leave the bus."""
        self._stream.close()
        self._socket.close()

    def call(self, calls: Sequence[Call]) -> list[bytes | None]:
        """The body of each call's return, in the calls' order; None where the service answered with an error.

        Raises:
            BusError: the bus broke the protocol.
            OSError: the bus is gone or did not answer in time.
        """
        return [
            answer
            for start in range(0, len(calls), CALLS_MOST)
            for answer in self._together(calls[start : start + CALLS_MOST])
        ]

    def _together(self, calls: Sequence[Call]) -> list[bytes | None]:
        awaited = range(self._serial + 1, self._serial + 1 + len(calls))
        self._serial += len(calls)
        self._socket.sendall(b"".join(map(encode, calls, awaited)))
        answers: dict[int, bytes | None] = {}
        skipped = 0
        while len(answers) < len(calls):
            serial, body = self._receive()
            if serial in awaited:
                answers[serial] = body
            elif (skipped := skipped + 1) > SKIPPED_MOST:
                raise BusError(f"the bus sent {skipped} other messages instead of a reply")
        return [answers[serial] for serial in awaited]

    def _authenticate(self) -> None:
        identity = str(os.getuid()).encode().hex().encode()
        self._socket.sendall(b"\0AUTH EXTERNAL " + identity + b"\r\n")
        if not (reply := self._stream.readline(MESSAGE_BYTES)).startswith(b"OK "):
            raise BusError(f"the bus refused user id {os.getuid()}: {reply[:80]!r}")
        self._socket.sendall(b"BEGIN\r\n")

    def _receive(self) -> tuple[int, bytes | None]:
        """The serial that the next message replies to (0: none), and its body (None: not a method's return)."""
        order, kind, _, _, body_bytes, _, fields_bytes = _FIXED.unpack(self._exactly(_FIXED.size))
        padded = fields_bytes + -fields_bytes % 8
        if order != b"l" or padded + body_bytes > MESSAGE_BYTES:
            raise BusError(f"the bus sent a message of {body_bytes} bytes in byte order {order!r}, which is not read")
        try:
            serial = reply_serial(self._exactly(padded)[:fields_bytes])
        except ValueError as error:
            raise BusError(f"the bus sent a message head that cannot be read: {error}") from error
        body = self._exactly(body_bytes)
        return serial, body if kind == _METHOD_RETURN else None

    def _exactly(self, count: int) -> bytes:
        content = self._stream.read(count)
        if len(content) < count:
            raise BusError("the bus closed the connection")
        return content


def encode(call: Call, serial: int) -> bytes:
    """The message of one method call."""
    body = Writer()
    for argument in call.arguments:
        body.text(argument)
    fields = Writer()
    for code, kind, value in (
        (_PATH, "o", call.path),
        (_DESTINATION, "s", call.destination),
        (_INTERFACE, "s", call.interface),
        (_MEMBER, "s", call.member),
    ):
        _field(fields, code, kind)
        fields.text(value)
    if call.arguments:
        _field(fields, _SIGNATURE, "g")
        fields.signature("s" * len(call.arguments))
    fixed = _FIXED.pack(b"l", _METHOD_CALL, 0, 1, len(body.content), serial, len(fields.content))
    fields.align(8)
    return fixed + fields.content + body.content


def reply_serial(fields: bytes) -> int:
    """The serial that a message with these header fields replies to; 0 when it is no reply.

    Raises:
        ValueError: these are not header fields.
    """
    reader = Reader(fields)
    while reader.at < len(fields):
        # The fields begin at a multiple of 8 of the message, so their own offsets align alike.
        reader.align(8)
        code, kind = reader.byte(), reader.signature()
        if kind == "u":
            number = reader.u32()
            if code == _REPLY_SERIAL:
                return number
        elif kind == "g":
            reader.signature()
        elif kind in {"s", "o"}:
            reader.text()
        else:
            raise ValueError(f"header field {code} has the unknown type {kind!r}")
    return 0


def _field(fields: Writer, code: int, kind: str) -> None:
    fields.align(8)
    fields.byte(code)
    fields.signature(kind)
