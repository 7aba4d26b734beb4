# SPDX-License-Identifier: Apache-2.0
"""An HTTP/2 client that keeps to none of its rules (RFC 9113): frames as bytes, over TLS with a client certificate."""

import contextlib
import socket
import ssl
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, CONTINUATION = 0, 1, 3, 4, 6, 9
END_HEADERS = 4
PEM = serialization.Encoding.PEM


def frame(kind, payload=b"", *, stream=0, flags=0):
    """One frame."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def field(name, value):
    """A header field that is in no table (RFC 7541, 6.2.2)."""
    return b"\x00" + _text(name) + _text(value)


def _text(text):
    size = len(text)
    if size < 127:
        return bytes([size]) + text
    left, out = size - 127, b"\x7f"
    while left >= 128:
        out += bytes([left % 128 + 128])
        left //= 128
    return out + bytes([left]) + text


PUSH = b"".join(
    field(name, value)
    for name, value in (
        (b":method", b"POST"),
        (b":scheme", b"https"),
        (b":path", b"/giamsat.v1.Ingest/Push"),
        (b":authority", b"localhost"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
    )
)


@contextlib.contextmanager
def connected(address, roots, key, chain):
    """A connection after its TLS handshake and HTTP/2 preface."""
    host, _, port = address.rpartition(":")
    context = ssl.create_default_context(cadata=roots.decode())
    context.check_hostname = False
    context.set_alpn_protocols(["h2"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "agent.pem"
        private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(private + chain)
        context.load_cert_chain(path)
    with socket.create_connection((host, int(port)), timeout=60) as plain, context.wrap_socket(plain) as line:
        line.sendall(PREFACE + frame(SETTINGS))
        yield line


def send_all(line, parts):
    """Send until the other end has had enough; how many parts that was."""
    sent = 0
    with contextlib.suppress(OSError):
        for part in parts:
            line.sendall(part)
            sent += 1
    return sent
