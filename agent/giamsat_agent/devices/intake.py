# SPDX-License-Identifier: Apache-2.0
"""What becomes of syslog messages that come over the network: which are understood, kept raw, or only counted.

A sender is known by its address, which UDP does not prove. Each has a share: MESSAGES_PER_S on average with bursts of
BURST; what is above it is counted. Of messages that are not even syslog RAW_MALFORMED are kept in a window, the rest
is counted. At the end of a window one event per sender says what was counted and why: nothing is dropped without a
number going up. No more than SOURCES senders are remembered; the one silent longest gives way.

Pure: messages and times in, events and samples out.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from giamsat_agent import ecs
from giamsat_agent.parsers.recognizer import Recognized, Recognizer
from giamsat_agent.parsers.x_forwarded_for import UNDECLARED, Proxies
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.record import Event, FieldValue, Sample

SOURCES: Final = 1_024
"""Senders remembered at a time."""
MESSAGES_PER_S: Final = 1_000
"""A sender's share; a firewall of a district at its busiest logs some hundred connections a second."""
BURST: Final = 5_000
RAW_MALFORMED: Final = 20
"""Malformed messages of one sender that are kept as they came, per window."""
WINDOW_NS: Final = 60_000_000_000
AHEAD_NS: Final = 300_000_000_000
"""How far a device's clock may be ahead before its time is not believed."""
BEHIND_NS: Final = 86_400_000_000_000
"""How late a message may come: relays keep them for a day."""
_COUNTED: Final = ("understood", "unknown", "malformed", "over_share")


@dataclass(slots=True)
class Source:
    """One sender: its parsers' memory, its share, and what was counted."""

    recognizer: Recognizer
    left: float
    at_ns: int
    number: int = 0
    total: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    folded: dict[str, int] = field(default_factory=dict)
    malformed: int = 0


class Intake:
    """Decides over messages of all senders."""

    def __init__(self, zone_of: Callable[[str], tzinfo], *, proxies: Proxies = UNDECLARED) -> None:
        """`zone_of` gives the zone of a sender's times that name none; `proxies` are those whose word is taken."""
        self._zone_of = zone_of
        self._proxies = proxies
        self._sources: OrderedDict[str, Source] = OrderedDict()
        self._window_ns: int | None = None
        self._forgotten = dict.fromkeys(_COUNTED, 0)

    def take(self, address: str, message: bytes, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """The events of one message; none when it is only counted."""
        source = self._source(address, mono_ns)
        if not _has_share(source, mono_ns):
            source.total["over_share"] += 1
            source.folded["over_share"] = source.folded.get("over_share", 0) + 1
            return
        source.number += 1
        key = f"{address}:{mono_ns}:{source.number}:".encode() + message
        for found in source.recognizer.recognize(message, key=key, now_ns=wall_ns, mono_ns=mono_ns):
            outcome = _outcome(found)
            source.total[outcome] += 1
            if outcome == "malformed":
                source.malformed += 1
                if source.malformed > RAW_MALFORMED:
                    source.folded[outcome] = source.folded.get(outcome, 0) + 1
                    continue
            yield _timed(found.event, address, wall_ns)

    def fold(self, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """When a window is over: what was counted in it, one event per sender and reason. To be called often."""
        if self._window_ns is None:
            self._window_ns = mono_ns
        if mono_ns - self._window_ns < WINDOW_NS:
            return
        self._window_ns = mono_ns
        for address, source in self._sources.items():
            for reason, count in source.folded.items():
                yield _folded(address, reason, count, wall_ns=wall_ns, mono_ns=mono_ns)
            source.folded.clear()
            source.malformed = 0

    def counted(self) -> Iterator[Sample]:
        """Messages by sender and outcome since the start; those of senders that were forgotten under `other`."""
        for address, totals in (
            *((address, source.total) for address, source in self._sources.items()),
            ("other", self._forgotten),
        ):
            for outcome, count in totals.items():
                if count:
                    labels = (("outcome", outcome), ("source", address))
                    yield Sample("giamsat_agent_syslog_messages_total", float(count), labels)

    def _source(self, address: str, mono_ns: int) -> Source:
        source = self._sources.get(address)
        if source is not None:
            self._sources.move_to_end(address)
            return source
        if len(self._sources) >= SOURCES:
            _, oldest = self._sources.popitem(last=False)
            for outcome, count in oldest.total.items():
                self._forgotten[outcome] += count
        origin: dict[str, FieldValue] = {"event.provider": "syslog", "log.source.address": address}
        recognizer = Recognizer(zone=self._zone_of(address), origin=origin, proxies=self._proxies)
        source = Source(recognizer, BURST, mono_ns)
        self._sources[address] = source
        return source


def _has_share(source: Source, mono_ns: int) -> bool:
    earned = (mono_ns - source.at_ns) / SECOND_NS * MESSAGES_PER_S
    source.left = min(float(BURST), source.left + earned)
    source.at_ns = mono_ns
    if source.left < 1:
        return False
    source.left -= 1
    return True


def _outcome(found: Recognized) -> str:
    if found.parser is not None:
        return "understood"
    return "unknown" if "log.syslog.priority" in found.event.fields else "malformed"


def _timed(event: Event, address: str, wall_ns: int) -> Event:
    """The event with its sender's name where it gave none; a time that cannot be is kept beside the time of arrival."""
    fields = dict(event.fields)
    fields.setdefault("host.name", address)
    if "observer.vendor" in fields:
        fields.setdefault("observer.name", address)
    if -BEHIND_NS <= event.wall_ns - wall_ns <= AHEAD_NS:
        return Event(event.kind, event.wall_ns, event.mono_ns, fields)
    fields["giamsat.log.claimed_time_s"] = event.wall_ns // SECOND_NS
    return Event(event.kind, wall_ns, event.mono_ns, fields)


def _folded(address: str, reason: str, count: int, *, wall_ns: int, mono_ns: int) -> Event:
    said = {
        "malformed": f"{count} messages from {address} were no syslog and were only counted; see what sends them",
        "over_share": f"{count} messages from {address} were above its share and were only counted; lower what it logs",
    }
    fields: dict[str, FieldValue] = {
        "event.provider": "syslog",
        "event.reason": reason,
        "giamsat.folded.count": count,
        "host.name": address,
        "log.source.address": address,
        "message": said[reason],
        "source.ip": address,
    }
    return ecs.event("log-messages-folded", wall_ns=wall_ns, mono_ns=mono_ns, fields=fields)
