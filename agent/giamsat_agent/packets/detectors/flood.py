# SPDX-License-Identifier: Apache-2.0
"""Floods (ATT&CK T1498, T1499): far more packets to one host within a second than it answers.

What is counted is packets of one kind to one host in one second of the capture, and how many went the other way; a
second is judged when it is over, or when KEPT frames of it are there. Answers of many servers that nobody asked are
reflection (T1498.002): the host is the victim of questions asked in its name. A service that is down is called again
by those whom it accepted before, and that is none.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import FRAMES, Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.batch import Batch, Mask
from giamsat_agent.packets.detector import Room, Told
from giamsat_agent.packets.expected_peers import Acquainted
from giamsat_agent.packets.flood_frames import Ends, Frames, Gathered, frames_of, slots_of
from giamsat_agent.packets.flood_thresholds import ANSWERS, LEAST, WORDS, is_one_way, kinds
from giamsat_agent.packets.streams import Streams

AMPLIFYING: Final = frozenset({"reflection", "own_reflection", "wide_reflection", "misused"})
KEPT: Final = 1 << 16
"""Frames of one second that are kept; a second that has more is judged by them."""
ROOM: Final = KEPT + (1 << 14)
"""For them and one batch more."""
SHARE: Final = 0.5
MANY: Final = 10
"""Sources of which none sends its SHARE."""
CALLS: Final = 8
"""Connections that a client which was accepted before begins within a second: a browser has six to a server."""


class Flood:
    """Implements giamsat_agent.packets.detector.Waiting: packets of one kind to one host, second by second."""

    def __init__(self, acquainted: Acquainted | None = None) -> None:
        self.room = Room()
        self._acquainted = acquainted or Acquainted()
        self._told: Told[tuple[str, int]] = Told()
        self._gathered = Gathered(ROOM)
        self._addresses = Addresses()
        self._streams = Streams()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames; those of the last second wait for the rest of it."""
        if not len(batch):
            return
        self._addresses = batch.addresses
        self._acquainted.hear(batch)
        self._streams.take(batch)
        fresh = frames_of(batch)
        self._gathered.add(fresh)
        frames, last = self._gathered.frames, int(fresh.second[-1])
        full = len(frames) >= KEPT
        if not full and last == frames.second[0] and (fresh.second == last).all():
            return
        over, rest = (frames, frames.those(slice(0))) if full else frames.parted(frames.second != last)
        try:
            yield from self._judged(over)
        finally:
            self._gathered.begin(rest)

    def rest(self) -> Iterator[Anomaly]:
        """The last second, when nothing more comes."""
        try:
            yield from self._judged(self._gathered.frames)
        finally:
            self._gathered = Gathered(ROOM)

    def _judged(self, frames: Frames) -> Iterator[Anomaly]:
        if len(frames) < min(LEAST.values()):
            return
        found = _many(kinds(frames, self._addresses))
        answers: dict[str, Numbers] = {name: found.pop(name) for name in ANSWERS if name in found}
        yield from self._crowded(frames, found)
        if answers:
            yield from self._crowded(frames.turned(), answers)

    def _crowded(self, frames: Frames, some: dict[str, Numbers]) -> Iterator[Anomaly]:
        ends = Ends(frames)
        for name, places in some.items():
            for host, its in _crowds(frames, places, LEAST[name]):
                yield from self._counted(frames, name, (host, its), ends)

    def _counted(self, frames: Frames, name: str, crowd: tuple[int, Numbers], ends: Ends) -> Iterator[Anomaly]:
        host, its = crowd
        # Echoes to everybody make everybody flood the one in whose name they are sent.
        if name != "icmp_flood" and self._addresses.is_group(host):
            return
        if name == "udp_flood":
            its = self._streams.strays(frames, its, ends.sent(its[0]))
        elif name == "syn_flood" and len(its) < LEAST["refused"]:
            its = self._strange(frames, its)
        if len(its) < LEAST[name] or not is_one_way(frames, name, its, ends):
            return
        if self._told.due((name, host), int(frames.time_ns[its[0]]), len(its)):
            yield self._anomaly(frames, name, its)

    def _strange(self, frames: Frames, its: Numbers) -> Numbers:
        """Without what those call who were accepted before, a few times each."""
        known = self._acquainted.accepted(frames.source[its], frames.destination[its], frames.destination_port[its])
        _, which, calls = np.unique(frames.source[its], return_inverse=True, return_counts=True)
        strange: Numbers = its[~known | (calls[which] > CALLS)]
        return strange

    def _anomaly(self, frames: Frames, name: str, its: Numbers) -> Anomaly:
        text, host = self._addresses.text, int(frames.destination[its[0]])
        sources, counts = np.unique(frames.source[its], return_counts=True)
        # Where many are as loud as each other they are made up, or were all told to: none of them is the offender.
        scattered = len(sources) >= MANY and counts.max() < SHARE * counts.sum()
        what_vi, what_en = WORDS[name]
        many = len(sources)
        from_vi, from_en = (
            (f"{many} nguồn", f"{many} source{'s' * (many > 1)}")
            if not scattered
            else (f"nhiều nguồn ({many})", f"many sources ({many})")
        )
        return Anomaly(
            name="amplification" if name in AMPLIFYING else "flood",
            severity=Severity.HIGH,
            words=(
                f"{text(host)} nhận {len(its)} {what_vi} trong một giây từ {from_vi}",
                f"{text(host)} received {len(its)} {what_en} within a second from {from_en}",
            ),
            source_ip="" if scattered else text(int(sources[counts.argmax()])),
            first_ns=int(frames.time_ns[its[0]]),
            last_ns=int(frames.time_ns[its[-1]]),
            targets=[Target(text(host), int(frames.destination_port[its[0]]))],
            counts={"packets": len(its), "sources": len(sources)},
            frames=frames.number[its[:FRAMES]].tolist(),
        )


def _many(found: dict[str, Mask]) -> dict[str, Numbers]:
    """The places of those kinds that are many enough."""
    return {name: true_at(chosen) for name, chosen in found.items() if np.count_nonzero(chosen) >= LEAST[name]}


def _crowds(frames: Frames, places: Numbers, least: int) -> list[tuple[int, Numbers]]:
    """The hosts that so many of these frames reach within one second, and which those are."""
    slots = slots_of(frames.destination[places], frames.second[places])
    counts = np.bincount(slots)
    if counts.max() < least:
        return []
    crowded = counts[slots] >= least
    places, slots = places[crowded], slots[crowded]
    order = np.argsort(slots, kind="stable")
    places, slots = places[order], slots[order]
    found: list[tuple[int, int, Numbers]] = []
    for run in np.split(places, true_at(slots[1:] != slots[:-1]) + 1) if len(places) else ():
        left = run
        while len(left) >= least:
            host, second = frames.destination[left[0]], frames.second[left[0]]
            same = (frames.destination[left] == host) & (frames.second[left] == second)
            if np.count_nonzero(same) >= least:
                found.append((int(host), int(second), left[same]))
            left = left[~same]
    return [(host, its) for host, _, its in sorted(found, key=lambda one: one[:2])]
