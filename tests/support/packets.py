# SPDX-License-Identifier: Apache-2.0
"""Evidence as an agent sends it."""

import base64
import hashlib

from giamsat_collector.alerts.evidence import KIND
from giamsat_collector.alerts.pcap import Capture, Frame, written
from giamsat_wire.record import Event

AT = 1_800_000_000_000_000_000


def capture(*data, link_type=1):
    """A capture file with these frames, a second after the other."""
    frames = tuple(Frame(AT + number * 10**9, one, len(one)) for number, one in enumerate(data))
    return written([Capture(link_type, frames)], link_type)


def evidence(raw, *lines, identity=None):
    """The event that carries a capture, and its id."""
    named = identity or hashlib.sha256(raw).hexdigest()[:32]
    coded = base64.b64encode(raw).decode()
    pieces = tuple(coded[at : at + 8192] for at in range(0, len(coded), 8192))
    fields = {
        "giamsat.evidence.id": named,
        "giamsat.evidence.lines": lines,
        "giamsat.evidence.pcap": pieces,
        "observer.ingress.interface.name": "eth0",
    }
    return Event(KIND, AT, 0, fields), named
