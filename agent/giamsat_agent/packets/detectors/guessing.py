# SPDX-License-Identifier: Apache-2.0
"""Guessing of passwords seen on the wire (ATT&CK T1110): connection after connection that comes to nothing.

Floors: 10 connections within two minutes to a service that asks for a password, in none of which anybody was let in
(more where mail programs ask, and what becomes of it is encrypted), or 20 refusals by SSH within two connections and
more. Where a service shows for sure whom it refuses, 30 such connections within a day are too many as well, unless more
are let in; so is one to each of many servers, or by each of many clients from outside. A person opens one and stays; a
program that works is let in each time; a monitor says nothing.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.batch import ACK, FIN, RST, Batch
from giamsat_agent.packets.columns.openings import Openings
from giamsat_agent.packets.detector import Room, Table, Told, first_of_each
from giamsat_agent.packets.distributed_guessing import Besieged
from giamsat_agent.packets.followed_connections import Followed, keys_of
from giamsat_agent.packets.password_spraying import Sprayed
from giamsat_agent.packets.payloads.logins import GREETS, SERVICES, SSH, Attempt, Service
from giamsat_agent.packets.refused_logins import SLOW, SLOW_NS, weighed
from giamsat_wire.clock import SECOND_NS

REFUSED: Final = 20
REFUSED_BY: Final = 2
SPAN_NS: Final = 120 * SECOND_NS
SETTLED_NS: Final = 20 * SECOND_NS
"""Whoever is let in is so by then; a connection that is older counts though it is open."""
PATIENT: Final = 512
"""Pairs of which the connections of a day are counted."""
KEPT: Final = 4_096
"""Connections that are kept of each pair."""
_GREETS: Final = Openings(np.array(list(GREETS), np.uint32))
LOOKED_AT: Final = 8_192
BEGINNING: Final = 128
"""Bytes of a segment that are looked at."""

Key = tuple[int, int, int]
"""Client, server and port."""


@dataclass(slots=True)
class _Day:
    """Connections of a day: when each was begun that was refused, by which frame, and how many were let in since."""

    since_ns: int
    refused: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=2 * SLOW))
    worked: int = 0

    def add(self, attempt: Attempt, service: Service) -> None:
        """One that is over."""
        if attempt.at_ns - self.since_ns > SLOW_NS:
            self.since_ns, self.worked = attempt.at_ns, 0
        self.worked += attempt.worked
        if attempt.is_refused(service):
            self.refused.append((attempt.at_ns, attempt.number))
        while self.refused and attempt.at_ns - self.refused[0][0] > SLOW_NS:
            self.refused.popleft()

    @property
    def is_guessing(self) -> bool:
        """Whether those that were refused are too many."""
        return len(self.refused) >= SLOW and len(self.refused) > self.worked


class Guessing:
    """Connections by client, server and port."""

    def __init__(self) -> None:
        self.room = Room()
        self._pairs: Table[Key, dict[int, Attempt]] = self.room.table(8_192)
        self._shown: Table[tuple[int, int], Service] = self.room.table(1_024)
        """Servers that showed by how they greet what they are, and their ports."""
        self._days: Table[Key, _Day] = self.room.table(PATIENT)
        self._told: Told[Key] = Told()
        self._told_of_days: Told[Key] = Told()
        self._sprayed = Sprayed(self.room)
        self._besieged = Besieged(self.room)
        self._asks = np.zeros(1 << 16, bool)
        self._asks[list(SERVICES)] = True
        self._followed = Followed()
        self._called = Followed()
        """What was called and not accepted, as far as is seen."""

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        self._notice(batch)
        begun = batch.accepts[self._asks[batch.source_port[batch.accepts]]]
        self._followed.add(keys_of(batch, begun))
        alone = self._unaccepted(batch, begun)
        self._followed.add(keys_of(batch, alone))
        tells = self._telling(batch) if self._followed.some else begun[:0]
        chosen = batch.any_of(begun, tells)[:LOOKED_AT]
        accepted, first = set(begun.tolist()), set(alone.tolist())
        touched: dict[Key, int] = {}
        ends = (batch.source, batch.source_port, batch.destination, batch.destination_port)
        seen = zip(batch.rows(chosen, *ends, batch.time_ns), batch.acknowledged(chosen).tolist(), strict=True)
        for (at, source, port, other, other_port, now_ns), up_to in seen:
            by_server = at in accepted or port < other_port
            key, client_port = ((other, source, port), other_port) if by_server else ((source, other, other_port), port)
            service = self._service(key)
            if service is None:
                continue
            if at in accepted:
                self._accepted(key, client_port, Attempt(now_ns, int(batch.number[at]), up_to))
                touched[key] = now_ns
                continue
            if at in first and service is not SSH:
                self._accepted(key, client_port, Attempt(now_ns, int(batch.number[at]), up_to, heard=True))
            attempt = (self._pairs.get(key) or {}).get(client_port)
            if attempt is not None and int(batch.flags[at]) & ACK:
                attempt.acknowledged(service, up_to, by_server=by_server)
            if self._goes_on(batch, at, attempt, (service, by_server), key):
                touched[key] = now_ns
        for key, now_ns in touched.items():
            yield from self._judged(batch, key, now_ns)

    def _unaccepted(self, batch: Batch, begun: Numbers) -> Numbers:
        """The first that clients say on connections of which only their side is seen."""
        called = batch.begins[self._asks[batch.destination_port[batch.begins]]]
        self._called.add(keys_of(batch, called))
        if not self._called.some:
            return begun[:0]
        self._called.drop(keys_of(batch, begun))
        says = batch.spoken[self._asks[batch.destination_port[batch.spoken]]]
        says = says[self._called.among(keys_of(batch, says))]
        first: Numbers = says[first_of_each(keys_of(batch, says))]
        self._called.drop(keys_of(batch, first))
        return first

    def _telling(self, batch: Batch) -> Numbers:
        """Frames in which connections whose outcome is open go on or end."""
        towards = self._asks[batch.destination_port[batch.tcp]] | self._asks[batch.source_port[batch.tcp]]
        places = batch.tcp[towards]
        tells = places[(batch.payload[places] > 0) | ((batch.flags[places] & (FIN | RST)) != 0)]
        of_followed: Numbers = tells[self._followed.among(keys_of(batch, tells))]
        return of_followed

    def _accepted(self, key: Key, client_port: int, attempt: Attempt) -> None:
        begun = self._pairs.get(key)
        if begun is None:
            begun = self._pairs.put(key, {})
        before = begun.get(client_port)
        if before is None or before.said or before.over:
            begun.pop(client_port, None)
            begun[client_port] = attempt
        # What is accepted once more after so long was begun before, and may be all there is.
        while begun and (len(begun) > KEPT or attempt.at_ns - next(iter(begun.values())).at_ns > SPAN_NS):
            self._over(key, begun.pop(next(iter(begun))))

    def _over(self, key: Key, attempt: Attempt) -> None:
        """A connection is looked at no more."""
        service = self._service(key)
        if service is not None and (service.hangs_up or service is SSH):
            day = self._days.get(key)
            if day is None and attempt.is_refused(service):
                day = self._days.put(key, _Day(attempt.at_ns))
            if day is not None:
                day.add(attempt, service)

    def _goes_on(self, batch: Batch, at: int, attempt: Attempt | None, side: tuple[Service, bool], key: Key) -> bool:
        """One more frame of a connection: whether it says anything new."""
        service, by_server = side
        if attempt is None or attempt.worked:
            if attempt is not None:
                self._sprayed.let_in((key[0], key[2]), key[1], attempt.at_ns)
                self._besieged.let_in(key)
            self._followed.drop(keys_of(batch, np.array([at])))
            return False
        if by_server and batch.payload[at]:
            attempt.server(service, int(batch.payload[at]), b"" if attempt.sealed else batch.content(at))
        elif batch.payload[at]:
            attempt.client(service, batch.content(at)[:BEGINNING])
        attempt.heard |= not by_server
        if int(batch.flags[at]) & (FIN | RST):
            attempt.ended()
        return True

    def _service(self, key: Key) -> Service | None:
        return self._shown.look(key[1:]) or SERVICES.get(key[2])

    def _judged(self, batch: Batch, key: Key, now_ns: int) -> Iterator[Anomaly]:
        begun, service = self._pairs.get(key), self._service(key)
        if not begun or service is None:
            return
        yield from self._everywhere(batch, key, service, next(reversed(begun.values())))
        day = self._days.get(key) if len(self._days) else None
        if day is not None and day.is_guessing and self._told_of_days.due(key, now_ns, len(day.refused)):
            yield _patient(batch, key, service, day)
        if len(begun) < REFUSED_BY:
            return
        tried = [
            one for one in begun.values() if (one.over or now_ns - one.at_ns > SETTLED_NS) and one.is_guess(service)
        ]
        # Where a service says so itself, its first refusal answers the question which methods there are.
        refused = sum(max(one.refused - 1, 0) for one in tried)
        enough = len(tried) >= service.floor or (len(tried) >= REFUSED_BY and refused >= REFUSED)
        if enough and self._told.due(key, now_ns, max(len(tried), refused)):
            yield _anomaly(batch, key, service, (tried, refused))

    def _everywhere(self, batch: Batch, key: Key, service: Service, last: Attempt) -> Iterator[Anomaly]:
        """The last connection to a server, if it is over and was in vain, as was that to many others, or by others."""
        client, server, port = key
        if last.over and last.is_refused(service):
            seen = (last.at_ns, last.number)
            told = (
                self._sprayed.refused(batch.addresses, (client, port), server, seen, service.name),
                self._besieged.refused(batch.addresses, key, seen, service.name),
            )
            yield from (one for one in told if one is not None)

    def _notice(self, batch: Batch) -> None:
        """Servers that speak in a way of their own whatever port they listen at."""
        speaks = batch.spoken[_GREETS.at(batch.said)]
        speaks = speaks[batch.source_port[speaks] < batch.destination_port[speaks]]
        ends = (batch.source, batch.source_port, batch.opening)
        for _, server, port, opening in batch.rows(speaks[:LOOKED_AT], *ends):
            self._shown.put((server, port), GREETS[opening])
            self._asks[port] = True


def _anomaly(batch: Batch, key: Key, service: Service, found: tuple[list[Attempt], int]) -> Anomaly:
    (tried, refused), text = found, batch.addresses.text
    client, server, name, count = text(key[0]), text(key[1]), service.name, len(tried)
    return Anomaly(
        name="bruteforce",
        severity=Severity.HIGH,
        words=(
            f"{client} mở {count} kết nối {name} tới {server} trong hai phút, đều không vào được",
            f"{client} opened {count} {name} connections to {server} in two minutes, all in vain",
        ),
        source_ip=client,
        first_ns=tried[0].at_ns,
        last_ns=tried[-1].at_ns,
        targets=[Target(server, key[2])],
        counts={"connections": count} | ({"refusals": refused} if refused else {}),
        frames=[one.number for one in tried],
    )


def _patient(batch: Batch, key: Key, service: Service, day: _Day) -> Anomaly:
    client, server, count = batch.addresses.text(key[0]), batch.addresses.text(key[1]), len(day.refused)
    severity, (more_vi, more_en) = weighed([at_ns for at_ns, _ in day.refused])
    return Anomaly(
        name="bruteforce",
        severity=severity,
        words=(
            f"{server} từ chối {count} kết nối {service.name} của {client} trong một ngày{more_vi}",
            f"{server} refused {count} {service.name} connections of {client} within a day{more_en}",
        ),
        source_ip=client,
        first_ns=day.refused[0][0],
        last_ns=day.refused[-1][0],
        targets=[Target(server, key[2])],
        counts={"refusals": count},
        frames=[number for _, number in list(day.refused)[:20]],
    )
