# SPDX-License-Identifier: Apache-2.0
"""Beacons within one connection that is kept open (ATT&CK T1071, T1095): a few bytes each way, evenly, for long.

Much that is ordinary keeps a line alive so: chats, push services, brokers of messages, remote desktops, databases. They
do so at ports of their own, by TLS to a server they name, or in a protocol that shows itself. What is left speaks to a
host outside as nobody else does. A probe of TCP itself carries nothing; who talks is irregular; who loads is busy.
Floors: CALLS even exchanges, over LASTING_NS.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import TCP, Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.columns.openings import HTTP, asks_web
from giamsat_agent.packets.columns.talks import end_of, talk_of
from giamsat_agent.packets.detector import Room, Table, Told, mix
from giamsat_agent.packets.followed_connections import Followed, keys_of
from giamsat_agent.packets.payloads.handshake import ClientGreeting
from giamsat_agent.packets.periodicity import CALLS, EVEN_BY_DESIGN, PAUSE_NS, SAME_NS, is_even, period_s
from giamsat_wire.clock import SECOND_NS

QUIET: Final = OneOf(
    (
        *EVEN_BY_DESIGN, 80, 443, 389, 636, 1194, 1433, 1514, 1521, 1723, 2197, 3306, 3389, 4505, 4506, 5061, 5229,
        5230, 5432, 5666, 5671, 5672, 5900, 5938, 6379, 6514, 6556, 6568, 7070, 7443, 9092, 9418, 21115, 21116, 21117,
        *range(27015, 27051), *range(6660, 6698),
    )
)  # fmt: skip
"""Beside those that are asked evenly: the web, by which chats go too, directories, VPNs, databases, agents of
monitoring, brokers, push services, remote desktops, games, IRC."""
KNOWN: Final = np.frombuffer(b"SSH-RFB PRI 220 220-* OK+OK ", "<u4")
"""How shells, shared screens, HTTP/2 and the servers of files and mail begin."""
TPKT: Final = 3
"""The first three bytes of a remote desktop: its version, none, and the length, which is short (RFC 1006)."""
MQTT: Final = (0x10, 0x04)
"""The first byte of its first message, and the third: the length of its name (OASIS MQTT 3.1.1, section 3.1)."""
PROBE: Final = 1
"""Bytes at most that a probe of TCP carries (RFC 1122, section 4.2.3.6)."""
LASTING_NS: Final = 900 * SECOND_NS
SMALL: Final = 1_024
"""Bytes of an exchange."""
BUSY, BUSY_TIMES = 16, 3
"""Segments of an exchange, and how often there may be more: then it is work."""
ALONE: Final = 4
"""One in so many times only one end may speak."""
KEPT: Final = 64
NEWCOMERS, LINES = 4_096, 1_024
"""Connections of which nothing came of yet, and others: however many are begun, these are not let go of for them."""
LOOKED_AT: Final = 4_096
BOTH: Final = 3


class _Line(msgspec.Struct, gc=False):
    """A connection that was begun from inside: its beats, those of which only one end spoke, and the one that goes on.

    `said` is which ends spoke in that one: 1 the client, 2 the server; `spoken` whether the client ever did.
    """

    client: int
    server: int
    port: int
    beats: list[tuple[int, int]] = msgspec.field(default_factory=list)
    first_ns: int = 0
    alone: int = 0
    busy: int = 0
    spoken: bool = False
    at_ns: int = 0
    number: int = 0
    last_ns: int = 0
    said: int = 0
    segments: int = 0
    size: int = 0


class Heartbeat:
    """Connections by the hash of their ends."""

    def __init__(self) -> None:
        self.room = Room()
        self._begun: Table[int, _Line] = Table(NEWCOMERS)
        self._lines: Table[int, _Line] = self.room.table(LINES)
        self._newcomers, self._followed = Followed(), Followed()
        self._told: Told[int] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames.

        Nothing that ends a connection is looked at, nor what accepts one that is known: both are easily made up, and
        what has ended says nothing more.
        """
        self._begin(batch)
        self._named(batch)
        if not (self._newcomers.some or self._followed.some):
            return
        says = batch.spoken[batch.payload[batch.spoken] > PROBE]
        keys = keys_of(batch, says)
        chosen = self._newcomers.among(keys) | self._followed.among(keys)
        for key, at, (count, size, last_ns) in _said(batch, says[chosen], keys[chosen]):
            line = self._lines.get(key) or self._begun.get(key)
            if line is None or not self._goes_on(batch, at, line):
                self._drop(np.array([key], np.uint64))
                continue
            now_ns = int(batch.time_ns[at])
            if now_ns - line.last_ns >= SAME_NS:
                self._beaten(key, line)
                yield from self._judged(batch, key, line)
                line.at_ns, line.number, line.said, line.segments, line.size = now_ns, int(batch.number[at]), 0, 0, 0
            line.last_ns, line.segments, line.size = last_ns, line.segments + count, line.size + size
            line.said |= 1 if int(batch.source[at]) == line.client else 2

    def _begin(self, batch: Batch) -> None:
        """Connections that a host outside accepts."""
        begun = batch.accepts[~QUIET.at(batch.source_port[batch.accepts])]
        begun = begun[batch.to_inside[begun] & ~batch.from_inside[begun]][:LOOKED_AT]
        self._newcomers.add(keys_of(batch, begun))
        rows = batch.rows(begun, batch.destination, batch.source, batch.source_port)
        for key, (_, client, server, port) in zip(keys_of(batch, begun).tolist(), rows, strict=True):
            if key not in self._lines:
                self._begun.put(key, _Line(client, server, port))

    def _goes_on(self, batch: Batch, at: int, line: _Line) -> bool:
        """Whether a segment leaves it open what the connection is: how it begins says so, not what is said later."""
        if line.busy > BUSY_TIMES:
            return False
        if line.beats:
            return True
        opening = batch.opening[at : at + 1]
        if bool(asks_web(opening)[0]) or opening[0] == HTTP or opening[0] in KNOWN or opening[0] & 0xFFFFFF == TPKT:
            return False
        if line.spoken or int(batch.source[at]) != line.client:
            return True
        line.spoken = True
        first = batch.content(at)[:8]
        return not (first[:1] == bytes(MQTT[:1]) and first[2:4] == bytes((0, MQTT[1])))

    def _named(self, batch: Batch) -> None:
        """Who names the server it wants by TLS wants one that is known by name."""
        named = [one.ends for one in batch.greetings if isinstance(one, ClientGreeting) and one.hello.server_name]
        if not named:
            return
        client, server, own, port = zip(*named, strict=True)
        near, far = end_of(_hosts(client), np.array(own)), end_of(_hosts(server), np.array(port))
        keys = talk_of(near, far, np.full(len(named), TCP)) | np.uint64(1)
        self._drop(keys)

    def _drop(self, keys: Identities) -> None:
        for key in keys.tolist():
            self._begun.drop(key)
            self._lines.drop(key)
        self._newcomers.drop(keys)
        self._followed.drop(keys)

    def _beaten(self, key: int, line: _Line) -> None:
        """An exchange is over."""
        line.busy += line.segments > BUSY
        if not _counted(line) or key not in self._begun:
            return
        self._begun.drop(key)
        self._lines.put(key, line)
        self._followed.add(np.array([key], np.uint64))

    def _judged(self, batch: Batch, key: int, line: _Line) -> Iterator[Anomaly]:
        times = [at_ns for at_ns, _ in line.beats]
        if len(times) < CALLS or times[-1] - line.first_ns < LASTING_NS or ALONE * line.alone > len(times):
            return
        if not is_even(times) or not self._told.due(key, times[-1], len(times)):
            return
        text, every_s = batch.addresses.text, period_s(times)
        client, server, port = text(line.client), text(line.server), line.port
        yield Anomaly(
            name="beacon",
            severity=Severity.MEDIUM,
            words=(
                f"{client} giữ một kết nối tới {server}:{port} và trao đổi đều đặn khoảng {every_s} giây một lần",
                f"{client} keeps a connection to {server}:{port} open and exchanges a little every {every_s} seconds",
            ),
            source_ip=client,
            first_ns=line.first_ns,
            last_ns=times[-1],
            targets=[Target(server, port)],
            counts={"calls": len(times), "period_seconds": every_s},
            frames=[number for _, number in line.beats],
        )


