# SPDX-License-Identifier: Apache-2.0
"""What the page prints on which units are merged or end."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice
from giamsat_collector.registry.changing import NS, Step
from giamsat_collector.registry.intake import Plan
from giamsat_collector.registry.record import System, Unit
from giamsat_collector.registry.reform import END, MERGE
from giamsat_collector.registry.snapshot import Registry

FIELDS: Final = ("operation", "units", "into", "name", "effective", "document")
OPERATIONS: Final = {MERGE: "Sáp nhập vào một đơn vị", END: "Giải thể, không có đơn vị kế thừa"}
NAMES: Final = {"valid_to": "ngày cuối", "successor": "đơn vị kế thừa", "name": "tên", "unit": "đơn vị"}
SHOWN: Final = 200
"""Steps, systems and hosts that are named; how many there are is said."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A unit that ends, with what moves out of it or ends with it."""

    unit: str
    name: str
    systems: tuple[str, ...]
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the registry's book."""

    at: Moment | None
    actor: str
    what: str
    document: str
    facts: str


@dataclass(frozen=True, slots=True)
class UnitsView:
    """The form, what it would do, and what the registry was told last.

    `seen` is the mark of what is shown: only that can be carried out. It is empty where nothing can.
    """

    said: Mapping[str, str]
    operations: tuple[Choice, ...]
    units: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
    summary: str
    moved: tuple[Moved, ...]
    steps: tuple[str, ...]
    more: str
    seen: str
    book: tuple[Told, ...]
    done: bool


def mark(plan: Plan) -> str:
    """What tells a plan from every other one."""
    said = [(fact.key.kind.value, fact.key.id, fact.from_ns, sorted(fact.fields.items())) for fact in plan.facts]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def moved(units: Iterable[str], registry: Registry) -> tuple[Moved, ...]:
    """The units that end, with their systems and hosts as they stand now."""
    return tuple(
        Moved(
            unit=unit,
            name=words.visible(registry.named(unit)),
            systems=tuple(words.visible(one.name) for one in registry.systems.values() if one.unit == unit),
            hosts=tuple(words.visible(one.name) for one in registry if one.unit == unit),
        )
        for unit in units
    )


def view(
    said: Mapping[str, str],
    planned: tuple[Sequence[str], Plan] | None,
    book: Sequence[Mapping[str, Any]],
    registry: Registry,
    reader: Reader,
    *,
    done: bool = False,
) -> UnitsView:
    """The page; `planned` are the units that would end and what would be done, None before anything was asked for."""
    units, plan = planned or ((), Plan())
    going = moved(units, registry)
    steps = [_step(step, registry.units, registry.systems, reader) for step in plan.steps]
    fits = bool(plan.facts) and not plan.problems
    return UnitsView(
        said={name: said.get(name, "") for name in FIELDS},
        operations=tuple(
            Choice(reader.text(text), "", code, code == said.get("operation", MERGE))
            for code, text in OPERATIONS.items()
        ),
        units=tuple((unit.id, words.visible(unit.name)) for unit in registry.units.values()),
        problems=tuple(words.visible(f"{one.field}: {one.text}") for one in plan.problems),
        summary=_summary(going, reader) if fits else "",
        moved=going if fits else (),
        steps=tuple(steps[:SHOWN]) if fits else (),
        more=reader.text("và {number} thay đổi nữa", number=reader.number(len(steps) - SHOWN))
        if fits and len(steps) > SHOWN
        else "",
        seen=mark(plan) if fits else "",
        book=tuple(_told(row, reader) for row in book),
        done=done,
    )


def _summary(going: Sequence[Moved], reader: Reader) -> str:
    return reader.text(
        "{number} đơn vị thôi hoạt động; {systems} hệ thống và {hosts} máy chịu ảnh hưởng.",
        count=len(going),
        number=reader.number(len(going)),
        systems=reader.number(sum(len(one.systems) for one in going)),
        hosts=reader.number(sum(len(one.hosts) for one in going)),
    )


def _step(step: Step, units: Mapping[str, Unit], systems: Mapping[str, System], reader: Reader) -> str:
    found = units.get(step.key.id) or systems.get(step.key.id)
    name = f"{found.name} ({step.key.id})" if found else step.key.id
    day = f"{datetime.fromtimestamp(step.from_ns / NS, reader.zone):%d/%m/%Y}"
    changed = "; ".join(
        f"{reader.text(NAMES.get(field, field))}: {step.before.get(field) or '—'} → {value or '—'}"
        for field, value in step.after.items()
    )
    return words.visible(f"{name}, {day}: {changed}")


def _told(row: Mapping[str, Any], reader: Reader) -> Told:
    return Told(
        at=reader.moment(row["told_ns"]) if row["told_ns"] else None,
        actor=words.visible(row["actor"] or "—"),
        what=words.visible(row["what"]),
        document=words.visible(row["document"] or "—"),
        facts=reader.number(row["facts"]),
    )
