# SPDX-License-Identifier: Apache-2.0
"""The frames that passed lately, so that the evidence of an anomaly can be taken from them.

Chunks are kept as they came, up to a bound of bytes. The frames a detector names are the evidence; when they have
passed too long ago, the newest of the same offender are. An offender's behaviour is shown once a minute, and
PACKETS_PER_SECOND in all: what is above that has no evidence, and is counted.

Pure: goes by the frames' own time.
"""

import ipaddress
from collections import deque
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import FRAMES, Anomaly, Kind
from giamsat_agent.packets.chunk import Chunk, true_at
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.headers import decode
from giamsat_agent.packets.detector import AGAIN_NS, Table
from giamsat_agent.packets.evidence import Frame, as_pcap, identity, picked
from giamsat_wire.clock import SECOND_NS

PACKETS_PER_SECOND: Final = 100
BURST: Final = 400
OFFENDERS: Final = 4_096
CHUNK_BYTES: Final = 1_024
"""What a chunk costs beside its data."""


class Recent:
    """Frames of one interface."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._chunks: deque[Chunk] = deque()
        self._shown: Table[tuple[str, str], tuple[int, str]] = Table(OFFENDERS)
        self._left, self._at_ns = float(BURST), 0
        self.missed = 0

    def add(self, chunk: Chunk) -> None:
        """Keep a chunk, and let go of the oldest when they are too many; the newest is always there."""
        self._chunks.append(chunk)
        self._bytes += chunk.data.nbytes + CHUNK_BYTES
        while self._bytes > self._most_bytes and len(self._chunks) > 1:
            self._bytes -= self._chunks.popleft().data.nbytes + CHUNK_BYTES

    def evidence(self, anomaly: Anomaly) -> tuple[str, bytes]:
        """The id of the evidence of an anomaly, and its capture; without the capture when it was shown before.

        What a policy forbids has none.
        """
        if anomaly.kind is Kind.POLICY:
            return "", b""
        offender, now_ns = (anomaly.name, anomaly.offender), anomaly.last_ns
        shown = self._shown.get(offender)
        if shown is not None and abs(now_ns - shown[0]) < AGAIN_NS:
            return shown[1], b""
        frames = self._named(anomaly) or self._of_offender(anomaly)
        if not frames or not self._affords(len(frames), now_ns):
            self.missed += 1
            return "", b""
        pcap = as_pcap(frames)
        found = identity(pcap)
        self._shown.put(offender, (now_ns, found))
        return found, pcap

    def _affords(self, packets: int, now_ns: int) -> bool:
        earned = abs(now_ns - self._at_ns) / SECOND_NS * PACKETS_PER_SECOND
        self._left, self._at_ns = min(float(BURST), self._left + earned), now_ns
        if self._left < packets:
            return False
        self._left -= packets
        return True

    def _named(self, anomaly: Anomaly) -> list[Frame]:
        found: list[Frame] = []
        for chunk in self._chunks:
            places = [number - chunk.first for number in anomaly.frames]
            found += picked(chunk, (place for place in places if 0 <= place < len(chunk.offsets)))
        return found

    def _of_offender(self, anomaly: Anomaly) -> list[Frame]:
        """The newest frames that the offender sent; when he sent none of them, those his first target was sent."""
        addresses = Addresses()
        for column, ip in (("source", anomaly.source_ip), ("destination", next((t.ip for t in anomaly.targets), ""))):
            found: list[Frame] = []
            for chunk in reversed(self._chunks):
                if ip and len(found) < FRAMES:
                    ends = getattr(decode(chunk, addresses), column)
                    places = true_at(ends == _number(addresses, ip))[len(found) - FRAMES :]
                    found = [*picked(chunk, places.tolist()), *found]
            if found:
                return found
        return []


def _number(addresses: Addresses, ip: str) -> np.uint64:
    try:
        packed = ipaddress.ip_address(ip).packed
    except ValueError:
        return np.uint64(0)
    if len(packed) == 4:  # noqa: PLR2004 - IPv4
        return np.uint64(int.from_bytes(packed))
    return np.uint64(addresses.identify(np.frombuffer(packed, np.uint64).reshape(1, 2))[0])
