# SPDX-License-Identifier: Apache-2.0
"""Frames of a network interface as they pass: a ring in memory that the kernel fills (packet(7), TPACKET_V2).

Every frame has a slot of fixed length, so a whole run of slots is one strided view: it is copied once and given back to
the kernel at once. The kernel takes a VLAN tag off and keeps it in the slot's header. Layout: linux/if_packet.h.
"""

import ctypes
import errno
import mmap
import socket
import struct
from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import PADDING, Bytes, Chunk
from giamsat_agent.packets.columns.link import ETHERNET, RAW
from giamsat_agent.packets.errors import InterfaceError

SLOT: Final = 512
"""Bytes of a slot: about 66 are the kernel's, the rest holds a frame's headers and the beginning of its payload."""
SLOTS_AT_ONCE: Final = 8_192
MANY: Final = 2_048
"""So many more are taken at once, too; fewer wait for the next turn."""
FRAMES_A_TURN: Final = 1 << 16
"""Then it is the next ring's turn, and what was found is told."""
BLOCK: Final = 1 << 18
HEADER: Final = np.dtype(
    [
        ("status", "=u4"),
        ("length", "=u4"),
        ("captured", "=u4"),
        ("mac", "=u2"),
        ("net", "=u2"),
        ("second", "=u4"),
        ("nanosecond", "=u4"),
        ("vlan", "=u2"),
        ("vlan_type", "=u2"),
        ("padding", "V4"),
    ]
)
"""struct tpacket2_hdr. `mac` is where the frame begins in its slot."""
STATUS_KERNEL, STATUS_USER, STATUS_VLAN_VALID = 0, 1, 1 << 4
SOL_PACKET: Final = 263
ADD_MEMBERSHIP, RX_RING, STATISTICS, VERSION, IGNORE_OUTGOING = 1, 5, 6, 10, 23
MR_PROMISC: Final = 1
SO_ATTACH_FILTER, STEP = 26, 8
"""The option, and the bytes of one instruction."""
V2: Final = 1
ETH_P_ALL: Final = 3
ARPHRD_ETHER, ARPHRD_LOOPBACK = 1, 772
VLAN_ID: Final = 0x0FFF


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
        self._head = 0
        self._number = 1

    def take(self) -> Chunk | None:
        """The frames that have come, SLOTS_AT_ONCE of them at most; None when there are none."""
        head, end = self._head, self._ready(self._head, SLOTS_AT_ONCE)
        # Behind the last slot is the first one.
        again = self._ready(0, min(SLOTS_AT_ONCE - (end - head), head)) if end == self.slots else 0
        count = end - head + again
        if count == 0:
            return None
        data = np.empty(count * self._slot + PADDING, np.uint8)
        data[-PADDING:] = 0
        slots = data[: count * self._slot].reshape(count, self._slot)
        for copy, those in ((slots[: end - head], slice(head, end)), (slots[end - head :], slice(again))):
            copy[:] = self._frames[those]
            self._status[those] = STATUS_KERNEL
        self._head = (head + count) % self.slots
        self._number += count
        return self._chunk(data, slots)

    def turn(self, most: int = FRAMES_A_TURN) -> Iterator[Chunk]:
        """The frames that have come, about `most` at most: they may come faster than they go.

        What comes meanwhile waits until it is many: few at once cost far more each.
        """
        while most > 0 and (chunk := self.take()) is not None:
            most -= len(chunk.offsets)
            yield chunk
            if len(chunk.offsets) < SLOTS_AT_ONCE or not self.waits(MANY / self.slots):
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

    def _chunk(self, data: Bytes, slots: Bytes) -> Chunk:
        heads = slots[:, : HEADER.itemsize].copy().view(HEADER)[:, 0]
        begins = heads["mac"].astype(np.int64)
        tagged = (heads["status"] & STATUS_VLAN_VALID) != 0
        return Chunk(
            data=data,
            offsets=np.arange(len(slots), dtype=np.int64) * self._slot + begins,
            lengths=np.minimum(heads["captured"], self._slot - begins),
            times_ns=heads["second"].astype(np.int64) * 1_000_000_000 + heads["nanosecond"],
            link_type=self._link_type,
            first=self._number - len(slots),
            vlans=np.where(tagged, heads["vlan"] & VLAN_ID, 0) if tagged.any() else None,
            originals=heads["length"],
        )
