# SPDX-License-Identifier: Apache-2.0
"""One device asked once: what it is, and its figures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from giamsat_agent.devices import profile as profiles
from giamsat_agent.devices.errors import RefusedError, SilentError
from giamsat_agent.devices.profile import Clue, Profile
from giamsat_agent.devices.tables import SYSTEM, WALKED, Metric, Value, metrics, text


class Asked(Protocol):
    """A device that answers."""

    address: str

    def get(self, oids: Iterable[str]) -> Mapping[str, Value]:
        """The objects it has, of these."""
        ...

    def walk(self, oid: str) -> Iterator[tuple[str, Value]]:
        """Every object below one."""
        ...


@dataclass(frozen=True, slots=True)
class Polled:
    """What a device said. What it did not say is empty; `errors` are (object, reason)."""

    address: str
    os: str
    vendor: str
    hardware: str
    version: str
    serial: str
    object_id: str
    metrics: Sequence[Metric]
    errors: Sequence[tuple[str, str]]

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
            "metrics": [
                {"name": one.name, "labels": dict(one.labels), "value": one.value, "type": one.type}
                for one in self.metrics
            ],
            "errors": [{"oid": oid, "reason": reason} for oid, reason in self.errors],
        }


def poll(device: Asked) -> Polled:
    """Ask a device what it is, then for its figures; a table it does not answer for stops none of the others.

    Raises:
        SilentError, RefusedError: it did not even say what it is.
    """
    system = device.get(SYSTEM.values())
    object_id, description = _dotted(system.get(SYSTEM["sysObjectID"])), text(system.get(SYSTEM["sysDescr"]))
    known = profiles.choose(object_id, description)
    errors: list[tuple[str, str]] = []
    facts = _asked(device, known.oids, errors) if known else {}
    rows: dict[str, Value] = {}
    for table in WALKED:
        try:
            rows.update(device.walk(table))
        except (SilentError, RefusedError) as error:
            errors.append((table, str(error)))
    return Polled(
        address=device.address,
        os=known.os if known else "",
        vendor=known.vendor if known else "",
        hardware=_first(known.hardware, facts, description) if known else "",
        version=_first(known.version, facts, description) if known else "",
        serial=_first(known.serial, facts, description) if known else "",
        object_id=object_id,
        metrics=(*_system(system), *_own(known, facts), *metrics(rows)),
        errors=errors,
    )


def _asked(device: Asked, oids: Sequence[str], errors: list[tuple[str, str]]) -> Mapping[str, Value]:
    try:
        return device.get(oids)
    except (SilentError, RefusedError) as error:
        errors.append((oids[0], str(error)))
        return {}


def _first(clues: Sequence[Clue], facts: Mapping[str, Value], description: str) -> str:
    for clue in clues:
        if clue.pattern is not None and (found := clue.pattern.search(description)):
            return (found[1] if found.groups() else found[0]).strip()
        if clue.oid and (said := text(facts.get(clue.oid))):
            return said
    return ""


def _system(system: Mapping[str, Value]) -> Iterator[Metric]:
    ticks = system.get(SYSTEM["sysUpTime"])
    if isinstance(ticks, int):
        yield Metric("sysUpTime", (), float(ticks), "gauge")


def _own(known: Profile | None, facts: Mapping[str, Value]) -> Iterator[Metric]:
    for name, oid in known.scalars.items() if known else ():
        value = facts.get(oid)
        if isinstance(value, int | float):
            yield Metric(name, (), float(value), "gauge")


def _dotted(value: Value) -> str:
    said = text(value)
    return f".{said.lstrip('.')}" if said else ""
