# SPDX-License-Identifier: Apache-2.0
"""Floods (ATT&CK T1498, T1499): far more packets to one host within a second than it answers.

What is counted is packets of one kind to one host in one second of the capture, and how many went the other way; a
second is judged when it is over, or when KEPT frames of it are there. Answers of many servers that nobody asked are
reflection (T1498.002): the host is the victim of questions asked in its name.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.addresses import Addresses, Identities
from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import Batch, Mask
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.detector import SECOND_NS, Table, Told, mix
from giamsat_agent.packets.flooding import LEAST, WORDS, Frames, frames_of, is_one_way, joined, kinds
from giamsat_agent.packets.streams import Streams

AMPLIFYING: Final = frozenset({"reflection", "own_reflection", "wide_reflection", "misused"})
KEPT: Final = 1 << 18
"""Frames of one second that are kept; a second that has more is judged by them."""
SLOT_SHIFT: Final = np.uint64(50)
"""Leaves 14 bits of a hash."""
SHARE: Final = 0.5
SAME_NS: Final = 600 * SECOND_NS
"""A flood that is told again within that is the same one."""
NAMED_HOSTS: Final = 1_024


class Flood:
    """Implements giamsat_agent.packets.detector.Waiting: packets of one kind to one host, second by second."""

    def __init__(self) -> None:
        self._told: Told[tuple[str, int]] = Told()
        self._named: Table[tuple[str, int], tuple[int, int]] = Table(NAMED_HOSTS)
        self._pieces: list[Frames] = []
        self._addresses = Addresses()
        self._streams = Streams()
        self.evicted = 0

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames; those of the last second wait for the rest of it."""
        if not len(batch):
            return
        self._addresses = batch.addresses
        self._streams.take(batch)
        frames = frames_of(batch)
        last, before = int(frames.second[-1]), self._pieces
        over, rest = frames.parted(frames.second != last)
        full = sum(map(len, before), len(frames)) >= KEPT
        if full:
            pieces, self._pieces = [*before, frames], []
        elif before and before[0].second[0] == last:
            pieces, self._pieces = [over], [*before, rest]
        else:
            pieces, self._pieces = [*before, over], [rest]
        del frames, before, over, rest  # at full pace they are as large as what they are joined to
        together = joined(pieces)
        del pieces
        yield from self._judged(together)

    def rest(self) -> Iterator[Anomaly]:
        """The last second, when nothing more comes."""
        pieces, self._pieces = self._pieces, []
        if pieces:
            yield from self._judged(joined(pieces))

    def _judged(self, frames: Frames) -> Iterator[Anomaly]:
        if len(frames) < min(LEAST.values()):
            return
        seconds = () if frames.second[0] == frames.second[-1] else (frames.second,)
        slots = (mix(frames.destination, *seconds) >> SLOT_SHIFT).view(np.int64)
        for name, chosen in kinds(frames, self._addresses).items():
            places = np.flatnonzero(chosen)
            if len(places) >= LEAST[name]:
                places = places[_crowded(slots[places], LEAST[name])]
                yield from self._counted(frames, name, places)

    def _counted(self, frames: Frames, name: str, places: Numbers) -> Iterator[Anomaly]:
        if not len(places):
            return
        pairs = np.empty(len(places), dtype=[("host", np.uint64), ("second", np.int64)])
        pairs["host"], pairs["second"] = frames.destination[places], frames.second[places]
        found, inverse, counts = np.unique(pairs, return_inverse=True, return_counts=True)
        for index in np.flatnonzero(counts >= LEAST[name]).tolist():
            host, its = int(found["host"][index]), places[inverse == index]
            # Echoes to everybody make everybody flood the one in whose name they are sent.
            to_nobody = name != "icmp_flood" and self._addresses.is_group(host)
            if not to_nobody and name == "udp_flood":
                its = self._streams.strays(frames, its)
            if to_nobody or len(its) < LEAST[name] or not is_one_way(frames, name, its):
                continue
            if self._told.due((name, host), int(frames.time_ns[its[0]]), len(its)):
                yield self._anomaly(frames, name, its)

    def _anomaly(self, frames: Frames, name: str, its: Numbers) -> Anomaly:
        text, host = self._addresses.text, int(frames.destination[its[0]])
        sources, counts = np.unique(frames.source[its], return_counts=True)
        loudest = self._offender((name, host), int(frames.time_ns[its[0]]), sources, counts)
        what_vi, what_en = WORDS[name]
        return Anomaly(
            name="amplification" if name in AMPLIFYING else "flood",
            severity=Severity.HIGH,
            words=(
                f"{text(host)} nhận {len(its)} {what_vi} trong một giây từ {len(sources)} nguồn",
                f"{text(host)} received {len(its)} {what_en} within a second from {len(sources)} sources",
            ),
            source_ip=text(loudest),
            first_ns=int(frames.time_ns[its[0]]),
            last_ns=int(frames.time_ns[its[-1]]),
            targets=[Target(text(host), int(frames.destination_port[its[0]]))],
            counts={"packets": len(its), "sources": len(sources)},
            frames=frames.number[its[:20]].tolist(),
        )

    def _offender(self, which: tuple[str, int], now_ns: int, sources: Identities, counts: Numbers) -> int:
        """The loudest source; where each is as loud as the next they are made up, and the flood keeps its first."""
        loudest = int(sources[counts.argmax()])
        before = self._named.get(which)
        scattered = counts.max() < SHARE * counts.sum()
        if scattered and before is not None and abs(now_ns - before[0]) <= SAME_NS:
            loudest = before[1]
        self._named.put(which, (now_ns, loudest))
        return loudest


def _crowded(slots: Numbers, least: int) -> Mask:
    """Which may be among so many of one host and second; some too many are let through, none is missed."""
    return np.bincount(slots)[slots] >= least
