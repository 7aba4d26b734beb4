# SPDX-License-Identifier: Apache-2.0
"""A D-Bus message bus that answers as a test tells it to."""

import socket
import struct
import threading
from contextlib import contextmanager, suppress

from giamsat_agent.machine.dbus import HELLO, Call
from giamsat_agent.machine.dbus_values import Reader, Writer

FIXED = struct.Struct("<cBBBIII")
METHOD_RETURN, ERROR, SIGNAL = 2, 3, 4


def message(kind, *, reply_to=0, body=b"", says_bytes=None):
    """A message of the bus; `says_bytes` makes it lie about its length."""
    fields = Writer()
    if reply_to:
        fields.byte(5)
        fields.signature("u")
        fields.u32(reply_to)
    count = len(fields.content)
    fields.align(8)
    return FIXED.pack(b"l", kind, 0, 1, says_bytes or len(body), 1, count) + fields.content + body


def texts(*values):
    """The body of an answer that holds these texts."""
    body = Writer()
    for value in values:
        body.text(value)
    return bytes(body.content)


def variant(value):
    """The body of an answer that holds a property of type text."""
    body = Writer()
    body.signature("s")
    body.text(value)
    return bytes(body.content)


def units(*rows):
    """The body of an answer to ListUnits, from (name, load, active, path)."""
    listed = Writer()
    for name, load, active, path in rows:
        listed.align(8)
        for value in (name, "", load, active, "", "", path):
            listed.text(value)
        listed.u32(0)
        listed.text("")
        listed.text("/")
    head = Writer()
    head.u32(len(listed.content))
    head.align(8)
    return bytes(head.content + listed.content)


@contextmanager
def bus(address, answer, greeting=b"OK 1234\r\n"):
    """Listen at `address`; `answer(call, serial)` gives the bytes sent for each call, None to hang up."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        accepted: list[socket.socket] = []
        thread = threading.Thread(target=_serve, args=(listener, accepted, answer, greeting), daemon=True)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        for connection in accepted:
            # Whoever still holds the other end sees the bus go.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(listener, accepted, answer, greeting):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        accepted.append(connection)
        # A client that is gone is none of the bus's business.
        with connection, connection.makefile("rb") as stream, suppress(OSError):
            stream.readline()
            connection.sendall(greeting)
            stream.readline()
            for call, serial in _calls(stream):
                reply = message(METHOD_RETURN, reply_to=serial) if call == HELLO else answer(call, serial)
                if reply is None:
                    break
                connection.sendall(reply)


def _calls(stream):
    while fixed := stream.read(FIXED.size):
        _, _, _, _, body_bytes, serial, fields_bytes = FIXED.unpack(fixed)
        fields = _fields(stream.read(fields_bytes + -fields_bytes % 8)[:fields_bytes])
        body = Reader(stream.read(body_bytes))
        arguments = tuple(body.text() for _ in fields.get(8, ""))
        yield Call(fields[6], fields[1], fields[2], fields[3], arguments), serial


def _fields(content):
    reader, fields = Reader(content), {}
    while reader.at < len(content):
        reader.align(8)
        code, kind = reader.byte(), reader.signature()
        fields[code] = reader.signature() if kind == "g" else reader.text()
    return fields
