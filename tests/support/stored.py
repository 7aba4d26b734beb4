# SPDX-License-Identifier: Apache-2.0
"""Committed frames as the collector holds them."""

from giamsat_collector.ingest.frames import StoredFrame
from giamsat_wire.codec import encode_happenings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event

DAY_NS = 86_400 * 1_000_000_000
NOON_NS = 1_800_014_400 * 1_000_000_000
"""2027-01-15 12:00 UTC."""


def stored(ident, *, agent="A1", received_ns=NOON_NS, payload=b"p", lane=Lane.EVENT, flags=0):
    """A frame with this id."""
    return StoredFrame(ident, agent, 5, lane, ident, flags, received_ns, -3, payload)


def holding(ident, kind="user-login", *, received_ns=NOON_NS, agent="A1", **fields):
    """A frame with one event."""
    said = {name.replace("__", "."): value for name, value in fields.items()}
    (encoded,) = encode_happenings([Event(kind, received_ns, 1, said)])
    return stored(ident, agent=agent, received_ns=received_ns, payload=encoded.payload, flags=int(encoded.flags))
