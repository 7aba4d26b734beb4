# SPDX-License-Identifier: Apache-2.0
"""What is kept, held against lists that came later: who had to do with an entry before anybody knew of it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import instant
from giamsat_collector.indicators.contact import ROLE, WHO, Indicators, sent
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.traffic import minute
from giamsat_rules.rule import Fields
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import Happenings, decode
from giamsat_wire.errors import MalformedError

MOST: Final = 10_000
"""Different finds that are kept; what is beyond is counted."""
_NAMED: Final = ("threat.indicator.name", "threat.feed.name", ROLE, WHO)


class Key(NamedTuple):
    """What makes a find one: an entry of a list, who of ours had to do with it, how, and who saw it."""

    indicator: str
    feed: str
    role: str
    who: str
    asset: str


@dataclass(slots=True)
class Find:
    """Events of one kind: how many, and the times of the first and the last (UNIX nanoseconds)."""

    count: int
    first_ns: int
    last_ns: int


@dataclass(slots=True)
class Hunt:
    """Looks through frames. `unread` cannot be read; `beyond` are events for whose find there was no room."""

    indicators: Indicators
    finds: dict[Key, Find] = field(default_factory=dict)
    frames: int = 0
    unread: int = 0
    beyond: int = 0

    def look(self, frame: StoredFrame) -> None:
        """Look through one."""
        self.frames += 1
        try:
            decoded = decode(frame.flags, frame.payload, ChainDecoder(()))
        except MalformedError:
            self.unread += 1
            return
        for fields, at_ns in _events(self.indicators, frame, decoded) if isinstance(decoded, Happenings) else ():
            self._note(frame.agent, fields, at_ns)

    def found(self) -> Iterator[dict[str, Any]]:
        """The finds as JSON, the newest first."""
        for key, find in sorted(self.finds.items(), key=lambda one: (-one[1].last_ns, one[0])):
            times = {"first": instant(find.first_ns), "last": instant(find.last_ns)}
            yield {**key._asdict(), "count": find.count, **times}

    def _note(self, asset: str, fields: Fields, at_ns: int) -> None:
        indicator, feed, role, who = (str(fields[name]) for name in _NAMED)
        key = Key(indicator, feed, role, who, asset)
        find = self.finds.get(key)
        if find is not None:
            find.count += 1
            find.first_ns, find.last_ns = min(find.first_ns, at_ns), max(find.last_ns, at_ns)
        elif len(self.finds) < MOST:
            self.finds[key] = Find(1, at_ns, at_ns)
        else:
            self.beyond += 1


def _events(indicators: Indicators, frame: StoredFrame, decoded: Happenings) -> Iterable[tuple[Mapping[str, Any], int]]:
    """What met an entry, and when."""
    for event in decoded.events:
        at_ns = frame.when(event.wall_ns).at_ns
        if event.kind == minute.KIND:
            try:
                told = minute.told(frame.agent, event, at_ns)
            except RefusedError:
                continue
            yield from ((fields, told.end_ns) for fields in indicators.flows(told))
        else:
            fields = sent({**event.fields, "agent.id": frame.agent})
            met = indicators.told(fields, at_ns)
            if met is not fields:
                yield met, at_ns
