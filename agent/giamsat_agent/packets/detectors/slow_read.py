# SPDX-License-Identifier: Apache-2.0
"""Web servers held up by clients that ask and then do not read (ATT&CK T1499.002): slow reading.

A receiver without room says so (RFC 9293, section 3.8.6.1), and is asked again, ever more rarely, whether it has any.
Where somebody stops a film one connection waits; floor: LEAST of them at one service, each without room for STALLED_NS.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import FRAMES, Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import ACK, FIN, RST, SYN, UNKNOWN, Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Room, Told, mix
from giamsat_agent.packets.followed_connections import keys_of
from giamsat_wire.clock import SECOND_NS

LEAST: Final = 100
STALLED_NS: Final = 15 * SECOND_NS
ASKED_AGAIN_NS: Final = 150 * SECOND_NS
"""A little more than the longest pause after which a server asks again (Linux, TCP_RTO_MAX)."""
TICK_NS: Final = 5 * SECOND_NS
PORTS: Final = OneOf((80, 443, 8_000, 8_080, 8_081, 8_443, 8_888))
SLOTS: Final = 1 << 16
_SHIFT: Final = np.uint64(48)


class SlowReading:
    """Connections without room by the hash of their ends: since when, until when, and whose."""

    def __init__(self) -> None:
        self.room = Room()
        self._key: Identities = np.zeros(SLOTS, np.uint64)
        self._since_ns = np.zeros(SLOTS, np.int64)
        self._last_ns = np.zeros(SLOTS, np.int64)
        self._client = np.zeros(SLOTS, np.uint64)
        self._server = np.zeros(SLOTS, np.uint64)
        self._port = np.zeros(SLOTS, np.int64)
        self._number = np.zeros(SLOTS, np.int64)
        self._some = False
        self._tick = 0
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames; what is without room is judged whenever TICK_NS have gone by."""
        # Who has room says nothing new, unless somebody has none.
        if not self._some and not (batch.window == 0).any():
            return
        at = batch.tcp[PORTS.at(batch.destination_port[batch.tcp]) & (batch.payload[batch.tcp] == 0)]
        at = at[(batch.flags[at] != UNKNOWN) & ((batch.flags[at] & (SYN | ACK)) == ACK)]
        if not len(at):
            return
        ticks = batch.time_ns[at] // TICK_NS
        for part in np.split(at, true_at(np.diff(ticks)) + 1):
            tick = int(batch.time_ns[part[0]] // TICK_NS)
            if tick != self._tick:
                self._tick = tick
                yield from self._judged(batch, tick * TICK_NS)
            self._follow(batch, part)

    def _follow(self, batch: Batch, at: Numbers) -> None:
        room = (batch.window[at] != 0) | ((batch.flags[at] & (RST | FIN)) != 0)
        keys = keys_of(batch, at)
        slots = (keys >> _SHIFT).astype(np.int64)
        told = ~room | (self._key[slots] == keys)
        at, room, keys, slots = at[told], room[told], keys[told], slots[told]
        if not len(at):
            return
        # Without room is who was so before and went on so, or who was last to say so: since the first time after room.
        had_room = np.full(SLOTS, -1, np.int64)
        np.maximum.at(had_room, slots[room], true_at(room))
        without = true_at(~room & (np.arange(len(at)) > had_room[slots]))
        begins = without[(self._key[slots[without]] != keys[without]) | (had_room[slots[without]] >= 0)][::-1]
        self.room.beyond += int(
            np.count_nonzero((self._key[slots[begins]] != 0) & (self._key[slots[begins]] != keys[begins]))
        )
        self._since_ns[slots[begins]], self._number[slots[begins]] = batch.time_ns[at[begins]], batch.number[at[begins]]
        self._key[slots[room]] = 0
        at, slots = at[without], slots[without]
        self._key[slots], self._last_ns[slots] = keys[without], batch.time_ns[at]
        self._some |= len(at) > 0
        self._client[slots], self._server[slots] = batch.source[at], batch.destination[at]
        self._port[slots] = batch.destination_port[at]

    def _judged(self, batch: Batch, now_ns: int) -> Iterator[Anomaly]:
        its = true_at(self._key)
        late = now_ns - self._last_ns[its] > ASKED_AGAIN_NS
        self._key[its[late]] = 0
        its = its[~late]
        self._some = len(its) > 0
        its = its[now_ns - self._since_ns[its] >= STALLED_NS]
        _, service, counts = np.unique(mix(self._server[its], self._port[its]), return_inverse=True, return_counts=True)
        for which in true_at(counts >= LEAST):
            chosen = its[service == which]
            server, port = int(self._server[chosen[0]]), int(self._port[chosen[0]])
            if not self._told.due((server, port), now_ns, len(chosen)):
                continue
            clients, each = np.unique(self._client[chosen], return_counts=True)
            text, most, count = batch.addresses.text, int(clients[each.argmax()]), len(chosen)
            yield Anomaly(
                name="connection_exhaustion",
                severity=Severity.HIGH,
                words=(
                    f"{count} kết nối của {len(clients)} máy hỏi {text(server)} cổng {port} rồi không đọc câu trả lời",
                    f"{count} connections of {len(clients)} hosts asked {text(server)} port {port} and do not read",
                ),
                source_ip=text(most),
                first_ns=int(self._since_ns[chosen].min()),
                last_ns=now_ns,
                targets=[Target(text(server), port)],
                counts={"connections": count, "sources": len(clients)},
                frames=np.sort(self._number[chosen])[:FRAMES].tolist(),
            )
