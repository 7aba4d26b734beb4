# SPDX-License-Identifier: Apache-2.0
"""The register of overrides: what each changes, for whom, by which document, until when; whether it asks for less."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.registry.snapshot import Registry
from giamsat_rules.level import Profile, Setting
from giamsat_rules.override import Override, Scope, weakens
from giamsat_rules.standards import Standards
from giamsat_rules.verdict import Subject


class Force(StrEnum):
    """Whether an override counts: now, not yet, no more; or whom it is for is not registered."""

    NOW = "now"
    TO_COME = "to_come"
    OVER = "over"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Change:
    """One step of an override beside what the levels say: the numbers before it, and whether it asks for less.

    `weaker` is None when it is for nobody who is registered.
    """

    step: Setting
    unit: str
    before: tuple[float, ...]
    weaker: bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One override as it stands. `systems` are those that are judged by it: of a host every one it belongs to."""

    override: Override
    force: Force
    systems: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def weaker(self) -> bool:
        """Whether it asks for less anywhere."""
        return any(change.weaker for change in self.changes)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a profile's hash stands for: pack and level, the hash without overrides, the overrides that counted."""

    pack: str
    level: int
    base: str
    overrides: tuple[Override, ...]

    def as_json(self) -> dict[str, Any]:
        """The shape that tools read."""
        signed = [
            {"override": one.name, one.scope.value: one.of, "document": one.document, "expires": one.last.isoformat()}
            for one in self.overrides
        ]
        return {"pack": self.pack, "level": self.level, "profile_of_level": self.base, "overrides": signed}


def measure(standards: Standards, registry: Registry, alert: Alert) -> Measure | None:
    """By what an alert was judged; None when that was by rules that are no longer in force, or a place of before."""
    for at_ns in (alert.last_ns, alert.first_ns):
        subject = registry.subject(alert.asset, at_ns)
        found = standards.profile_of(subject, at_ns)
        if found.hash == alert.profile:
            standing = standards.standing(subject, at_ns)
            return Measure(f"{found.pack} {found.version}", found.level, standards.base(subject).hash, standing)
    return None


def entries(standards: Standards, registry: Registry, at_ns: int) -> tuple[Entry, ...]:
    """Every override there is: those that count at a moment first, then the others, each by its last day."""
    found = [_entry(one, standards, registry, at_ns) for one in standards.overrides]
    rank = list(Force)
    return tuple(sorted(found, key=lambda one: (rank.index(one.force), one.override.last, one.override.name)))


def system_subject(system: str, registry: Registry) -> Subject:
    """A system as its hosts are judged, when there is nothing of their own."""
    one = registry.systems[system]
    return Subject("", one.level, one.unit, one.id, one.pack)


def easings(
    standards: Standards, whole: Subject, judged: Iterable[Subject], at_ns: int
) -> Iterator[tuple[Override, Setting]]:
    """The steps that ask for less than the level of a system does, each once, with the override they stand in.

    `whole` is the system, `judged` are its hosts as they are judged, be it by another of their systems.
    """
    told: set[tuple[str, str]] = set()
    base, declared = standards.base(whole), standards.pack(whole.pack).declared
    for subject in (whole, *judged):
        for one in standards.standing(subject, at_ns):
            for step in one.settings:
                if (one.name, step.name) not in told and weakens(step, base, declared):
                    told.add((one.name, step.name))
                    yield one, step


def as_json(entry: Entry) -> dict[str, Any]:
    """The shape that tools read."""
    one = entry.override
    return {
        "override": one.name,
        "force": entry.force.value,
        one.scope.value: one.of,
        "owner": one.owner,
        "document": one.document,
        "reason": one.reason,
        "from": one.first.isoformat() if one.first else None,
        "expires": one.last.isoformat(),
        "weaker": entry.weaker,
        "systems": list(entry.systems),
        "changes": [
            {
                "what": change.step.what,
                "name": change.step.name,
                "before": list(change.before),
                "after": change.step.value,
                "unit": change.unit,
                "weaker": change.weaker,
            }
            for change in entry.changes
        ],
        "origin": str(one.origin),
    }


def _entry(one: Override, standards: Standards, registry: Registry, at_ns: int) -> Entry:
    begins, ends = one.span_ns(standards.zone)
    subjects = tuple(_subjects(one, registry))
    if at_ns >= ends:
        force = Force.OVER
    elif not subjects:
        force = Force.NOBODY
    else:
        force = Force.NOW if at_ns >= begins else Force.TO_COME
    pairs = {standards.base(subject).hash: subject for subject in subjects}.values()
    changes = tuple(_change(step, [(standards.base(each), each) for each in pairs], standards) for step in one.settings)
    named = {subject.system for subject in subjects if subject.system}
    systems = sorted(named.union(*(registry.systems_of(subject.asset) for subject in subjects)))
    return Entry(one, force, tuple(systems), changes)


def _change(step: Setting, bases: list[tuple[Profile, Subject]], standards: Standards) -> Change:
    declared = {name: one for pack in standards.packs.values() for name, one in pack.declared.items()}
    before = sorted({base.values[step.name] for base, _ in bases if step.name in base.values})
    weaker = any(weakens(step, base, standards.pack(subject.pack).declared) for base, subject in bases)
    unit = declared[step.name].unit if step.name in declared else ""
    return Change(step, unit, tuple(before), weaker if bases else None)


def _subjects(one: Override, registry: Registry) -> Iterator[Subject]:
    """Whom an override is for, as they are judged."""
    if one.scope is Scope.SYSTEM:
        if one.of in registry.systems:
            yield system_subject(one.of, registry)
        return
    if one.scope is Scope.UNIT:
        yield from (system_subject(each.id, registry) for each in registry.systems.values() if each.unit == one.of)
    for place in registry:
        if one.of == (place.unit if one.scope is Scope.UNIT else place.asset):
            yield registry.subject(place.asset)
