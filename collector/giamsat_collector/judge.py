# SPDX-License-Identifier: Apache-2.0
"""What committed frames mean: decoded, placed in time, judged. No rows, no sockets; the pipeline around it has those.

Judging the same frames in the same order gives the same verdicts, so after a restart the windows of the rules are
rebuilt by judging again what they still hold.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from giamsat_collector.alerts import evidence
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.availability.minutes import NAMES, Seen
from giamsat_collector.availability.probe_results import told_of
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import LATE_NS
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.first_seen_memory import FirstSeenMemory
from giamsat_collector.fleet import Fleet
from giamsat_collector.indicators.contact import Indicators, sent
from giamsat_collector.ingest import claims, notices
from giamsat_collector.ingest.frames import CARRIED, StoredFrame
from giamsat_collector.readings.asking import Asking
from giamsat_collector.readings.chains import Chains, Opened
from giamsat_collector.readings.stretch import Part
from giamsat_collector.sightings import sighting
from giamsat_collector.sightings.sighting import Sighting
from giamsat_collector.silence.silences import Places, Silences
from giamsat_collector.traffic import minute
from giamsat_collector.traffic.minute import Minute
from giamsat_rules.engine import Engine
from giamsat_rules.verdict import Occurrence, Verdict
from giamsat_wire import source
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import Happenings, Readings, decode
from giamsat_wire.errors import ChainError, MalformedError
from giamsat_wire.record import Columns, Event, FieldValue, Loss
from giamsat_wire.source import Counts

log = structlog.get_logger()
_READ: Final = NAMES | source.NAMES
"""Metrics that are read here, whatever the rules ask."""
KEPT_ONLY: Final = frozenset({evidence.KIND, minute.KIND})
"""Events that are kept and not judged."""
JOURNAL: Final = "journald"
"""The provider of events out of the one log that is not a file."""


@dataclass(slots=True)
class Judged:
    """What came of one frame. `poison` says why it could not be read; `loss` is a loss it declares.

    `forged` is another agent than its sender that one of its events names. `evidence` is not judged, only kept; `seen`
    is what checks told of minutes. `sighted` are hosts of networks, `flows` who talked with whom there; `malformed`
    counts events that were to tell of such and do not. `told` are its agent's counts by source, `received` the events
    of each that came.
    """

    verdicts: tuple[Verdict, ...] = ()
    forged: str | None = None
    poison: str | None = None
    loss: Loss | None = None
    evidence: tuple[Event, ...] = ()
    seen: tuple[Seen, ...] = ()
    sighted: tuple[Sighting, ...] = ()
    flows: tuple[Minute, ...] = ()
    malformed: int = 0
    told: Mapping[str, Counts] = field(default_factory=dict)
    received: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Judge:
    """Decodes frames and asks the engine; keeps the newest readings of every host."""

    engine: Engine
    places: Places
    pages: HostPages
    fleet: Fleet
    indicators: Indicators = field(default_factory=Indicators)
    broken_chains_total: int = 0
    late_total: int = 0
    clamped_total: int = 0
    checked: set[str] = field(default_factory=set)
    """Assets that have checks: only those have minutes."""
    flows_seen: dict[str, int] = field(default_factory=dict)
    """When each sensor last told of a minute's flows."""
    first_seen_memory: FirstSeenMemory = field(default_factory=FirstSeenMemory)
    silences: Silences = field(init=False)
    _chains: Chains = field(init=False)
    _asking: Asking = field(init=False)

    def __post_init__(self) -> None:
        """Silence is judged by the same rules, and of readings what they look at."""
        self.silences = Silences(self.places, self.fleet)
        self._chains = Chains(self.engine.metric_names | _READ)
        self._asking = Asking(self.places)
        self.first_seen_memory.follow(self.engine.memory[2])

    def frames(self, batch: Sequence[StoredFrame]) -> list[Judged]:
        """Judge frames, one after the other; `chains.FRAMES_AT_ONCE` at most are read together."""
        opened = self._chains.opened(batch)
        self._asking.ask(self.engine, batch, opened)
        return list(map(self._frame, batch, opened))

    def frame(self, stored: StoredFrame) -> Judged:
        """Judge one frame."""
        return self.frames((stored,))[0]

    def _frame(self, stored: StoredFrame, opened: Opened) -> Judged:
        """Judge what a frame holds. One that cannot be judged, for whatever reason, is poison; others are judged."""
        try:
            return self._judged(stored, opened)
        except ChainError:
            self.broken_chains_total += 1
            return Judged()
        except MalformedError as error:
            poison = str(error)
        except Exception as error:  # read again after each start, it would stop all judging for ever
            log.exception("frame_not_judged", agent=stored.agent, frame=stored.id)
            poison = f"judging it failed: {type(error).__name__}"
        self.pages.forget(stored.agent)
        return Judged(poison=poison)

    def _judged(self, stored: StoredFrame, opened: Opened) -> Judged:
        match opened.content:
            case Exception() as error:
                raise error
            case Readings() as decoded:
                tells = stored.agent in self.checked or not NAMES.isdisjoint(opened.types)
                period_s, counts = self.fleet.period_s(stored.agent), source.EVENTS in opened.types
                return Judged(
                    tuple(self._readings(stored, decoded.sets, opened)),
                    seen=told_of(stored, decoded.sets, period_s=period_s, checked=self.checked) if tells else (),
                    told=source.counts(decoded.sets[-1]) if decoded.sets and counts else {},
                )
            case Happenings() as decoded:
                return self._happened(stored, decoded)
            case Loss() as decoded:
                return Judged(loss=decoded)

    def _happened(self, stored: StoredFrame, decoded: Happenings) -> Judged:
        """What came of events; most kinds of them are for the rules alone."""
        kinds = {event.kind for event in decoded.events}
        traffic = () if kinds.isdisjoint(_TELLING) else tuple(_traffic(stored, decoded))
        if not stored.flags & CARRIED and any(isinstance(one, Minute) for one in traffic):
            self.flows_seen[stored.agent] = stored.received_ns
        return Judged(
            (*self._happenings(stored, decoded), *(self._contacts(stored, decoded, traffic) if traffic else ())),
            forged=self._forged(stored, decoded),
            evidence=tuple([event for event in decoded.events if event.kind == evidence.KIND]),
            sighted=tuple([one for one in traffic if isinstance(one, Sighting)]),
            flows=tuple([one for one in traffic if isinstance(one, Minute)]),
            malformed=traffic.count(None),
            received=_received(stored, decoded),
        )

    def _forged(self, stored: StoredFrame, decoded: Happenings) -> str | None:
        """Who else than its sender an event claims to come from."""
        if stored.epoch == notices.EPOCH:
            return None
        agent, at_ns = stored.agent, stored.received_ns
        return claims.in_events(decoded.events, agent, lambda: self.places.subject(agent, at_ns).unit)

    def received(self, stored: StoredFrame) -> Mapping[str, int]:
        """The events of each source in a frame, which is not judged."""
        try:
            decoded = decode(stored.flags, stored.payload, ChainDecoder(()))
        except (ChainError, MalformedError):
            return {}
        return _received(stored, decoded) if isinstance(decoded, Happenings) else {}

    def follow(self, engine: Engine) -> None:
        """Judge by another engine from now on; it goes on with what the one before it remembers."""
        engine.remember(self.engine)
        self.engine = engine
        self._chains.want(engine.metric_names | _READ)
        self.first_seen_memory.follow(engine.memory[2])

    def silence(self, now_ns: int) -> tuple[Verdict, ...]:
        """Judge what has not been heard, as of now, and what no further event can undo any more."""
        return (*self.engine.settle(now_ns - LATE_NS), *self.silences.judge(self.engine, now_ns))

    def resume(self, open_alerts: Iterable[Alert]) -> None:
        """After a restart: what is an open alert already is not raised again, and who was silent still is."""
        for alert in open_alerts:
            subject = self.places.subject(alert.asset)
            self.engine.resume(subject, alert.rule, alert.groups)
            self.silences.resume(alert)

    def _readings(self, stored: StoredFrame, sets: Sequence[Columns], opened: Opened) -> Iterator[Verdict]:
        asked = sets.asked if isinstance(sets, Part) else None
        if isinstance(sets, Part) and asked is not None:
            self.late_total += sum([stored.received_ns - at_ns > LATE_NS for at_ns in asked.at_ns[sets.its]])
            yield from self.engine.judge_held(asked, sets.first, sets.until)
        for reading in sets if asked is None else ():
            when = stored.when(reading.wall_ns)
            self.late_total += when.late
            self.clamped_total += when.clamped
            if not when.clamped:
                corrected = reading if when.at_ns == reading.wall_ns else replace(reading, wall_ns=when.at_ns)
                yield from self.engine.judge_samples(self.places.subject(stored.agent, when.at_ns), corrected)
        if sets and not stored.flags & CARRIED:
            self.pages.update(
                stored.agent,
                opened.samples,
                opened.types,
                received_ns=stored.received_ns,
                period_s=self.fleet.period_s(stored.agent),
            )

    def _happenings(self, stored: StoredFrame, decoded: Happenings) -> Iterator[Verdict]:
        if not stored.flags & CARRIED:
            self._heard(stored, decoded)
        for index, event in enumerate(decoded.events):
            if event.kind in KEPT_ONLY:
                continue
            at_ns, late, clamped = stored.when(event.wall_ns)
            self.late_total += late
            self.clamped_total += clamped
            subject = self.places.subject(stored.agent, at_ns)
            fields = self.indicators.told(_fields(event, stored), at_ns)
            yield from self.engine.judge(Occurrence(subject, at_ns, fields, late, clamped, (stored.id << 10) | index))

    def _contacts(
        self, stored: StoredFrame, decoded: Happenings, traffic: Sequence[Sighting | Minute | None]
    ) -> Iterator[Verdict]:
        """Flows with what is known to be evil are events, each of the minute that tells it."""
        telling = ((index, event) for index, event in enumerate(decoded.events) if event.kind in _TELLING)
        for (index, event), one in zip(telling, traffic, strict=True):
            for fields in self.indicators.flows(one) if isinstance(one, Minute) else ():
                when = stored.when(event.wall_ns)
                yield from self.engine.judge(
                    Occurrence(
                        subject=self.places.subject(stored.agent, when.at_ns),
                        at_ns=when.at_ns,
                        fields={**fields, "agent.id": stored.agent},
                        late=when.late,
                        clamped=when.clamped,
                        ref=(stored.id << 10) | index,
                    )
                )

    def _heard(self, stored: StoredFrame, decoded: Happenings) -> None:
        """Note which logs said something now, and which devices were spoken of."""
        for log_source in dict.fromkeys(map(_log_source, decoded.events)):
            if isinstance(log_source, str):
                self.silences.heard(stored.agent, log_source, stored.received_ns)
        for event in decoded.events:
            self.silences.device(stored.agent, event, stored.received_ns)


