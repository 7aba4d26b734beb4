# SPDX-License-Identifier: Apache-2.0
"""What wakes a program when many frames pass: a ring of blocks (packet(7), TPACKET_V3), of which a full one rings.

Waiting for a ring of frames would wake it for each of them, and looking at that again and again costs more than all the
rest where little passes. One of EVERY frames gets into a block, for which the kernel throws the dice, and of each a
byte: so a block is full after FRAMES of them, give or take a seventh, and however short or long they are.
The filter: bpf(4), SKF_AD_RANDOM of linux/filter.h. The layout of blocks: linux/if_packet.h.
"""

import contextlib
import ctypes
import mmap
import socket
import struct
from typing import Final

from giamsat_agent.packets.errors import InterfaceError
from giamsat_agent.packets.sources.ring import (
    ETH_P_ALL,
    RX_RING,
    SO_ATTACH_FILTER,
    SOL_PACKET,
    STATUS_KERNEL,
    STATUS_USER,
    VERSION,
)

FRAMES: Final = 3_000
_BLOCK, _BLOCKS = mmap.PAGESIZE, 2
_HEAD, _TAKES, _STATUS_AT = 48, 88, 8
"""Bytes before the frames of a block, those that one takes of which a byte is kept, and where the block's status is."""
EVERY: Final = 1 << ((FRAMES * _TAKES // (_BLOCK - _HEAD)).bit_length() - 1)
"""A power of two."""
_RANDOM: Final = -0x1000 + 56 & 0xFFFFFFFF
_STEPS: Final = (
    (0x20, 0, 0, _RANDOM),
    (0x54, 0, 0, EVERY - 1),  # and
    (0x15, 0, 1, 0),  # equal
    (0x06, 0, 0, 1),  # one byte of it is enough
    (0x06, 0, 0, 0),
)
_STATUS: Final = struct.Struct("=I")
_V3: Final = 2
_FRAME: Final = 128
"""Bytes: the kernel asks for it, and packs frames closer."""
_CLOSED_MS: Final = 60_000
"""After so long a block that is not full rings, too: as long as it can be."""


class Alarm:
    """Rings when many frames of an interface pass: at each FRAMESth or so."""

    def __init__(self, interface: str) -> None:
        """Open it.

        Raises:
            InterfaceError: there is no such interface, or the right to capture (CAP_NET_RAW) is missing.
        """
        steps = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in _STEPS))
        blocks = (_BLOCK, _BLOCKS, _FRAME, _BLOCKS * _BLOCK // _FRAME, _CLOSED_MS, 0, 0)
        with contextlib.ExitStack() as undo:
            try:
                self._socket = its = undo.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
                head = struct.pack("@HP", len(_STEPS), ctypes.addressof(steps))
                its.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, head)
                its.setsockopt(SOL_PACKET, VERSION, struct.pack("=i", _V3))
                its.setsockopt(SOL_PACKET, RX_RING, struct.pack("=7I", *blocks))
                self._memory = mmap.mmap(its.fileno(), _BLOCKS * _BLOCK)
                its.bind((interface, ETH_P_ALL))
            except OSError as error:
                raise InterfaceError(f"{interface}: cannot be waited for: {error.strerror}") from error
            undo.pop_all()

    def fileno(self) -> int:
        """What to wait for, until it can be read."""
        return self._socket.fileno()

    def rang(self) -> bool:
        """Whether it rang since it was last asked."""
        # That the interface went down could be read as well, again and again: whoever reads its ring finds out.
        self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        every = range(_STATUS_AT, len(self._memory), _BLOCK)
        full = [at for at in every if _STATUS.unpack_from(self._memory, at)[0] & STATUS_USER]
        for at in full:
            _STATUS.pack_into(self._memory, at, STATUS_KERNEL)
        return bool(full)

    def close(self) -> None:
        """Give the socket back."""
        self._memory.close()
        self._socket.close()
