# SPDX-License-Identifier: Apache-2.0
"""Frames that were taken out of a ring's slots and wait, bound together, until they are worth looking at.

To look at a few costs nearly as much as to look at thousands, and a ring has to be emptied far more often than that.
Half of all frames carry nothing or little: of their slots only the beginning is kept. Layout: linux/if_packet.h.
"""

from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import PADDING, Bytes, Chunk, Numbers, true_at

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
STATUS_VLAN_VALID: Final = 1 << 4
VLAN_ID: Final = 0x0FFF
SHORT: Final = 160
"""Bytes of a slot that are enough for a frame of 94: an acknowledgement, a call, a short question."""
FRAMES: Final = 1 << 14
"""Frames that are bound together at most."""
BYTES: Final = 6 << 20
"""What these take at most: room for FRAMES of which half are short."""


class Sheaf:
    """Frames in the order in which they came, as many as fit."""

    def __init__(self, slot: int, most_bytes: int = BYTES) -> None:
        """`slot` is how long a slot is; `most_bytes` have room for one at least."""
        self._slot = slot
        self._most_bytes = most_bytes
        self._data: Bytes = np.empty(0, np.uint8)
        self._begin()

    def __len__(self) -> int:
        return sum(map(len, self._heads))

    @property
    def room(self) -> int:
        """So many more frames fit, however long they are."""
        return max(min(FRAMES - len(self), (self._most_bytes - self._filled) // self._slot), 0)

    def add(self, slots: Bytes) -> None:
        """Copy what is in some slots, one in each row."""
        if not len(self._data):
            # What was never written to takes no memory yet.
            self._data = np.empty(self._most_bytes + PADDING, np.uint8)
        # Another core has just written them: they come soonest one after the other, and then are at hand.
        slots = slots.copy()
        begin = slots[:, :SHORT].copy()
        octets = begin[:, : HEADER.itemsize].copy()
        heads = octets.view(HEADER)[:, 0]
        starts = heads["mac"].astype(np.int64)
        is_short = starts + heads["captured"] <= SHORT
        for places, rows in ((true_at(~is_short), slots), (true_at(is_short), begin)):
            width, at = rows.shape[1], self._filled
            self._filled += len(places) * width
            # Unlike an index this copies each row at once.
            np.take(rows, places, axis=0, out=self._data[at : self._filled].reshape(-1, width), mode="clip")
            starts[places] += np.arange(at, self._filled, width)
        self._heads.append(octets)
        self._offsets.append(starts)

    def taken(self, link_type: int, last: int) -> Chunk | None:
        """All of them, of which the last has this number, in one chunk; None when there are none."""
        if not self._heads:
            return None
        heads = np.concatenate(self._heads).view(HEADER)[:, 0]
        offsets: Numbers = np.concatenate(self._offsets)
        tagged = (heads["status"] & STATUS_VLAN_VALID) != 0
        chunk = Chunk(
            data=self._given(),
            offsets=offsets,
            lengths=np.minimum(heads["captured"], self._slot - heads["mac"].astype(np.int64)),
            times_ns=heads["second"].astype(np.int64) * 1_000_000_000 + heads["nanosecond"],
            link_type=link_type,
            first=last - len(heads) + 1,
            vlans=np.where(tagged, heads["vlan"] & VLAN_ID, 0) if tagged.any() else None,
            originals=heads["length"],
        )
        self._begin()
        return chunk

    def _begin(self) -> None:
        self._filled = 0
        self._heads: list[Bytes] = []
        self._offsets: list[Numbers] = []

    def _given(self) -> Bytes:
        """What was copied, and PADDING: a few bytes are copied once more, so that they keep no room for many."""
        data, self._data[self._filled : self._filled + PADDING] = self._data[: self._filled + PADDING], 0
        if 2 * len(data) < len(self._data):
            return data.copy()
        self._data = np.empty(0, np.uint8)
        return data
