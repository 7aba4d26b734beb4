# SPDX-License-Identifier: Apache-2.0
"""Connections that stay open for long (ATT&CK T1071, T1572): a remote control keeps its line open, whatever it costs.

Floor: an hour without a pause of a quarter of it, with traffic of both ends.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from giamsat_agent.packets.accepted_connections import Begun
from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.batch import ACK, FIN, RST, SYN, TCP, Batch
from giamsat_agent.packets.detector import Room, Table, Told, among, first_of, first_of_each
from giamsat_wire.clock import SECOND_NS

LONG_NS: Final = 3600 * SECOND_NS
PAUSE_NS: Final = 900 * SECOND_NS
FLOWS: Final = 65_536
LOOKED_AT: Final = 16_384
UNMARKED: Final = 2_048
"""Directions of one batch that are looked at for the first time in a while; the others with their next frames."""
SLOTS: Final = 1 << 16

Ends = tuple[int, int, int, int]
"""Address and port of who began a connection, or was seen first, and of the other end."""


class _Flow(msgspec.Struct, gc=False):
    """One connection."""

    ends: Ends
    first_ns: int
    last_ns: int
    number: int
    frames: int = 1
    both: bool = False


class LongConnection:
    """How long each connection has lasted."""

    def __init__(self) -> None:
        self.room = Room()
        self._flows: Table[int, _Flow] = self.room.table(FLOWS)
        self._told: Told[int] = Told()
        self._marks = np.zeros(SLOTS, np.uint64)
        self._begun = Begun(PAUSE_NS)

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        if not len(batch.tcp):
            return
        # Beginnings and ends are looked at, the rest once in a quarter of a pause. What is asked for and not accepted
        # is no connection: a flood of it takes no room.
        chosen = batch.any_of(batch.turns, self._unmarked(batch, _first_of_trains(batch)))
        chosen = chosen[(batch.flags[chosen] & (SYN | ACK)) != SYN][:LOOKED_AT]
        chosen = self._unsettled(batch, chosen)
        ends = (batch.source, batch.source_port, batch.destination, batch.destination_port)
        seen = (batch.flags, batch.time_ns, batch.number)
        for _, talk, near, own, far, port, flags, now_ns, number in batch.rows(chosen, batch.talk, *ends, *seen):
            lasting = self._followed(talk, (near, own, far, port), (flags, now_ns, number))
            if lasting is not None and self._told.due(talk, now_ns, lasting.frames):
                yield _anomaly(batch, lasting)

    def _unsettled(self, batch: Batch, chosen: Numbers) -> Numbers:
        """Without the connections that only begin or end in these frames, unless they are followed one by one."""
        if not len(chosen):
            return chosen
        talk, flags = batch.talk[chosen], batch.flags[chosen]
        ends = (flags & (FIN | RST)) != 0
        goes_on = ~ends & ((flags & SYN) == 0)
        followed = np.fromiter(self._flows.those(talk.tolist()), bool, len(talk)) | among(talk, talk[goes_on])
        apart = true_at(~followed)
        # What is last decides.
        last = apart[::-1][first_of_each(talk[apart[::-1]])]
        begins = last[~ends[last]]
        self._begun.end(talk[last[ends[last]]])
        followed[begins[~self._begun.begin(batch, chosen[begins])]] = True
        for which, client, own, server, port, at_ns, number in self._begun.let_go(talk[followed]):
            self._flows.put(which, _Flow((client, own, server, port), at_ns, at_ns, number))
        left: Numbers = chosen[followed]
        return left

    def _unmarked(self, batch: Batch, places: Numbers) -> Numbers:
        """The frames that are the first of their direction in this quarter of a pause.

        Two that share a slot push each other's mark away and are both looked at more often.
        """
        mixed = batch.way[places]
        slots = (mixed & np.uint64(SLOTS - 1)).view(np.int64)
        marks = mixed ^ (batch.time_ns[places] // (PAUSE_NS // 4)).view(np.uint64)
        due = true_at(self._marks[slots] != marks)
        first = due[first_of(marks[due])][:UNMARKED]
        self._marks[slots[first]] = marks[first]
        return places[first]

    def _followed(self, talk: int, ends: Ends, frame: tuple[int, int, int]) -> _Flow | None:
        """Note one frame of a connection; the connection when it has lasted long, with both ends taking part."""
        flow, (flags, now_ns, number) = self._flows.get(talk), frame
        if flow is None or now_ns - flow.last_ns > PAUSE_NS or flags & SYN:
            if not flags & (FIN | RST):
                begun = (*ends[2:], *ends[:2]) if flags & SYN else ends
                self._flows.put(talk, _Flow(begun, now_ns, now_ns, number))
            return None
        flow.last_ns, flow.frames = max(flow.last_ns, now_ns), flow.frames + 1
        flow.both |= flow.ends != ends
        if flags & (FIN | RST):
            self._flows.drop(talk)
        return flow if flow.both and flow.last_ns - flow.first_ns >= LONG_NS else None


def _first_of_trains(batch: Batch) -> Numbers:
    """The first segments that each train has of each direction; all segments where they may be of several quarters."""
    if batch.time_ns.min() // (PAUSE_NS // 4) != batch.time_ns.max() // (PAUSE_NS // 4):
        return batch.tcp
    first = np.concatenate((batch.trains.begins, batch.trains.answers))
    return np.sort(first[batch.protocol[first] == TCP])


def _anomaly(batch: Batch, flow: _Flow) -> Anomaly:
    key, text, hours = flow.ends, batch.addresses.text, (flow.last_ns - flow.first_ns) / 3600 / SECOND_NS
    return Anomaly(
        name="long_connection",
        severity=Severity.LOW,
        words=(
            f"Kết nối từ {text(key[0])} tới {text(key[2])}:{key[3]} đã mở {hours:.1f} giờ",
            f"A connection from {text(key[0])} to {text(key[2])}:{key[3]} has been open for {hours:.1f} hours",
        ),
        source_ip=text(key[0]),
        first_ns=flow.first_ns,
        last_ns=flow.last_ns,
        targets=[Target(text(key[2]), key[3])],
        counts={"seconds": (flow.last_ns - flow.first_ns) // SECOND_NS},
        frames=[flow.number],
    )
