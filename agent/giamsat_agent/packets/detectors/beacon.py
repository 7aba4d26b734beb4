# SPDX-License-Identifier: Apache-2.0
"""Beacons (ATT&CK T1071, T1029): a program inside that calls the same outside service again and again, evenly.

Within a unit everything is polled evenly, so only calls to the outside count, and of those none to services that live
by it: time, names, messages that keep a line open. What is never answered is a program that tries again, and no beacon.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import ACK, FIN, RST, SYN, Batch, Mask, OneOf
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.detector import Table, Told, first_of_each
from giamsat_agent.packets.evenness import CALLS_OF_A_CLOCK, EVEN_BY_DESIGN, PAUSE_NS, SAME_NS, is_even, period_s

_EVEN: Final = OneOf(EVEN_BY_DESIGN)
KEPT: Final = 64
MANY: Final = 1_024
"""Calls and answers of one batch, from which those that are the same are found out first."""
LOOKED_AT: Final = 8_192

Key = tuple[int, int, int]


class _Calls(msgspec.Struct, gc=False):
    """When a client called a service, in which frames, and whether it ever answered: the last KEPT times."""

    at: list[tuple[int, int]] = msgspec.field(default_factory=list)
    answered: bool = False


class Beacon:
    """Calls by client, server and port."""

    def __init__(self) -> None:
        self._calls: Table[Key, _Calls] = Table(16_384)
        self._told: Told[Key] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._calls.evicted

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        turns = batch.turns
        kind = batch.flags[turns] & (SYN | ACK | RST | FIN)
        both = (kind == SYN) | (kind == SYN | ACK)
        turns, calls = turns[both], kind[both] == SYN
        service = np.where(calls, batch.destination_port[turns], batch.source_port[turns])
        outward = _outward(batch, turns, calls, service)
        turns, calls, service = turns[outward], calls[outward], service[outward]
        client = np.where(calls, batch.source[turns], batch.destination[turns])
        server = np.where(calls, batch.destination[turns], batch.source[turns])
        columns = (client, server, service, calls.astype(np.int64), batch.time_ns[turns], batch.number[turns])
        if len(turns) > MANY:
            first = first_of_each(*columns[:4], columns[4] // SAME_NS)[:LOOKED_AT]
            columns = (*(column[first] for column in columns),)
        for *ends, calls_, now_ns, number in zip(*(column.tolist() for column in columns), strict=True):
            key = (ends[0], ends[1], ends[2])
            known = self._calls.get(key)
            if calls_:
                self._called(batch, key, known, (now_ns, number))
            elif known is not None:
                known.answered = True
                yield from self._judged(batch, key, known)

    def _called(self, batch: Batch, key: Key, calls: _Calls | None, now: tuple[int, int]) -> None:
        if batch.addresses.is_group(key[1]):
            return
        calls = calls or self._calls.put(key, _Calls())
        if calls.at and abs(now[0] - calls.at[-1][0]) < SAME_NS:
            return
        if calls.at and now[0] - calls.at[-1][0] > PAUSE_NS:
            calls.at.clear()
        calls.at.append(now)
        del calls.at[:-KEPT]

    def _judged(self, batch: Batch, key: Key, calls: _Calls) -> Iterator[Anomaly]:
        if len(calls.at) < CALLS_OF_A_CLOCK:
            return
        times = [at_ns for at_ns, _ in calls.at]
        if not is_even(times) or not self._told.due(key, times[-1], len(times)):
            return
        text, every_s = batch.addresses.text, period_s(times)
        yield Anomaly(
            name="beacon",
            severity=Severity.MEDIUM,
            words=(
                f"{text(key[0])} gọi ra {text(key[1])}:{key[2]} đều đặn khoảng {every_s} giây, {len(times)} lần",
                f"{text(key[0])} called {text(key[1])}:{key[2]} about every {every_s} seconds, {len(times)} times",
            ),
            source_ip=text(key[0]),
            first_ns=times[0],
            last_ns=times[-1],
            targets=[Target(text(key[1]), key[2])],
            counts={"calls": len(times), "period_seconds": every_s},
            frames=[number for _, number in calls.at[:20]],
        )


def _outward(batch: Batch, turns: Numbers, calls: Mask, service: Numbers) -> Mask:
    """Which of these calls and answers are from inside to the outside, and of no service that is even by design."""
    source, destination = batch.addresses.inside(batch.source[turns]), batch.addresses.inside(batch.destination[turns])
    outward: Mask = (source != destination) & (source == calls) & ~_EVEN.at(service)
    return outward
