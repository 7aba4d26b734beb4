# SPDX-License-Identifier: Apache-2.0
"""What the page prints on which units are merged or end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice
from giamsat_collector.registry.changing import Step
from giamsat_collector.registry.preview import Leaving, Preview
from giamsat_collector.registry.record import System, Unit
from giamsat_collector.registry.reform import END, MERGE
from giamsat_collector.registry.sheet import Problem
from giamsat_collector.registry.snapshot import Registry
from giamsat_wire.clock import SECOND_NS

FIELDS: Final = ("operation", "units", "into", "name", "effective", "document")
OPERATIONS: Final = {MERGE: "Sáp nhập vào một đơn vị", END: "Giải thể, không có đơn vị kế thừa"}
CELLS: Final = {
    "effective": "Từ ngày",
    "id": "Đơn vị thôi hoạt động",
    "to": "Đơn vị kế thừa",
    "code": "Mã của đơn vị kế thừa",
    "name_vi": "Tên của đơn vị kế thừa",
}
"""What the form calls what is a column where units are imported from a file."""
NAMES: Final = {"valid_to": "ngày cuối", "successor": "đơn vị kế thừa", "name": "tên", "unit": "đơn vị"}
TOLD: Final = {"enrolment": "ghi danh máy", "import": "nhập sổ"}
"""What the register itself calls what was written into it; all else is in the words of who wrote it."""
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


def view(
    said: Mapping[str, str],
    preview: Preview,
    book: Sequence[Mapping[str, Any]],
    registry: Registry,
    reader: Reader,
    *,
    done: bool = False,
) -> UnitsView:
    """The page; the preview is empty before anything was asked for."""
    going, plan, seen = preview.leaving, preview.plan, preview.mark
    steps = [_step(step, registry.units, registry.systems, reader) for step in plan.steps]
    return UnitsView(
        said={name: said.get(name, "") for name in FIELDS},
        operations=tuple(
            Choice(reader.text(text), "", code, code == said.get("operation", MERGE))
            for code, text in OPERATIONS.items()
        ),
        units=tuple((unit.id, words.visible(unit.name)) for unit in registry.units.values()),
        problems=tuple(words.visible(_problem(one, reader)) for one in plan.problems),
        summary=_summary(going, reader) if seen else "",
        moved=tuple(map(_moved, going)) if seen else (),
        steps=tuple(steps[:SHOWN]) if seen else (),
        more=reader.text("và {number} thay đổi nữa", number=reader.number(len(steps) - SHOWN))
        if seen and len(steps) > SHOWN
        else "",
        seen=seen,
        book=tuple(_told(row, reader) for row in book),
        done=done,
    )


def _problem(one: Problem, reader: Reader) -> str:
    return f"{reader.text(CELLS.get(one.field, one.field))}: {reader.said(one.text)}"


def _moved(one: Leaving) -> Moved:
    return Moved(
        unit=one.unit,
        name=words.visible(one.name),
        systems=tuple(words.visible(system.name) for system in one.systems),
        hosts=tuple(words.visible(asset.name) for asset in one.assets),
    )


def _summary(going: Sequence[Leaving], reader: Reader) -> str:
    return reader.text(
        "{number} đơn vị thôi hoạt động; {systems} hệ thống và {hosts} máy chịu ảnh hưởng.",
        count=len(going),
        number=reader.number(len(going)),
        systems=reader.number(sum(len(one.systems) for one in going)),
        hosts=reader.number(sum(len(one.assets) for one in going)),
    )


def _step(step: Step, units: Mapping[str, Unit], systems: Mapping[str, System], reader: Reader) -> str:
    found = units.get(step.key.id) or systems.get(step.key.id)
    name = f"{found.name} ({step.key.id})" if found else step.key.id
    day = reader.day(datetime.fromtimestamp(step.from_ns / SECOND_NS, reader.zone))
    changed = "; ".join(
        f"{reader.text(NAMES.get(field, field))}: {step.before.get(field) or '—'} → {value or '—'}"
        for field, value in step.after.items()
    )
    return words.visible(f"{name}, {day}: {changed}")


def _told(row: Mapping[str, Any], reader: Reader) -> Told:
    return Told(
        at=reader.moment(row["told_ns"]) if row["told_ns"] else None,
        actor=words.visible(row["actor"] or "—"),
        what=reader.text(TOLD[row["what"]]) if row["what"] in TOLD else words.visible(row["what"]),
        document=words.visible(row["document"] or "—"),
        facts=reader.number(row["facts"]),
    )
