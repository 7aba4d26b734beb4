# SPDX-License-Identifier: Apache-2.0
"""Whether an IPv4 address answers an ICMP echo (RFC 792)."""

import contextlib
import os
import socket
import struct
import time
from typing import Final

REQUEST, REPLY = 8, 0
HEADER: Final = 20
"""Bytes of the IPv4 header, which a raw socket shows before the message."""


def answers(host: str, *, timeout_s: float) -> bool | None:
    """Whether it answers; None when this process may not ask."""
    asked = _opened()
    if asked is None:
        return None
    with asked:
        asked.settimeout(timeout_s)
        with contextlib.suppress(OSError):
            asked.sendto(message(os.getpid() & 0xFFFF), (host, 0))
            until = time.monotonic() + timeout_s
            while time.monotonic() < until:
                data, (sender, *_) = asked.recvfrom(2_048)
                if sender == host and REPLY in {data[0], *data[HEADER : HEADER + 1]}:
                    return True
    return False


def message(identifier: int) -> bytes:
    """An echo request with its checksum (RFC 1071)."""
    bare = struct.pack("!BBHHH", REQUEST, 0, 0, identifier, 1)
    total = sum(struct.unpack("!4H", bare))
    total = (total >> 16) + (total & 0xFFFF)
    return struct.pack("!BBHHH", REQUEST, 0, ~total & 0xFFFF, identifier, 1)


def _opened() -> socket.socket | None:
    """An unprivileged socket where net.ipv4.ping_group_range allows it, a raw one with CAP_NET_RAW."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        with contextlib.suppress(PermissionError):
            return socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP)
    return None