def _log_source(event: Event) -> FieldValue | None:
    """The log an event was read from; None for what is in none."""
    path = event.fields.get("log.file.path")
    return JOURNAL if path is None and event.fields.get("event.provider") == JOURNAL else path


def _received(stored: StoredFrame, decoded: Happenings) -> Mapping[str, int]:
    """The events of each source; what the collector itself noticed is none."""
    return {} if stored.epoch == notices.EPOCH else Counter(map(source.source_of, decoded.events))


def _traffic(stored: StoredFrame, decoded: Happenings) -> Iterator[Sighting | Minute | None]:
    """The hosts and flows the events tell of; None for one that is not what it should be.

    What a clock out of order says of time is not believed.
    """
    for event in decoded.events:
        told = _TELLING.get(event.kind)
        if told is not None:
            when = stored.when(event.wall_ns)
            try:
                yield told(stored.agent, event, stored.received_ns if when.clamped else when.at_ns)
            except RefusedError:
                yield None


_TELLING: Final[Mapping[str, Callable[[str, Event, int], Sighting | Minute]]] = {
    sighting.KIND: sighting.told,
    minute.KIND: minute.told,
}


def _fields(event: Event, stored: StoredFrame) -> Mapping[str, FieldValue]:
    """The event's fields as rules and people see them: who sent it, and what lists say, is never taken from it."""
    said = event.fields if stored.epoch == notices.EPOCH else claims.without(sent(event.fields))
    fields = {**said, "event.action": event.kind, "agent.id": stored.agent}
    if fields.get("event.provider") == notices.PROVIDER and stored.epoch != notices.EPOCH:
        fields["event.provider"] = "agent"
    return fields
