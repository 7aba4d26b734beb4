# SPDX-License-Identifier: Apache-2.0
"""Frames of a network interface as they pass: a ring in memory that the kernel fills (packet(7), TPACKET_V2).

Every frame has a slot of fixed length, so a whole run of slots is one strided view: it is copied and given back to the
kernel at once. The kernel takes a VLAN tag off and keeps it in the slot's header. Layout: linux/if_packet.h.
"""

import ctypes
import errno
import mmap
import socket
import struct
from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Chunk
from giamsat_agent.packets.columns.link import ETHERNET, RAW
from giamsat_agent.packets.errors import InterfaceError
from giamsat_agent.packets.sources.frame_batch import BYTES, Sheaf

SLOT: Final = 512
"""Bytes of a slot: about 66 are the kernel's, the rest holds a frame's headers and the beginning of its payload."""
PIECE: Final = 1_024
"""Slots that are copied at once: as many as a core's own cache holds."""
MANY: Final = 2_048
"""So many more are collected in the same turn, too; fewer wait in their slots for the next one."""
FRAMES_A_TURN: Final = 1 << 16
"""Then it is the next ring's turn, and what was found is told."""
BLOCK: Final = 1 << 18
STATUS_KERNEL, STATUS_USER = 0, 1
SOL_PACKET: Final = 263
ADD_MEMBERSHIP, RX_RING, STATISTICS, VERSION, IGNORE_OUTGOING = 1, 5, 6, 10, 23
MR_PROMISC: Final = 1
SO_ATTACH_FILTER, STEP = 26, 8
"""The option, and the bytes of one instruction."""
V2: Final = 1
ETH_P_ALL: Final = 3
ARPHRD_ETHER, ARPHRD_LOOPBACK = 1, 772


class Ring:
    """An open ring on one interface, of `slots` frames. `seen` and `dropped` are what the kernel counted since then."""

    def __init__(
        self, interface: str, *, megabytes: int, promiscuous: bool, slot: int = SLOT, only: bytes = b""
    ) -> None:
        """Open it; `only` is a filter of the kernel's (struct sock_filter) for what gets in.

        Raises:
            InterfaceError: there is no such interface, or the right to capture (CAP_NET_RAW) is missing.
        """
        self.interface = interface
        self.seen = self.dropped = 0
        self._slot = slot
        self.slots = (megabytes << 20) // slot
        try:
            self._index = socket.if_nametoindex(interface)
        except OSError as error:
            names = ", ".join(name for _, name in socket.if_nameindex())
            raise InterfaceError(
                f"{interface}: không có giao diện mạng này; hiện có / no such network interface; there are: {names}"
            ) from error
        try:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        except PermissionError as error:
            raise InterfaceError(
                f"{interface}: bắt gói cần quyền CAP_NET_RAW; chạy bằng root, hoặc dịch vụ giamsat-capture / "
                "capturing needs CAP_NET_RAW; run as root, or as the service giamsat-capture"
            ) from error
        try:
            self._memory = self._mapped(only, promiscuous=promiscuous)
        except OSError as error:
            self._socket.close()
            raise InterfaceError(f"{interface}: cannot be captured: {error.strerror}") from error
        self._frames = np.ndarray((self.slots, slot), np.uint8, buffer=self._memory)
        self._status = np.ndarray((self.slots,), np.uint32, buffer=self._memory, strides=(slot,))
        self._sheaf = Sheaf(slot, min(BYTES, 2 * megabytes << 20))
        self._head = self.taken = 0

    @property
    def is_full(self) -> bool:
        """Whether no more can be collected, as far as matters."""
        return self._sheaf.room < min(PIECE, self.slots // 2)

    def collect(self) -> None:
        """Take the frames that have come out of their slots, as far as there is room; `taken` counts them."""
        while not self.is_full:
            head, most = self._head, min(self._sheaf.room, PIECE, self.slots - self._head)
            end = self._ready(head, most)
            if end == head:
                return
            self._sheaf.add(self._frames[head:end])
            self._status[head:end] = STATUS_KERNEL
            self.taken += end - head
            self._head = end % self.slots
            if end < head + most:
                # Who runs after the last ones that come takes ever fewer at once.
                return

    def take(self) -> Chunk | None:
        """The frames that have come, with those collected before; None when there are none."""
        self.collect()
        return self._sheaf.taken(self._link_type, self.taken)

    def turn(self, most: int = FRAMES_A_TURN) -> Iterator[Chunk]:
        """The frames that have come, about `most` at most: they may come faster than they go.

        What comes meanwhile is collected if it is many, and waits until it is as many as can be collected.
        """
        while most > 0 and (chunk := self.take()) is not None:
            most -= len(chunk.offsets)
            yield chunk
            if self.waits(min(MANY, self.slots // 2) / self.slots):
                self.collect()
            if not self.is_full:
                return

    def waits(self, part: float) -> bool:
        """Whether so large a part of the slots waits to be taken."""
        return bool(self._status[(self._head + int(part * self.slots)) % self.slots] & STATUS_USER)

    def count(self) -> None:
        """Bring `seen` and `dropped` up to date, and find out whether the interface is still there.

        Raises:
            InterfaceError: it went down or away.
        """
        answer = self._socket.getsockopt(SOL_PACKET, STATISTICS, 8)
        seen, dropped = struct.unpack("=II", answer)
        self.seen += seen
        self.dropped += dropped
        failure = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failure:
            raise InterfaceError(f"{self.interface}: {errno.errorcode.get(failure, failure)}: it went down")
        try:
            gone = socket.if_nametoindex(self.interface) != self._index
        except OSError:
            gone = True
        if gone:
            raise InterfaceError(f"{self.interface}: it went away")

    def close(self) -> None:
        """Give the ring back."""
        del self._frames, self._status
        self._memory.close()
        self._socket.close()

    def _ready(self, begin: int, most: int) -> int:
        """Where the slots end that are filled in a row from here on."""
        filled = (self._status[begin : begin + most] & STATUS_USER) != 0
        return begin + (len(filled) if filled.all() else int(filled.argmin()))

    def _mapped(self, only: bytes, *, promiscuous: bool) -> mmap.mmap:
        its = self._socket
        if only:
            steps = ctypes.create_string_buffer(only)
            head = struct.pack("@HP", len(only) // STEP, ctypes.addressof(steps))
            its.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, head)
        its.setsockopt(SOL_PACKET, VERSION, struct.pack("=i", V2))
        its.setsockopt(
            SOL_PACKET, RX_RING, struct.pack("=IIII", BLOCK, self.slots * self._slot // BLOCK, self._slot, self.slots)
        )
        memory = mmap.mmap(its.fileno(), self.slots * self._slot, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        its.bind((self.interface, ETH_P_ALL))
        kind = its.getsockname()[3]
        self._link_type = ETHERNET if kind in {ARPHRD_ETHER, ARPHRD_LOOPBACK} else RAW
        if kind == ARPHRD_LOOPBACK:
            # Every frame passes a loopback twice.
            its.setsockopt(SOL_PACKET, IGNORE_OUTGOING, struct.pack("=i", 1))
        if promiscuous:
            its.setsockopt(SOL_PACKET, ADD_MEMBERSHIP, struct.pack("=iHH8s", self._index, MR_PROMISC, 0, b""))
        return memory
