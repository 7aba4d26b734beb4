# SPDX-License-Identifier: Apache-2.0
"""What arrives, held against the lists: an event that meets an entry is told of it in fields that rules can ask for.

Whoever reaches out to what is listed is told apart from what is listed and comes here: of the second there is much on
any open network, and it says little.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from giamsat_collector.event_time import instant
from giamsat_collector.indicators.indicator import Kind, own
from giamsat_collector.indicators.lookup import Lookup, Match, Reading
from giamsat_collector.traffic.minute import KIND, TRANSPORTS, Minute
from giamsat_rules.rule import Fields
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.flow import FlowRow
from giamsat_wire.record import FieldValue

ROLE: Final = "giamsat.threat.role"
WHO: Final = "giamsat.threat.who"
"""Who had to do with it: an address, or the name or id of a host whose event names none."""
_DAY: Final = 86_400


class Role(StrEnum):
    """What an event has to do with what is listed: reached out to it, was reached by it, holds it, was sent by it."""

    CONTACT = "contact"
    VISITOR = "visitor"
    FILE = "file"
    MAIL = "mail"


LOOKED_AT: Final = (
    ("destination.ip", Reading.ADDRESS, Role.CONTACT),
    ("dns.question.name", Reading.NAME, Role.CONTACT),
    ("tls.client.server_name", Reading.NAME, Role.CONTACT),
    ("destination.domain", Reading.NAME, Role.CONTACT),
    ("url.domain", Reading.NAME, Role.CONTACT),
    ("url.original", Reading.URL, Role.CONTACT),
    ("url.full", Reading.URL, Role.CONTACT),
    ("server.ip", Reading.ADDRESS, Role.CONTACT),
    ("server.domain", Reading.NAME, Role.CONTACT),
    ("file.hash.sha256", Reading.FILE, Role.FILE),
    ("file.hash.sha1", Reading.FILE, Role.FILE),
    ("file.hash.md5", Reading.FILE, Role.FILE),
    ("process.hash.sha256", Reading.FILE, Role.FILE),
    ("process.hash.sha1", Reading.FILE, Role.FILE),
    ("process.hash.md5", Reading.FILE, Role.FILE),
    ("email.from.address", Reading.SENDER, Role.MAIL),
    ("email.sender.address", Reading.SENDER, Role.MAIL),
    ("tls.client.ja4", Reading.JA4, Role.CONTACT),
    ("source.ip", Reading.ADDRESS, Role.VISITOR),
    ("client.ip", Reading.ADDRESS, Role.VISITOR),
)
"""The fields that are compared; the first that meets an entry counts."""
_READINGS: Final = {name: reading for name, reading, _ in LOOKED_AT}
_FIELDS: Final = frozenset(_READINGS)
_SAID: Final = frozenset({Reading.NAME, Reading.URL})
"""What whoever comes from outside may write into what it asks one's own servers."""
_WHO: Final = ("source.ip", "host.name", "agent.id")
_OURS: Final = ("giamsat.threat.", "threat.indicator.", "threat.feed.", "threat.enrichments.")
"""How fields begin that are said here alone."""
_REACHED: Final = frozenset({"destination.ip", "destination.domain"})
"""What tells of a packet where it goes, which in an answer is whoever asked."""
_SERVICES: Final = 1_024
"""Ports below are those of services (RFC 6335, system ports); who asks does so from one above."""
_Contact = tuple[str, str, str]
"""A listed value, who of ours had to do with it, and how."""


def sent(fields: Fields) -> Fields:
    """The fields that an agent sent, without those that the lists alone say of an event."""
    if "threat." not in "\n".join(fields):  # as for almost all
        return fields
    return {name: value for name, value in fields.items() if not name.startswith(_OURS)}


