# SPDX-License-Identifier: Apache-2.0
"""Web servers held up by connections that are opened and not used (ATT&CK T1499.002): Slowloris, R-U-Dead-Yet, idle.

Each is accepted, and then a request is begun and never ended, or its body comes in drops, or nothing is said at all, so
the server has nothing to answer and waits. Floor: LEAST of them at one service, each older than IDLE_NS. A browser that
connects ahead gives up sooner, a request that is whole waits for the server and not for the client, no line is so slow
that a body comes with less than DRIPS bytes a second, and what is no web service is left alone.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import FRAMES, Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.batch import ACK, FIN, RST, SYN, TCP, UNKNOWN, Batch, Mask
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.columns.openings import asks_web
from giamsat_agent.packets.detector import NONE, Room, Told, mix
from giamsat_agent.packets.followed_connections import keys_of
from giamsat_wire.clock import SECOND_NS

LEAST: Final = 100
IDLE_NS: Final = 15 * SECOND_NS
FORGOTTEN_NS: Final = 1_800 * SECOND_NS
TICK_NS: Final = 5 * SECOND_NS
SHIFT: Final = np.uint64(48)
SLOTS: Final = 1 << 16
"""Connections that are followed: each has its place by a keyed hash."""
PORTS: Final = OneOf((80, 443, 8_000, 8_080, 8_081, 8_443, 8_888))
_ENDS: Final = ("begun_ns", "server", "client", "port")
_SLOT: Final = np.dtype(
    [
        *(("begun_ns", "i8"), ("server", "u8"), ("client", "u8"), ("number", "i8"), ("left", "i8"), ("dripped", "i8")),
        *(("port", "u2"), ("accepted", "?"), ("is_web", "?")),
    ],
    align=True,
)
"""What is known of one connection stands side by side, so that it is found at once."""
DRIPS: Final = 64
"""Bytes of a body a second."""
BODIES: Final = np.frombuffer(b"POSTPUT PATC", "<u4")
"""How requests begin that have a body."""
LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d{1,15})", re.IGNORECASE)
CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
HEAD_BYTES, LOOKED_AT, ENDLESS = 4_096, 1_024, 1 << 50
HELLO: Final = 0x0316
"""The first two bytes of a TLS handshake."""
ENDED: Final = int.from_bytes(b"\r\n\r\n", "little")


class Exhaustion:
    """Connections by the hash of their ends: since when, whose, and what was said."""

    def __init__(self) -> None:
        self.room = Room()
        self._key = np.zeros(SLOTS, np.uint64)
        slots = np.zeros(SLOTS, _SLOT)
        self._begun_ns, self._server, self._client, self._port = (slots[name] for name in _ENDS)
        self._accepted, self._is_web, self._number = slots["accepted"], slots["is_web"], slots["number"]
        self._left, self._dripped = slots["left"], slots["dripped"]
        """Of a body: the bytes that are still to come, and those that came; nothing is left while there is none."""
        self._waiting = NONE
        """The slots of those that were not seen yet to be gone on with by who asked for them."""
        self._awaited = np.zeros(SLOTS, bool)
        self._tick = 0
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames; what is open is judged whenever TICK_NS have gone by."""
        places = batch.tcp[batch.flags[batch.tcp] != UNKNOWN] if len(batch.cut) else batch.tcp
        if not len(places):
            return
        for part in _by_tick(batch, places):
            tick = int(batch.time_ns[part[0]] // TICK_NS)
            if tick != self._tick:
                self._tick = tick
                yield from self._judged(batch, tick * TICK_NS)
            self._follow(batch, part)

    def _follow(self, batch: Batch, at: Numbers) -> None:
        begin, end = int(at[0]), int(at[-1]) + 1
        opened = batch.accepts[(batch.accepts >= begin) & (batch.accepts < end)]
        if len(opened):
            self._open(batch, opened)
        flags, carries = batch.flags[begin:end], batch.payload[begin:end] > 0
        others = (batch.protocol[begin:end] == TCP) & (flags < UNKNOWN) & ((flags & (SYN | ACK)) != SYN | ACK)
        ends = (flags & (FIN | RST)) != 0
        # Most are over once the server speaks: whoever is left after that is looked at by all that its client sends.
        tells, slot = self._known(batch, begin + true_at(others & (carries | ends)))
        by_client, carried = batch.source[tells] == self._client[slot], carries[tells - begin]
        self._accepted[slot[by_client & ((flags[tells - begin] & (SYN | RST)) == 0)]] = True
        self._key[slot[ends[tells - begin] | (carried & ~by_client)]] = 0
        self._accept(batch, begin, others & ~carries & ((flags & (SYN | RST | FIN)) == 0))
        says = true_at(carried & by_client & (self._key[slot] != 0))
        if len(says):
            self._said(batch, tells[says], slot[says])

    def _accept(self, batch: Batch, begin: int, quiet: Mask) -> None:
        """Who asked for a connection that still waits for a word acknowledges it."""
        waiting = self._waiting if len(self._waiting) <= SLOTS else true_at(self._key)
        self._waiting = waiting = waiting[(self._key[waiting] != 0) & ~self._accepted[waiting]]
        if not len(waiting):
            return
        self._awaited[waiting] = True
        at, slot = self._known(batch, begin + true_at(quiet), self._awaited)
        self._awaited[waiting] = False
        self._accepted[slot[batch.source[at] == self._client[slot]]] = True

    def _known(self, batch: Batch, at: Numbers, among: Mask | None = None) -> tuple[Numbers, Numbers]:
        """Those of these frames whose connections are followed, be it only in some slots, and where."""
        key = batch.talk[at]
        slot = (key >> SHIFT).view(np.int64)
        if among is not None:
            some = among[slot]
            at, key, slot = at[some], key[some], slot[some]
        known = self._key[slot] == key | np.uint64(1)
        return at[known], slot[known]

    def _said(self, batch: Batch, at: Numbers, slot: Numbers) -> None:
        """What clients say: the beginning of a request or of a handshake, more of it, or something else."""
        begins = asks_web(batch.opening[at]) | ((batch.opening[at] & 0xFFFF) == HELLO)
        self._is_web[slot[begins]] = True
        goes_on = ~begins & (self._left[slot] > 0)
        self._left[slot[begins]] = self._dripped[slot[begins]] = 0
        sends = true_at(begins & np.isin(batch.opening[at], BODIES))[:LOOKED_AT]
        for one, where in zip(at[sends].tolist(), slot[sends].tolist(), strict=True):
            left, came = body(batch.content(one)[:HEAD_BYTES], int(batch.payload[one]))
            self._left[where], self._dripped[where] = left, max(came, 0)
            if left == 0 <= came:
                self._key[where] = 0
        np.add.at(self._dripped, slot[goes_on], batch.payload[at[goes_on]])
        np.subtract.at(self._left, slot[goes_on], batch.payload[at[goes_on]])
        to_come = self._left[slot]
        may_end = np.where(to_come > 0, goes_on & (to_come > ENDLESS // 2), ~goes_on)
        whole = (may_end & _is_whole(batch, at)) | (goes_on & (to_come <= 0))
        self._key[slot[~self._is_web[slot] | whole]] = 0

    def _open(self, batch: Batch, at: Numbers) -> None:
        """Follow what a server accepts, where there is room: what was accepted in earnest keeps its place."""
        key = keys_of(batch, at)
        slot = (key >> SHIFT).view(np.int64)
        taken = self._accepted[slot] & (self._key[slot] != 0)
        self.room.beyond += int(np.count_nonzero(taken & (self._key[slot] != key)))
        at, key, slot = at[~taken], key[~taken], slot[~taken]
        self._key[slot], self._begun_ns[slot], self._number[slot] = key, batch.time_ns[at], batch.number[at]
        self._server[slot], self._client[slot] = batch.source[at], batch.destination[at]
        self._port[slot] = batch.source_port[at]
        self._accepted[slot] = self._is_web[slot] = False
        self._waiting = np.concatenate((self._waiting, slot))
        self._left[slot] = self._dripped[slot] = 0

    def _judged(self, batch: Batch, now_ns: int) -> Iterator[Anomaly]:
        its = true_at(self._key)
        age = now_ns - self._begun_ns[its]
        self._key[its[age > FORGOTTEN_NS]] = 0
        drips = self._dripped[its] * SECOND_NS < DRIPS * age
        is_web = self._is_web[its] | PORTS.at(self._port[its])
        its = its[drips & self._accepted[its] & (age >= IDLE_NS) & (age <= FORGOTTEN_NS) & is_web]
        if len(its) < LEAST:
            return
        _, service, counts = np.unique(mix(self._server[its], self._port[its]), return_inverse=True, return_counts=True)
        for which in true_at(counts >= LEAST):
            yield from self._told_of(batch, its[service == which], now_ns)

    def _told_of(self, batch: Batch, its: Numbers, now_ns: int) -> Iterator[Anomaly]:
        server, port = int(self._server[its[0]]), int(self._port[its[0]])
        if not self._told.due((server, port), now_ns, len(its)):
            return
        clients, counts = np.unique(self._client[its], return_counts=True)
        text, most = batch.addresses.text, int(clients[counts.argmax()])
        its = its[np.argsort(self._begun_ns[its], kind="stable")]
        yield Anomaly(
            name="connection_exhaustion",
            severity=Severity.HIGH,
            words=(
                f"{len(its)} kết nối của {len(clients)} máy bắt {text(server)} cổng {port} chờ mà không hỏi trọn vẹn",
                f"{len(its)} connections of {len(clients)} hosts keep {text(server)} port {port} waiting for a request",
            ),
            source_ip=text(most),
            first_ns=int(self._begun_ns[its[0]]),
            last_ns=now_ns,
            targets=[Target(text(server), port)],
            counts={"connections": len(its), "sources": len(clients)},
            frames=self._number[its[:FRAMES]].tolist(),
        )


def _by_tick(batch: Batch, places: Numbers) -> Sequence[Numbers]:
    """Frames of one time between two judgements after the other."""
    first, last = batch.time_ns[places[0]] // TICK_NS, batch.time_ns[places[-1]] // TICK_NS
    if first == last:
        return (places,)
    return np.split(places, true_at(np.diff(batch.time_ns[places] // TICK_NS)) + 1)


def body(content: bytes, size: int) -> tuple[int, int]:
    """Of a body, the bytes still to come after a segment of this size, and those in it; -1 where the head goes on."""
    head, end, _ = content.partition(b"\r\n\r\n")
    came = size - len(head) - len(end)
    length = LENGTH.search(head)
    if not end:
        return 0, -1
    if length:
        return max(int(length[1]) - came, 0), came
    return (ENDLESS if CHUNKED.search(head) else 0), came


def _is_whole(batch: Batch, at: Numbers) -> Mask:
    """Where what a client says ends as the head of a request does."""
    if not len(at):
        return np.zeros(0, bool)
    view = np.ndarray((len(batch.data) - 3,), dtype="V4", buffer=batch.data, strides=(1,))
    last = np.maximum(batch.payload_at[at] + batch.held[at] - 4, 0)
    ends = np.ascontiguousarray(view[last]).view("<u4") == ENDED
    # What was not captured to its end is given the benefit of the doubt.
    whole: Mask = (batch.held[at] >= 4) & (ends | (batch.held[at] < batch.payload[at]))  # noqa: PLR2004 - those four
    return whole
