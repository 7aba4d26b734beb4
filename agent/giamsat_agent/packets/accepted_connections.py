# SPDX-License-Identifier: Apache-2.0
"""Connections that were accepted and of which nothing was seen since: columns in place of an object for each.

Most end before anything more is to be known of them. Each stands in a slot, found by a hash with a secret key; one that
finds another there, begun less than a pause ago, is followed one by one.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import Batch, Mask
from giamsat_agent.packets.detector import first_of_each

SHIFT: Final = np.uint64(48)
SLOTS: Final = 1 << 16
"""As many as what is left of a hash can be."""
_SLOT: Final = np.dtype(
    [
        *(("talk", "u8"), ("client", "u8"), ("server", "u8"), ("at_ns", "i8"), ("number", "i8")),
        *(("client_port", "u2"), ("server_port", "u2")),
    ],
    align=True,
)
"""What is known of one connection stands side by side, so that it is found at once."""


class Begun:
    """Connections by the number of their talk, 0 where a slot is free; whoever was called accepts."""

    def __init__(self, pause_ns: int) -> None:
        self._pause_ns = pause_ns
        slots = np.zeros(SLOTS, _SLOT)
        self._talk, self._client, self._server = (slots[name] for name in ("talk", "client", "server"))
        self._client_port, self._server_port = slots["client_port"], slots["server_port"]
        self._at_ns, self._number = slots["at_ns"], slots["number"]

    def begin(self, batch: Batch, at: Numbers) -> Mask:
        """Frames that accept connections, one of each; which of these are here now."""
        talk, now_ns = batch.talk[at], batch.time_ns[at]
        slots = _slots(talk)
        free = (self._talk[slots] == 0) | (self._talk[slots] == talk) | (now_ns - self._at_ns[slots] > self._pause_ns)
        # Of several numbers for one slot the last is kept.
        self._talk[slots[free]] = talk[free]
        here: Mask = self._talk[slots] == talk
        at, slots = at[here], slots[here]
        self._client[slots], self._client_port[slots] = batch.destination[at], batch.destination_port[at]
        self._server[slots], self._server_port[slots] = batch.source[at], batch.source_port[at]
        self._at_ns[slots], self._number[slots] = batch.time_ns[at], batch.number[at]
        return here

    def end(self, talks: Identities) -> None:
        """Forget these, as far as they are here."""
        slots = _slots(talks)
        self._talk[slots[self._talk[slots] == talks]] = 0

    def let_go(self, talks: Identities) -> Iterator[tuple[int, ...]]:
        """Those of these that are here, and are no longer.

        Each is its talk, client and port, server and port, when it was accepted, and by which frame.
        """
        slots = _slots(talks)
        slots = slots[self._talk[slots] == talks]
        if not len(slots):
            return iter(())
        slots = slots[first_of_each(slots)]
        ends = (self._client, self._client_port, self._server, self._server_port)
        columns = (self._talk, *ends, self._at_ns, self._number)
        rows = zip(*(column[slots].tolist() for column in columns), strict=True)
        self._talk[slots] = 0
        return rows


def _slots(talks: Identities) -> Numbers:
    return (talks >> SHIFT).view(np.int64)