@dataclass(slots=True)
class Indicators:
    """The lists as they are now. `hits` counts by list what met an entry, until it is `taken`."""

    lookup: Lookup = field(default_factory=Lookup)
    hits: Counter[str] = field(default_factory=Counter)

    def told(self, fields: Fields, at_ns: int) -> Fields:
        """The fields of an event that happened at a time, and what they met; the same object when they met nothing."""
        if not self.lookup:
            return fields
        met: dict[str, tuple[str, Match]] = {}
        for name in fields.keys() & _FIELDS:
            value, reading = fields[name], _READINGS[name]
            for text in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
                match = self.lookup.find(reading, text, at_ns)
                if match is not None:
                    met.setdefault(name, (text, match))
        return self._of_event(fields, met, at_ns) if met else fields

    def flows(self, minute: Minute) -> Iterable[Fields]:
        """What the flows of a minute met: one event for each entry and who had to do with it."""
        found: dict[_Contact, tuple[Match, Role, str, FlowRow]] = {}
        counts: Counter[_Contact] = Counter()
        for row in minute.rows if self.lookup else ():
            met = self._met(row, minute.end_ns)
            if met is None:
                continue
            match, role, name = met
            key = match.indicator.value, row.source if role is Role.CONTACT else row.destination, role.value
            counts[key] += 1
            found[key] = (match, role, name, _together(found[key][-1], row) if key in found else row)
        for key, (match, role, name, row) in found.items():
            self.hits[match.about.name] += 1
            fields = _flow(row, minute.interface)
            yield {
                **fields,
                **_threat(match, minute.end_ns),
                ROLE: role.value,
                WHO: row.source,
                **_met(name, str(fields[name])),
                "giamsat.threat.flows": counts[key],
            }

    def taken(self) -> Mapping[str, int]:
        """How often each list was met since this was last asked."""
        hits, self.hits = self.hits, Counter()
        return hits

    def _of_event(self, fields: Fields, met: Mapping[str, tuple[str, Match]], at_ns: int) -> Fields:
        """An event, and of what it met that which counts first."""
        for name, _, role in LOOKED_AT:
            if name in met and (played := _played(role, name, fields)):
                text, match = met[name]
                self.hits[match.about.name] += 1
                who = next((str(fields[one]) for one in _WHO if one in fields), "")
                return {**fields, **_threat(match, at_ns), ROLE: played.value, WHO: who, **_met(name, text)}
        return fields

    def _met(self, row: FlowRow, at_ns: int) -> tuple[Match, Role, str] | None:
        find = self.lookup.find
        answers = _answers(row.source_port, row.destination_port)
        if not answers and (match := find(Reading.ADDRESS, row.destination, at_ns)):
            return match, Role.CONTACT, "destination.ip"
        inside = own(row.source)
        if (inside or not own(row.destination)) and row.name and (match := find(Reading.NAME, row.name, at_ns)):
            return match, Role.CONTACT, "destination.domain"
        if row.ja4 and (match := find(Reading.JA4, row.ja4, at_ns)):
            return match, Role.CONTACT if inside else Role.VISITOR, "tls.client.ja4"
        # Whoever is not answered has not been talked with: lists are full of those who scan everybody.
        if row.received_packets and (match := find(Reading.ADDRESS, row.source, at_ns)):
            return match, Role.VISITOR, "source.ip"
        return None


def _played(role: Role, name: str, fields: Fields) -> Role | None:
    """The role in this event, None when it has none: what others write into requests to us is no contact of ours."""
    if name in _REACHED and _answers(fields.get("source.port"), fields.get("destination.port")):
        return None
    source = fields.get("source.ip")
    outside = isinstance(source, str) and not own(source)
    if outside and _READINGS[name] in _SAID and _to_us(fields.get("destination.ip")):
        return None
    return Role.VISITOR if outside and name == "tls.client.ja4" else role


def _to_us(destination: FieldValue | None) -> bool:
    """Whether it goes to a host of ours, as what names no destination does: one's own server wrote it down."""
    return not isinstance(destination, str) or own(destination)


def _answers(source: FieldValue | None, destination: FieldValue | None) -> bool:
    """Whether packets between two ports are those of a service to who asked it, such as a refusal to a scanner."""
    return isinstance(source, int) and isinstance(destination, int) and 0 < source < _SERVICES <= destination


def _threat(match: Match, at_ns: int) -> dict[str, FieldValue]:
    """What is said of an entry, in ECS where ECS has a name."""
    entry, about, at_s = match.indicator, match.about, at_ns // SECOND_NS
    said: dict[str, FieldValue] = {
        "threat.indicator.type": _type(entry.kind, entry.value),
        "threat.indicator.name": entry.value,
        "threat.indicator.provider": entry.source,
        "threat.indicator.description": entry.comment,
        "threat.indicator.first_seen": instant(entry.since * SECOND_NS),
        "threat.feed.name": about.name,
        "giamsat.threat.confidence": entry.confidence,
        "giamsat.threat.age_days": max(0, at_s - entry.since) // _DAY,
        "giamsat.threat.list_age_days": max(0, at_s - about.brought) // _DAY,
        "giamsat.threat.other_lists": match.others,
    }
    return {name: value for name, value in said.items() if value not in {"", ()}}


def _type(kind: Kind, value: str) -> str:
    if kind is Kind.ADDRESS:
        return "ipv6-addr" if ":" in value else "ipv4-addr"
    return kind.value


def _met(name: str, text: str) -> dict[str, FieldValue]:
    return {"threat.enrichments.matched.field": name, "threat.enrichments.matched.atomic": text}


def _together(first: FlowRow, other: FlowRow) -> FlowRow:
    """Two flows told as one: the first, with the sums of both."""
    sums = ("sent_packets", "sent_bytes", "received_packets", "received_bytes")
    return first._replace(**{name: getattr(first, name) + getattr(other, name) for name in sums})


def _flow(row: FlowRow, interface: str) -> dict[str, FieldValue]:
    """A flow as an event."""
    said: dict[str, FieldValue] = {
        "event.action": KIND,
        "event.category": ("network",),
        "source.ip": row.source,
        "source.port": row.source_port,
        "source.bytes": row.sent_bytes,
        "destination.ip": row.destination,
        "destination.port": row.destination_port,
        "destination.bytes": row.received_bytes,
        "destination.domain": row.name,
        "tls.client.ja4": row.ja4,
        "network.transport": TRANSPORTS.get(row.protocol, str(row.protocol)),
        "network.packets": row.sent_packets + row.received_packets,
        "network.bytes": row.sent_bytes + row.received_bytes,
        "observer.ingress.interface.name": interface,
    }
    return {name: value for name, value in said.items() if value != ""}