def _hosts(numbers: Iterable[int]) -> Identities:
    return np.array(tuple(numbers), np.uint64)


def _said(batch: Batch, places: Numbers, keys: Identities) -> Iterator[tuple[int, int, tuple[int, int, int]]]:
    """What each end of a connection says within a second: the connection, the place of its first segment.

    And how many segments and bytes that is, and when the last one comes: of a load there is little to look at.
    """
    if not len(places):
        return
    times = batch.time_ns[places]
    _, first, of, count = np.unique(
        mix(keys, batch.source[places], times // SECOND_NS), return_index=True, return_inverse=True, return_counts=True
    )
    size, last_ns = np.bincount(of, weights=batch.payload[places]).astype(np.int64), times[first]
    np.maximum.at(last_ns, of, times)
    order = np.argsort(first)[:LOOKED_AT]
    amounts = zip(count[order].tolist(), size[order].tolist(), last_ns[order].tolist(), strict=True)
    yield from zip(keys[first[order]].tolist(), places[first[order]].tolist(), amounts, strict=True)


def _counted(line: _Line) -> bool:
    """Whether what was said last is one more beat."""
    if not line.said:
        return False
    if line.beats and line.at_ns - line.beats[-1][0] > PAUSE_NS:
        line.beats, line.first_ns, line.alone = [], 0, 0
    if line.said != BOTH or line.size > SMALL:
        line.alone = min(line.alone + 1, KEPT)
        return False
    line.first_ns = line.first_ns or line.at_ns
    line.beats = [*line.beats, (line.at_ns, line.number)][-KEPT:]
    return True
