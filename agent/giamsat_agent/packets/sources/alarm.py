# SPDX-License-Identifier: Apache-2.0
"""What wakes a program when many frames pass: a socket that one of EVERY comes to, of which the kernel throws the dice.

Waiting for a ring would wake it for each frame, and looking at the ring again and again costs more than all the rest
where little passes. The filter: bpf(4), SKF_AD_RANDOM of linux/filter.h.
"""

import contextlib
import ctypes
import socket
import struct
from typing import Final

from giamsat_agent.packets.errors import InterfaceError
from giamsat_agent.packets.sources.ring import ETH_P_ALL, SO_ATTACH_FILTER

EVERY: Final = 1_024
"""A power of two."""
MOST: Final = 64
"""Frames that are taken at once; there is room for a few only, the others are not kept."""
_RANDOM: Final = -0x1000 + 56 & 0xFFFFFFFF
_STEPS: Final = (
    (0x20, 0, 0, _RANDOM),
    (0x54, 0, 0, EVERY - 1),  # and
    (0x15, 0, 1, 0),  # equal
    (0x06, 0, 0, 1),  # one byte of it is enough
    (0x06, 0, 0, 0),
)


class Alarm:
    """Rings when many frames of an interface pass: on the average at each EVERYth."""

    def __init__(self, interface: str) -> None:
        """Open it.

        Raises:
            InterfaceError: there is no such interface, or the right to capture (CAP_NET_RAW) is missing.
        """
        steps = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in _STEPS))
        with contextlib.ExitStack() as undo:
            try:
                self._socket = undo.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
                self._socket.setblocking(False)  # noqa: FBT003 - the standard library's signature
                head = struct.pack("@HP", len(_STEPS), ctypes.addressof(steps))
                self._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, head)
                self._socket.bind((interface, ETH_P_ALL))
            except OSError as error:
                raise InterfaceError(f"{interface}: cannot be waited for: {error.strerror}") from error
            undo.pop_all()

    def fileno(self) -> int:
        """What to wait for, until it can be read."""
        return self._socket.fileno()

    def rang(self) -> bool:
        """Whether it rang since it was last asked."""
        for taken in range(MOST):
            try:
                self._socket.recv(1)
            except OSError:
                # None is left, or the interface went down, which whoever reads its ring finds out.
                return taken > 0
        return True

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()
