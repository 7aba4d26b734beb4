# SPDX-License-Identifier: Apache-2.0
"""What becomes of SNMP notifications: events, or a number that goes up. Pure: datagrams and times in, events out.

A sender is known by its address, which UDP does not prove; every event says whether a user of version 3 signed it. Each
has a share, EVENTS_PER_MINUTE with bursts of BURST; what is above it is counted and told once a minute. At most SENDERS
are remembered; of one that is forgotten the counts stay. As one host may write ever other addresses on what it sends,
all that nobody signed have a share together: what is above that is counted alone.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

import yaml

from giamsat_agent import ecs
from giamsat_agent.devices import v3_message
from giamsat_agent.devices.ber import BerError
from giamsat_agent.devices.engine import Engine
from giamsat_agent.devices.reading import Value, text
from giamsat_agent.devices.trap import Trap, answer, decode, opened, version
from giamsat_agent.devices.v3_message import REPORTABLE, VERSION, SecurityError
from giamsat_agent.devices.v3_trap import Opened, Users
from giamsat_agent.token_bucket import Share
from giamsat_wire.record import Event, FieldValue, Sample

SENDERS: Final = 1_024
EVENTS_PER_MINUTE: Final = 60
BURST: Final = 120
UNSIGNED_PER_SECOND, UNSIGNED_BURST = 20, 4_096
"""Of all senders together: a failure of power in a building, and not more than a disk takes one by one."""
MINUTE_NS: Final = 60_000_000_000
VARIABLES_TOLD: Final = 16
IF_NAMES: Final = (".1.3.6.1.2.1.31.1.1.1.1.", ".1.3.6.1.2.1.2.2.1.2.")
"""ifName and ifDescr: what a notification calls the interface it is about."""


@cache
def kinds() -> Mapping[str, tuple[str, str]]:
    """Which event a notification is, and its outcome, by object identifier: traps.yml."""
    text = resources.files(__package__).joinpath("traps.yml").read_text(encoding="utf-8")
    return {oid: (kind, outcome) for oid, (kind, outcome) in yaml.load(text, Loader=yaml.CSafeLoader).items()}


@dataclass(slots=True)
class _Sender:
    """One address: its share, and what was counted."""

    left: float
    at_ns: int
    told_ns: int
    folded: int = 0
    total: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a datagram: events, none when it is only counted, and the bytes to answer with, if any."""

    events: tuple[Event, ...]
    reply: bytes = b""


