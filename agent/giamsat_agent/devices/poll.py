# SPDX-License-Identifier: Apache-2.0
"""One device asked once: what it is, and its figures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from giamsat_agent.devices import profile as profiles
from giamsat_agent.devices.mib import Naming, rows, scalars
from giamsat_agent.devices.profile import Clue, Profile
from giamsat_agent.devices.reader import Presence, Reader
from giamsat_agent.devices.reading import SYSTEM, Kind, Rows, Value, text
from giamsat_wire.record import Labels, Sample

PHYSICAL = ".1.3.6.1.2.1.47.1.1.1.1"
"""entPhysicalEntry of RFC 6933."""
PHYSICAL_CLASS = f"{PHYSICAL}.5"
CHASSIS, STACK = 3, 11
PARTS = 200
"""Rows of entPhysicalTable in which a chassis is looked for: it stands among the first."""


class Asked(Protocol):
    """A device that answers."""

    address: str

    def get(self, oids: Iterable[str]) -> Mapping[str, Value]:
        """The objects it has, of these."""
        ...

    def has(self, oid: str) -> bool:
        """Whether there is anything below an object."""
        ...

    def walk(self, oid: str) -> Iterator[Rows]:
        """Every object below one, answer by answer."""
        ...


@dataclass(frozen=True, slots=True)
class Polled:
    """What a device said. What it did not say is empty; `errors` are (object, reason).

    `counters` are the names of figures that only grow.
    """

    address: str
    os: str
    vendor: str
    hardware: str
    version: str
    serial: str
    object_id: str
    metrics: Sequence[Sample]
    errors: Sequence[tuple[str, str]]
    description: str = ""
    name: str = ""
    counters: frozenset[str] = frozenset()

    def type(self, name: str) -> Kind:
        """What kind of figure one of a name is."""
        return "counter" if name in self.counters else "gauge"

    @property
    def uptime(self) -> float | None:
        """SysUpTime in hundredths of a second; None when the device did not say it."""
        return next((metric.value for metric in self.metrics if metric.name == "sysUpTime"), None)

    def as_json(self) -> dict[str, Any]:
        """The shape that tools read."""
        return {
            "address": self.address,
            "reachable": True,
            "os": self.os or None,
            "vendor": self.vendor or None,
            "hardware": self.hardware or None,
            "version": self.version or None,
            "serial": self.serial or None,
            "sysObjectID": self.object_id or None,
            "sysDescr": self.description or None,
            "sysName": self.name or None,
            "metrics": [
                {"name": one.name, "labels": dict(one.labels), "value": one.value, "type": self.type(one.name)}
                for one in self.metrics
            ],
            "errors": [{"oid": oid, "reason": reason} for oid, reason in self.errors],
        }


def poll(device: Asked, presence: Presence | None = None, about: Labels = ()) -> Polled:
    """Ask a device what it is, then for its figures; a table it does not answer for stops none of the others.

    `presence` is what is remembered of it between polls; `about` are labels that all its figures carry.

    Raises:
        SilentError, RefusedError: it did not even say what it is.
    """
    system = device.get(SYSTEM.values())
    object_id, description = _dotted(system.get(SYSTEM["sysObjectID"])), text(system.get(SYSTEM["sysDescr"]))
    reader = Reader(device, presence)
    answered = reader.answered(profiles.questions(object_id))
    known = profiles.choose(object_id, description, answered) or profiles.UNKNOWN
    facts = _facts(device, known, reader)
    mibs = reader.read(known)
    figures = list(_system(system, about))
    for mib in mibs:
        figures += scalars(mib.scalars, reader.columns, about)
    named: dict[Naming, dict[str, Labels]] = {}
    for mib in mibs:
        for table in mib.tables:
            figures += rows(table, reader.columns, about, named.setdefault(table.naming, {}))
    return Polled(
        address=device.address,
        os=known.os,
        vendor=profiles.called(_first(known.maker, facts, description))
        or known.vendor
        or profiles.maker(object_id, description),
        hardware=_first(known.hardware, facts, description),
        version=_first(known.version, facts, description),
        serial=_first(known.serial, facts, description),
        object_id=object_id,
        metrics=tuple(figures),
        errors=reader.errors,
        description=description,
        name=text(system.get(SYSTEM["sysName"])),
        counters=frozenset(chain.from_iterable(mib.counters for mib in mibs)),
    )


def _facts(device: Asked, known: Profile, reader: Reader) -> Mapping[str, Value]:
    """What the clues of a profile point at: objects, and columns of the chassis's row under their column's name."""
    wanted = {clue.oid: clue.oid for clue in known.clues if clue.oid}
    columns = {clue.chassis for clue in known.clues if clue.chassis}
    if columns:
        row = reader.tried(PHYSICAL_CLASS, lambda: _chassis(device), "") or "1"
        wanted |= {f"{PHYSICAL}.{column}.{row}": f"{PHYSICAL}.{column}" for column in columns}
    said: Mapping[str, Value] = reader.tried(known.os, lambda: device.get(wanted), {})
    return {wanted[oid]: value for oid, value in said.items() if oid in wanted}


def _chassis(device: Asked) -> str:
    """The index of the first chassis; of the stack when it names none; empty without either."""
    stack = ""
    for place, (index, value) in enumerate(chain.from_iterable(device.walk(PHYSICAL_CLASS))):
        if value == CHASSIS:
            return index
        if value == STACK and not stack:
            stack = index
        if place >= PARTS:
            break
    return stack


def _first(clues: Sequence[Clue], facts: Mapping[str, Value], description: str) -> str:
    for clue in clues:
        place = f"{PHYSICAL}.{clue.chassis}" if clue.chassis else clue.oid
        said = text(facts.get(place)) if place else description
        if said and (picked := clue.pick(said)):
            return picked
    return ""


def _system(system: Mapping[str, Value], about: Labels) -> Iterator[Sample]:
    ticks = system.get(SYSTEM["sysUpTime"])
    if isinstance(ticks, int):
        yield Sample("sysUpTime", float(ticks), about)


def _dotted(value: Value) -> str:
    said = text(value)
    return f".{said.lstrip('.')}" if said else ""
