# SPDX-License-Identifier: Apache-2.0
"""Beacons (ATT&CK T1071, T1029): a program inside that calls the same outside service again and again, evenly.

Within a unit everything is polled evenly, so only calls to the outside count, and of those none to services that live
by it: time, names, messages that keep a line open. What is never answered is a program that tries again, and no beacon;
whoever takes leave was answered, be it that the answers are not seen.
Where the answers alone are seen each that accepts stands for a call; who is seen to call is judged by what he calls.

Most services are called once. A first call waits in a slot, found by a hash with a secret key, until there is a second
one, and only then has the service a row in the table; where the slot is held by another it has one at once.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import ACK, FIN, RST, SYN, Batch, Mask
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Room, Table, Told, first_of, first_of_each, mix
from giamsat_agent.packets.initiators import Callers
from giamsat_agent.packets.periodicity import CALLS_OF_A_CLOCK, EVEN_BY_DESIGN, PAUSE_NS, SAME_NS, is_even, period_s

_EVEN: Final = OneOf(EVEN_BY_DESIGN)
KEPT: Final = 64
MANY: Final = 1_024
"""Calls and answers of one batch, from which those that are the same are found out first."""
LOOKED_AT: Final = 8_192
SHIFT: Final = np.uint64(49)
SLOTS: Final = 1 << 15
"""As many as what is left of a hash can be."""
_SLOT: Final = np.dtype([("key", "u8"), ("at_ns", "i8"), ("number", "i8"), ("again", "?"), ("often", "?")], align=True)
"""What is known of one service stands side by side, so that it is found at once; `often` if answers are waited for."""


class _Calls(msgspec.Struct, gc=False):
    """When a client called a service, and in which frames: the last KEPT times."""

    client: int
    server: int
    port: int
    at: list[tuple[int, int]] = msgspec.field(default_factory=list)


class Beacon:
    """Calls by a number for client, server and port."""

    def __init__(self) -> None:
        self.room = Room()
        self._calls: Table[int, _Calls] = self.room.table(16_384)
        self._told: Told[int] = Told()
        slots = np.zeros(SLOTS, _SLOT)
        self._key, self._at_ns = slots["key"], slots["at_ns"]
        self._number, self._again, self._often = slots["number"], slots["again"], slots["often"]
        self._callers = Callers()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        turns = batch.turns
        kind = batch.flags[turns] & (SYN | ACK | RST | FIN)
        told = (kind == SYN) | (kind == SYN | ACK) | (kind == FIN | ACK)
        turns, kind = turns[told], kind[told]
        out = kind != SYN | ACK
        service = np.where(out, batch.destination_port[turns], batch.source_port[turns])
        outward = _outward(batch, turns, out, service)
        turns, kind, out, service = turns[outward], kind[outward], out[outward], service[outward]
        client = np.where(out, batch.source[turns], batch.destination[turns])
        server = np.where(out, batch.destination[turns], batch.source[turns])
        keys, time_ns, number = mix(client, server, service), batch.time_ns[turns], batch.number[turns]
        self._callers.hear(batch)
        answers = kind != SYN
        calls = ~answers | (~out & self._callers.unseen(client))
        chosen, before = self._waited(keys, calls, time_ns, number)
        if len(chosen) > MANY:
            first = first_of_each(keys[chosen], calls[chosen].astype(np.int64), time_ns[chosen] // SAME_NS)[:LOOKED_AT]
            chosen, before = chosen[first], [before[at] for at in first.tolist()]
        columns = (keys, client, server, service, calls, answers, time_ns, number)
        rows = zip(*(column[chosen].tolist() for column in columns), before, strict=True)
        for key, near, far, port, is_call, is_answer, now_ns, frame, first_call in rows:
            known = self._calls.get(key)
            if is_call:
                known = known or self._calls.put(key, _Calls(near, far, port, [first_call] if first_call[1] else []))
                _called(known, (now_ns, frame))
                # From the next call on its answers are waited for.
                if len(known.at) >= CALLS_OF_A_CLOCK - 1:
                    self._often[key >> int(SHIFT)] = True
            if is_answer and known is not None and len(known.at) >= CALLS_OF_A_CLOCK:
                yield from self._judged(batch, key, known)

    def _waited(
        self, keys: Identities, calls: Mask, time_ns: Numbers, number: Numbers
    ) -> tuple[Numbers, list[tuple[int, int]]]:
        """The rows of services that are called again, and when and in which frame each was called before."""
        slots = (keys >> SHIFT).view(np.int64)
        free = (self._key[slots] == 0) | (np.abs(time_ns - self._at_ns[slots]) > PAUSE_NS)
        vacant = true_at(calls & free)
        first = vacant[first_of(keys[vacant])]
        self._key[slots[first]], self._again[slots[first]], self._often[slots[first]] = keys[first], False, False
        self._at_ns[slots[first]], self._number[slots[first]] = time_ns[first], number[first]
        own = self._key[slots] == keys
        self._again[slots[own & calls & (np.abs(time_ns - self._at_ns[slots]) >= SAME_NS)]] = True
        often = self._often | (np.bincount(slots[calls], minlength=SLOTS) > 1)
        chosen = true_at(~own | (self._again[slots] & (calls | often[slots])))
        slots, own = slots[chosen], own[chosen]
        before = zip((self._at_ns[slots] * own).tolist(), (self._number[slots] * own).tolist(), strict=True)
        calling = own & calls[chosen]
        self._at_ns[slots[calling]], self._number[slots[calling]] = time_ns[chosen[calling]], number[chosen[calling]]
        return chosen, list(before)

    def _judged(self, batch: Batch, key: int, calls: _Calls) -> Iterator[Anomaly]:
        times = [at_ns for at_ns, _ in calls.at]
        if not is_even(times) or not self._told.due(key, times[-1], len(times)):
            return
        text, every_s = batch.addresses.text, period_s(times)
        client, server, port = text(calls.client), text(calls.server), calls.port
        yield Anomaly(
            name="beacon",
            severity=Severity.MEDIUM,
            words=(
                f"{client} gọi ra {server}:{port} đều đặn khoảng {every_s} giây, {len(times)} lần",
                f"{client} called {server}:{port} about every {every_s} seconds, {len(times)} times",
            ),
            source_ip=client,
            first_ns=times[0],
            last_ns=times[-1],
            targets=[Target(server, port)],
            counts={"calls": len(times), "period_seconds": every_s},
            frames=[number for _, number in calls.at],
        )


def _called(calls: _Calls, now: tuple[int, int]) -> None:
    if calls.at and abs(now[0] - calls.at[-1][0]) < SAME_NS:
        return
    if calls.at and now[0] - calls.at[-1][0] > PAUSE_NS:
        calls.at.clear()
    calls.at.append(now)
    del calls.at[:-KEPT]


def _outward(batch: Batch, turns: Numbers, out: Mask, service: Numbers) -> Mask:
    """Which of these are of calls from inside to one host outside, and of no service that is even by design.

    `out` are those that the client sends.
    """
    called, from_inside = ~out | ~batch.addresses.groups(batch.destination[turns]), batch.from_inside[turns]
    outward: Mask = (from_inside != batch.to_inside[turns]) & (from_inside == out) & called & ~_EVEN.at(service)
    return outward
