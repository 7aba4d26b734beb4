# SPDX-License-Identifier: Apache-2.0
"""Who is at the other end of a UNIX socket, as the kernel says (unix(7), SO_PEERCRED)."""

import asyncio
import socket
import struct
from typing import Final, NamedTuple

_CREDENTIALS: Final = struct.Struct("3i")


class Peer(NamedTuple):
    """The process that connected, and the user it ran as then."""

    pid: int
    uid: int


def peer(writer: asyncio.StreamWriter) -> Peer:
    """The other end of a connection."""
    sock: socket.socket = writer.get_extra_info("socket")
    pid, uid, _ = _CREDENTIALS.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return Peer(pid, uid)