class Notifications:
    """Decides over what all senders notify."""

    def __init__(self, users: Users, engine: Engine) -> None:
        """Take notifications of versions 1 and 2c from everybody, of version 3 from these users, as this engine."""
        self._users = users
        self._engine = engine
        self._senders: OrderedDict[str, _Sender] = OrderedDict()
        self._forgotten: Counter[str] = Counter()
        self._unsigned = Share(UNSIGNED_BURST, UNSIGNED_PER_SECOND)

    def take(self, address: str, datagram: bytes, *, wall_ns: int, mono_ns: int) -> Told:
        """What a datagram tells. An INFORM is answered even above its sender's share, as it would come again."""
        events = list(self._make_room(address, wall_ns=wall_ns, mono_ns=mono_ns))
        sender = self._sender(address, mono_ns)
        earned = (mono_ns - sender.at_ns) / MINUTE_NS * EVENTS_PER_MINUTE
        sender.left, sender.at_ns = min(float(BURST), sender.left + earned), mono_ns
        reply = b""
        try:
            trap, by, reply = self._read(datagram, mono_ns)
        except SecurityError as error:
            # Whoever writes another's address on a datagram makes it get reports: only so many.
            reply = error.reply if sender.left >= 1 else b""
            sender.left -= min(sender.left, 1) if error.reply else 0
            sender.total[error.outcome] += 1
        except BerError:
            sender.total["malformed"] += 1
        else:
            signed = by is not None and by.authenticated
            if sender.left >= 1 and (signed or self._unsigned.takes(1, mono_ns)):
                sender.left -= 1
                sender.total["understood"] += 1
                events.append(_event(trap, by, address, wall_ns=wall_ns, mono_ns=mono_ns))
            else:
                sender.folded += 1
                sender.total["over_share"] += 1
        if sender.folded and mono_ns - sender.told_ns >= MINUTE_NS and self._unsigned.takes(1, mono_ns):
            events.append(_folded(address, sender.folded, wall_ns=wall_ns, mono_ns=mono_ns))
            sender.folded, sender.told_ns = 0, mono_ns
        return Told(tuple(events), reply)

    def samples(self) -> Iterator[Sample]:
        """Notifications by sender and outcome since the start; those of senders that were forgotten under `other`."""
        totals = ((address, sender.total) for address, sender in self._senders.items())
        for address, total in (*totals, ("other", self._forgotten)):
            for outcome, count in total.items():
                labels = (("outcome", outcome), ("source", address))
                yield Sample("giamsat_agent_snmp_notifications_total", float(count), labels)

    def _read(self, datagram: bytes, mono_ns: int) -> tuple[Trap, Opened | None, bytes]:
        """The notification, who signed it, and the answer it waits for."""
        if version(datagram) != VERSION:
            trap = decode(datagram)
            return trap, None, answer(datagram) if trap.inform else b""
        message = v3_message.parse(datagram)
        if message.flags & REPORTABLE:
            by, reply = self._engine.take(message, mono_ns=mono_ns)
            return opened(by.pdu), by, reply
        by = self._users.open(message)
        return opened(by.pdu), by, b""

    def _make_room(self, address: str, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """Forget who was silent longest if a new sender needs the place; what of it was not told yet is."""
        if address in self._senders or len(self._senders) < SENDERS:
            return
        gone, sender = self._senders.popitem(last=False)
        self._forgotten.update(sender.total)
        if sender.folded and self._unsigned.takes(1, mono_ns):
            yield _folded(gone, sender.folded, wall_ns=wall_ns, mono_ns=mono_ns)

    def _sender(self, address: str, mono_ns: int) -> _Sender:
        sender = self._senders.get(address)
        if sender is None:
            sender = self._senders[address] = _Sender(BURST, mono_ns, mono_ns)
        self._senders.move_to_end(address)
        return sender


def _event(trap: Trap, by: Opened | None, address: str, *, wall_ns: int, mono_ns: int) -> Event:
    kind, outcome = kinds().get(trap.oid, ("snmp-notification", ""))
    fields: dict[str, FieldValue] = {
        "event.provider": "snmptrap",
        "giamsat.snmp.authenticated": by is not None and by.authenticated,
        "giamsat.snmp.notification": trap.oid,
        "giamsat.snmp.version": trap.version,
        "observer.ip": address,
        "observer.name": address,
        "message": _sentence(trap),
    }
    if by is not None:
        fields["giamsat.snmp.user"] = by.user
    if outcome:
        fields["event.outcome"] = outcome
    if kind == "user-login":
        fields["service.name"] = "snmp"
    interface = next((text(value) for oid, value in trap.variables.items() if oid.startswith(IF_NAMES)), "")
    if interface:
        fields["observer.ingress.interface.name"] = interface
    return ecs.event(kind, wall_ns=wall_ns, mono_ns=mono_ns, fields=fields)


def _sentence(trap: Trap) -> str:
    told = [f"{oid}={_shown(value)}" for oid, value in list(trap.variables.items())[:VARIABLES_TOLD]]
    return " ".join([trap.oid, *told])


def _shown(value: Value) -> str:
    return text(value) or "-"


def _folded(address: str, count: int, *, wall_ns: int, mono_ns: int) -> Event:
    fields: dict[str, FieldValue] = {
        "event.provider": "snmptrap",
        "giamsat.folded.count": count,
        "observer.ip": address,
        "source.ip": address,
        "message": f"{count} notifications of {address} were above its share and were only counted",
    }
    return ecs.event("log-messages-folded", wall_ns=wall_ns, mono_ns=mono_ns, fields=fields)
