# SPDX-License-Identifier: Apache-2.0
"""Listening sockets asked of the kernel by netlink (sock_diag(7)), which costs a hundredth of reading /proc/net/tcp.

The kernel walks its whole table of connections to print that file, however few there are; here it is told which
states are wanted. A kernel without inet_diag refuses, and the file is read instead.
"""

import socket
import struct
import sys
from collections.abc import Iterator
from typing import Final

from giamsat_agent.machine.sockets import Listener

_SOCK_DIAG_BY_FAMILY: Final = 20
_NETLINK_SOCK_DIAG: Final = 4
_REQUEST_DUMP: Final = 0x301
_DONE: Final = 3
_ERROR: Final = 2
_HEADER: Final = struct.Struct("=IHHII")
_REQUEST: Final = struct.Struct("=BBBxI48x")
_MESSAGE: Final = struct.Struct("!BBBBHH16s16sII")  # up to the cookie: family, state, timer, retrans, ports, addresses
_INODE_AT: Final = 68
_BUFFER: Final = 64 << 10
_MOST_BYTES: Final = 4 << 20
_TCP_LISTEN: Final = 1 << 10
_UDP_UNCONNECTED: Final = 1 << 7
ASKED: Final = (
    (socket.AF_INET, socket.IPPROTO_TCP, _TCP_LISTEN),
    (socket.AF_INET6, socket.IPPROTO_TCP, _TCP_LISTEN),
    (socket.AF_INET, socket.IPPROTO_UDP, _UDP_UNCONNECTED),
    (socket.AF_INET6, socket.IPPROTO_UDP, _UDP_UNCONNECTED),
)


def listeners() -> dict[Listener, int]:
    """Everything that waits for others in this network namespace, by inode.

    Raises:
        OSError: this kernel does not answer such questions.
    """
    found: dict[Listener, int] = {}
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(1.0)
        for family, protocol, states in ASKED:
            body = _REQUEST.pack(family, protocol, 0, states)
            kernel.send(_HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0) + body)
            transport = "tcp" if protocol == socket.IPPROTO_TCP else "udp"
            for listener, inode in _answers(kernel, transport):
                found.setdefault(listener, inode)
    return found


def parse(data: bytes, transport: str) -> Iterator[tuple[Listener, int] | None]:
    """The sockets of one part of an answer; None at the end of the whole answer.

    Raises:
        OSError: the kernel refuses.
    """
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, _, _, _ = _HEADER.unpack_from(data, at)
        body = data[at + _HEADER.size : at + length]
        if kind == _DONE:
            yield None
            return
        if kind == _ERROR:
            code = -int.from_bytes(body[:4], sys.byteorder, signed=True)
            raise OSError(code, "the kernel does not list its sockets")
        if len(body) < _INODE_AT + 4:
            return
        family, _, _, _, port, peer, source, _, _, _ = _MESSAGE.unpack_from(body)
        address = source[:4] if family == socket.AF_INET else source
        if peer == 0 and family in {socket.AF_INET, socket.AF_INET6}:
            (inode,) = struct.unpack_from("=I", body, _INODE_AT)
            yield Listener(transport, _text(family, address), port), inode
        at += (length + 3) & ~3


def _answers(kernel: socket.socket, transport: str) -> Iterator[tuple[Listener, int]]:
    taken = 0
    while taken < _MOST_BYTES:
        data = kernel.recv(_BUFFER)
        taken += len(data)
        for answer in parse(data, transport):
            if answer is None:
                return
            yield answer


def _text(family: int, address: bytes) -> str:
    if family == socket.AF_INET6 and address[:12] == bytes(10) + b"\xff\xff":
        return socket.inet_ntop(socket.AF_INET, address[12:])
    return socket.inet_ntop(family, address)
