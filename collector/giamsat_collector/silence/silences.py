# SPDX-License-Identifier: Apache-2.0
"""Who is silent: log sources, agents, and what many of these have in common. Judged by the rules on absence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.fleet import Contact, Fleet
from giamsat_collector.own_host import SELF
from giamsat_collector.silence.outage import Away, Host, Outage, outages
from giamsat_rules.absence import AGENT, CENTRE, NO_LOGS, UNIT
from giamsat_rules.engine import Engine
from giamsat_rules.verdict import Subject, Verdict
from giamsat_wire import limits
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.record import Event

DEVICES: Final = 64
"""Silent devices of one agent that are remembered."""
DEVICE_HOSTS: Final = 256
"""Hosts behind one of them."""
LATELY_NS: Final = 1800 * 1_000_000_000
"""Who was silent for longer when a device fell did not fall with it."""
FALLS: Final = 3
"""How often in a day an agent is believed that a host fell with a device: it may tell so each time one is shut off."""
DAY_NS: Final = 86_400 * 1_000_000_000
DOWN, UP = "device-unreachable", "device-reachable"
SOURCES_PER_ASSET: Final = 32
"""Log sources of one asset whose silence is watched."""


class Places(Protocol):
    """Says how an asset is to be judged: by its unit, its system, and that one's level and pack. So for a unit's id."""

    def subject(self, asset: str, at_ns: int | None = None) -> Subject:
        """The asset as it stands now, or stood at a moment of event time."""
        ...


@dataclass(slots=True)
class Silences:
    """Judges silence. `outages` are the places that were cut off when this was last looked at.

    `behind_devices` are silent hosts that are reached through a device which does not answer, each with the agent that
    said so. `on_the_way` are, by agent, the silent devices on the way to a place that is cut off, each with that place.
    """

    places: Places
    fleet: Fleet
    outages: Mapping[str, Outage] = field(default_factory=dict)
    behind_devices: Mapping[str, str] = field(default_factory=dict)
    on_the_way: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _devices: dict[str, dict[str, tuple[int, tuple[str, ...]]]] = field(default_factory=dict)
    _falls: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _standing: dict[str, int] = field(default_factory=dict)
    _sources: dict[str, dict[str, int]] = field(default_factory=dict)

    def heard(self, asset: str, source: str, at_ns: int) -> None:
        """A log of an asset said something."""
        sources = self._sources.setdefault(asset, {})
        if source not in NO_LOGS and (source in sources or len(sources) < SOURCES_PER_ASSET):
            sources[source] = at_ns

    def device(self, agent: str, event: Event, at_ns: int) -> None:
        """An agent said of a device, perhaps, that it does not answer, or does again."""
        if event.kind not in (DOWN, UP):
            return
        name, hosts = str(event.fields.get("observer.name", "")), event.fields.get("giamsat.device.hosts")
        devices = self._devices.setdefault(agent, {})
        if event.kind == UP:
            devices.pop(name, None)
        elif len(devices) < DEVICES:
            devices[name] = (at_ns, hosts[:DEVICE_HOSTS] if isinstance(hosts, tuple) else ())

    def sources(self, asset: str) -> Mapping[str, int]:
        """The log sources of an asset, and when each was last heard."""
        return self._sources.get(asset, {})

    def judge(self, engine: Engine, now_ns: int) -> Iterator[Verdict]:
        """Judge what has not been heard, as of now: places first, so that what stands behind one finds its alert."""
        subjects = {contact.agent: self.places.subject(contact.agent) for contact in self.fleet}
        self.outages = outages(self._hosts(subjects), self._standing, now_ns)
        for place in sorted(self._standing.keys() | self.outages.keys()):
            heard, about = _told(self.outages.get(place))
            yield from engine.judge_presence(self._place(place), heard, now_ns, about)
        self._standing = {place: outage.since_ns for place, outage in self.outages.items()}
        self.behind_devices = dict(self._behind_devices(subjects, now_ns))
        self.on_the_way = dict(self._on_the_way())
        for contact in self.fleet:
            heard = {**self.sources(contact.agent), AGENT: self.fleet.quiet_since_ns(contact)}
            yield from engine.judge_presence(subjects[contact.agent], heard, now_ns)

    def resume(self, alert: Alert) -> None:
        """After a restart: what an open alert says is silent still is."""
        away = {group.group.get("observer.name"): group.last_ns for group in alert.groups if not group.over}
        for event in alert.evidence:
            name, hosts = str(event.get("observer.name")), event.get("giamsat.device.hosts")
            if event.get("event.action") == DOWN and name in away:
                told = tuple(map(str, hosts)) if isinstance(hosts, list) else ()
                self._devices.setdefault(alert.asset, {})[name] = (away[name], told)
        for group in alert.groups:
            silent = group.group.get("source")
            if silent == AGENT:
                self.fleet.still_silent(alert.asset)
            elif silent in NO_LOGS:
                self._standing[alert.asset] = group.first_ns
            elif silent is not None:
                self._sources.setdefault(alert.asset, {}).setdefault(silent, group.first_ns)

    @property
    def away(self) -> Away:
        """What is away as this was last looked at."""
        return Away(self.outages, self.behind_devices, self.on_the_way)

    def _hosts(self, subjects: Mapping[str, Subject]) -> Iterator[Host]:
        """Every agent that did not say goodbye: of those that did it is known that no line fell."""
        for contact in self.fleet:
            if contact.left is None:
                unit, period_ns = subjects[contact.agent].unit or "", int(contact.period_s * SECOND_NS)
                yield Host(contact.agent, unit, contact.heard_ns, self.fleet.quiet_since_ns(contact), period_ns)

    def _behind_devices(self, subjects: Mapping[str, Subject], now_ns: int) -> Iterator[tuple[str, str]]:
        """Who fell silent behind a device: an agent is believed of hosts of its own unit alone, and not of itself."""
        named: dict[tuple[str | None, str], list[tuple[str, int]]] = {}
        for agent, devices in self._devices.items():
            unit = subjects[agent].unit if agent in subjects else None
            for told_ns, names in devices.values() if unit else ():
                for name in names:
                    named.setdefault((unit, name), []).append((agent, told_ns))
        for contact in self.fleet if named else ():
            if self.fleet.stale(contact.agent):
                tellers = named.get((subjects[contact.agent].unit, contact.hostname), ())
                others = (agent for agent, told_ns in tellers if agent != contact.agent and _fell(contact, told_ns))
                teller = next((one for one in others if self._is_believed(one, contact, now_ns)), None)
                if teller is not None:
                    yield contact.agent, teller

    def _is_believed(self, teller: str, contact: Contact, now_ns: int) -> bool:
        """Whether an agent told of few enough falls of a host; a host that falls more often stands for itself."""
        key = teller, contact.agent
        falls = [at_ns for at_ns in self._falls.get(key, ()) if now_ns - at_ns < DAY_NS]
        known = contact.heard_ns in falls
        if not known and len(falls) < FALLS:
            falls.append(contact.heard_ns)
            known = True
        self._falls[key] = falls
        return known

    def _on_the_way(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Which silent devices fell with a place: hosts of it are reached through them, or it is their agent's own."""
        fallen = {
            place: [contact for contact in self.fleet if contact.agent in outage.hosts]
            for place, outage in self.outages.items()
            if place != SELF
        }
        for agent, devices in self._devices.items() if fallen else ():
            yield (
                agent,
                {
                    name: place
                    for name, (told_ns, hosts) in devices.items()
                    for place, those in fallen.items()
                    if any(_fell(one, told_ns) for one in those if one.agent == agent or one.hostname in hosts)
                },
            )

    def _place(self, place: str) -> Subject:
        """A place as rules see it; the centre is judged as its strictest host is, so that the cause is told first."""
        subject = self.places.subject(place)
        return replace(subject, level=None) if place == SELF else subject


def _fell(contact: Contact, told_ns: int) -> bool:
    """Whether a silent host fell with a device that was told of then: not long before, nor heard after that."""
    patience_ns = int(limits.STALE_PERIODS * contact.period_s * SECOND_NS)
    return -patience_ns <= told_ns - contact.heard_ns <= LATELY_NS


def _told(outage: Outage | None) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Since when a place is silent, and how much stands behind it; nothing of one that is heard again."""
    if outage is None:
        return {}, {}
    about = {"giamsat.silent.hosts": len(outage.hosts), "giamsat.silent.units": len(outage.units)}
    return {CENTRE if outage.place == SELF else UNIT: outage.since_ns}, about
