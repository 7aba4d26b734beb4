# SPDX-License-Identifier: Apache-2.0
"""Beacons over DNS (ATT&CK T1071.004, T1029): ever new names below one domain, asked for evenly and for nothing else.

A program that reports by DNS needs a new name each time, or a resolver would answer from memory, and codes into it who
asks. What is ordinary is told apart by what it does: programs, monitoring and resolvers that refresh ask the same
names again, however evenly; a page that loads itself anew asks for new names and turns to the addresses it is given;
lists are asked about addresses and hashes as others come, or by many, and answer with an address of this very host
(RFC 5782).
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.message import Message
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.payloads.dns_message import given
from giamsat_agent.packets.periodicity import CALLS_OF_A_CLOCK, PAUSE_NS, SAME_NS, is_even, period_s

KEPT: Final = 24
NAMES: Final = 16_384
"""Names remembered of all clients: one that comes again by then is no new one."""
REPEATED: Final = 5
"""One in so many may be asked again: a packet that was lost."""
CODED: Final = 8
"""Characters before the domain that can hold who asks, with two digits among them: other names are not looked at."""
DIGITS: Final = re.compile(r"[0-9].*[0-9]")
PLAIN: Final = frozenset({1, 28, 64, 65})
"""A, AAAA, SVCB and HTTPS: asked for so as to turn to the address."""
IDLE: Final = 5
"""Calls, once they are even, after which nobody turned to an address that was given."""
THIS_HOST: Final = 127
LISTED: Final = re.compile(
    r"(?:^|\.)(?:(?:\d{1,3}\.){4}|(?:[0-9a-f]\.){32}|(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})(?:\.|$))"
)
"""What a list is asked about: an address backwards, or a hash."""
MANY: Final = 5
"""Clients that are answered so below one domain: it is a list, whatever its names look like."""
BACKWARDS: Final = "arpa"
PORT: Final = 53
NAMING: Final = OneOf((53, 853))

Key = tuple[int, str]


class _Call(msgspec.Struct, gc=False):
    """What was asked within SAME_NS, for a new name: when and in which frame, and what became of it.

    `listed`: it was about something that lists are asked about, and answered as they do.
    """

    at_ns: int
    number: int
    plain: bool
    answered: bool = False
    listed: bool = False
    repeats: int = 0


class _Zone(msgspec.Struct, gc=False):
    """What a client asks below a domain.

    Once its calls are even, `idle` counts how many of them there were after which nobody turned to an address of
    `given`, which is looked for from frame `since` of the batch on.
    `opens`: the client opens connections; a resolver, which asks for others, turns to no address it is given.
    """

    calls: list[_Call] = msgspec.field(default_factory=list)
    ordinary: bool = False
    idle: int = 0
    opens: bool = False
    given: list[int] = msgspec.field(default_factory=list)
    since: int = 0


class DnsBeacon:
    """Calls by client and domain, and when each name was last asked for, by its hash.

    `watched` are those of which it is looked whether the client turns to an address it is given.
    """

    def __init__(self) -> None:
        self.room = Room()
        self._zones: Table[Key, _Zone] = self.room.table(2_048)
        self._names: Table[int, int] = Table(NAMES)
        self._watched: Table[Key, _Zone] = self.room.table(64)
        self._lists: Table[str, set[int]] = self.room.table(1_024)
        self._told: Told[Key] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for message in batch.dns:
            name = message.question.name
            domain = message.question.domain
            below = name[: len(name) - len(domain)]
            if len(below) <= CODED or not DIGITS.search(below) or name.endswith(BACKWARDS):
                continue
            if message.question.is_answer:
                self._answered(batch, message, domain)
            else:
                yield from self._asked(batch, message, domain)
        for (client, _), zone in self._watched.items():
            _look(batch, client, zone, len(batch))
            zone.since = 0

    def _answered(self, batch: Batch, message: Message, domain: str) -> None:
        zone = self._zones.get((message.destination, domain))
        if zone is None or not zone.calls or hash((message.destination, message.question.name)) not in self._names:
            return
        zone.calls[-1].answered |= message.question.code == 0
        addresses = given(message.content)
        if any(address[0] == THIS_HOST for address in addresses):
            clients = self._lists.get(domain) or self._lists.put(domain, set())
            if len(clients) < MANY:
                clients.add(message.destination)
            zone.calls[-1].listed |= LISTED.search(message.question.name[: -len(domain)]) is not None
            zone.ordinary |= len(clients) >= MANY
        elif zone.idle:
            zone.given = [*zone.given, *(_number(batch, address) for address in addresses)][-KEPT:]

    def _asked(self, batch: Batch, message: Message, domain: str) -> Iterator[Anomaly]:
        key, now_ns, name = (message.source, domain), message.at_ns, hash((message.source, message.question.name))
        zone = self._zones.get(key) or self._zones.put(key, _Zone())
        before_ns = self._names.get(name)
        self._names.put(name, now_ns)
        last = zone.calls[-1] if zone.calls else None
        if last is not None and before_ns is not None:
            last.repeats += now_ns - before_ns > SAME_NS
        elif last is None or now_ns - last.at_ns >= SAME_NS:
            _look(batch, message.source, zone, message.place)
            if last is not None and now_ns - last.at_ns > PAUSE_NS:
                zone.calls.clear()
            call = _Call(now_ns, message.number, plain=message.question.kind in PLAIN)
            zone.calls = [*zone.calls, call][-KEPT:]
            zone.given, zone.since = [], message.place
            yield from self._judged(batch, message, key, zone)

    def _judged(self, batch: Batch, message: Message, key: Key, zone: _Zone) -> Iterator[Anomaly]:
        times, calls = [call.at_ns for call in zone.calls], len(zone.calls)
        if zone.ordinary or calls < CALLS_OF_A_CLOCK or not _is_report(zone.calls) or not is_even(times):
            zone.idle, zone.opens = 0, False
            self._watched.drop(key)
            return
        # Who asks for addresses is watched a while: does it turn to them?
        if 2 * sum(call.plain for call in zone.calls) > calls:
            zone.idle = zone.idle + 1 if key in self._watched else 1
            self._watched.put(key, zone)
            if zone.idle <= IDLE or not zone.opens:
                return
        if not self._told.due(key, times[-1], calls):
            return
        text, every_s = batch.addresses.text, period_s(times)
        yield Anomaly(
            name="beacon",
            severity=Severity.MEDIUM,
            words=(
                f"{text(key[0])} hỏi DNS tên mới dưới {key[1]} đều đặn khoảng {every_s} giây, {calls} lần",
                f"{text(key[0])} asked DNS for new names below {key[1]} about every {every_s} seconds, {calls} times",
            ),
            source_ip=text(key[0]),
            first_ns=times[0],
            last_ns=times[-1],
            targets=[Target(text(message.destination), PORT)],
            counts={"calls": calls, "period_seconds": every_s},
            frames=[call.number for call in zone.calls],
            about={"dns.question.registered_domain": key[1]},
        )


def _is_report(calls: list[_Call]) -> bool:
    """Whether nearly every call had a name of its own, and most were answered, but not as lists answer."""
    repeated, answered = sum(call.repeats for call in calls), sum(call.answered for call in calls)
    listed = sum(call.listed for call in calls)
    return REPEATED * repeated <= len(calls) and 2 * answered >= len(calls) and 2 * listed < len(calls)


def _look(batch: Batch, client: int, zone: _Zone, until: int) -> None:
    """What the client does in frames up to one: whether it turns to an address it was given, or opens connections."""
    if not zone.idle or zone.ordinary:
        return
    frames = slice(zone.since, until)
    turned = (batch.source[frames] == client) & np.isin(batch.destination[frames], np.array(zone.given, np.uint64))
    zone.ordinary = bool(turned.any())
    begins = batch.begins[(batch.begins >= zone.since) & (batch.begins < until)]
    opened = (batch.source[begins] == client) & ~NAMING.at(batch.destination_port[begins])
    zone.opens = zone.opens or bool(opened.any())


def _number(batch: Batch, address: bytes) -> int:
    """The number a column has for an address."""
    if len(address) == 16:  # noqa: PLR2004 - IPv6
        return int(batch.addresses.identify(np.frombuffer(address, np.uint64).reshape(-1, 2))[0])
    return int.from_bytes(address)
