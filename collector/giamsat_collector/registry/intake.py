# SPDX-License-Identifier: Apache-2.0
"""An import from first byte to last row: checked against the registry, shown as a difference, then done whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, tzinfo
from importlib import resources
from typing import Final, TypeVar

from sqlalchemy import Connection

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import changing, fact_ledger, importing, sheet
from giamsat_collector.registry.changing import Changes, Step
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.history import Fact, History, Kind, as_fields, key_of
from giamsat_collector.registry.importing import Read
from giamsat_collector.registry.record import PACK, Asset, System, Unit
from giamsat_collector.registry.sheet import CellError, Problem

Record = TypeVar("Record", Unit, System, Asset)
_OF_ITS_LIFE: Final = ("valid_from", "valid_to", "successor")
"""Fields of a unit or a system that an import says only where a cell is filled."""
BY_HAND: Final = Telling("", "import")


@dataclass(frozen=True, slots=True)
class Difference:
    """What an import would do to one kind of record, by id. Nothing is ever removed by an import."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole import: what it would do, and everything that stands in its way.

    `steps` are the records that change, field by field; `facts` are what is to be told.
    """

    units: Difference = field(default_factory=Difference)
    systems: Difference = field(default_factory=Difference)
    assets: Difference = field(default_factory=Difference)
    steps: tuple[Step, ...] = ()
    unchanged: int = 0
    facts: tuple[Fact, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """The bytes of a CSV file and the name it is called by in messages."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class When:
    """From when on an import holds: a day in a zone, or now for what changes and always for what is new."""

    now_ns: int = 0
    zone: tzinfo = UTC
    effective: str = ""

    @property
    def changed_ns(self) -> int:
        """From when on a known record is as the file says."""
        return self.start_ns(self.effective) if self.effective else self.now_ns

    def start_ns(self, day: str) -> int:
        """When a day begins; without one, always."""
        return changing.start_ns(day, self.zone) if day else 0


def plan(
    connection: Connection,
    *,
    units: File | None = None,
    systems: File | None = None,
    assets: File | None = None,
    changes: File | None = None,
    when: When | None = None,
    packs: Sequence[str] = (PACK,),
) -> Plan:
    """Check files against each other and the registry; nothing is written.

    `packs` are the level packs there are, that of a new system that names none first.
    """
    day = when or When()
    _must_be_a_day(day.effective)
    past = fact_ledger.known(connection)
    work = _Work(past, day, Changes(past, day.zone, packs), packs[0])
    found = {}
    if units:
        found[Kind.UNIT] = work.take(importing.read_units(units.data, units.name), units.name)
    if systems:
        read_systems = importing.read_systems(systems.data, systems.name, past.ids(Kind.UNIT), packs)
        found[Kind.SYSTEM] = work.take(read_systems, systems.name)
    if assets:
        known = past.ids(Kind.UNIT), past.ids(Kind.SYSTEM)
        found[Kind.ASSET] = work.take(importing.read_assets(assets.data, assets.name, *known), assets.name)
    steps, problems, unchanged = work.changes.steps, work.problems, 0
    if changes:
        lines = changing.read(changes.data, changes.name, Changes(past, day.zone, packs))
        steps, problems, unchanged = steps + lines.steps, problems + lines.problems, lines.unchanged
    return Plan(
        found.get(Kind.UNIT, Difference()),
        found.get(Kind.SYSTEM, Difference()),
        found.get(Kind.ASSET, Difference()),
        tuple(steps),
        unchanged,
        (*work.added, *(Fact(step.key, step.from_ns, step.after) for step in steps)),
        tuple(problems),
    )


def carry_out(connection: Connection, plan: Plan, at_ns: int, by: Telling = BY_HAND) -> None:
    """Do what a plan says.

    Raises:
        RefusedError: the plan has problems; nothing was written.
    """
    if plan.problems:
        raise RefusedError("\n".join(map(str, plan.problems)))
    if plan.facts:
        fact_ledger.tell(connection, by, plan.facts, at_ns)


def example_files() -> dict[str, File]:
    """The units of Nghệ An in 2023, and as many example systems as the province has real ones."""
    return {"units": _example("units.csv"), "systems": _example("systems.csv")}


def example_of_2025() -> dict[str, File]:
    """The communes of July 2025, and into which of them 412 of the communes of before were merged.

    Departments, districts and 48 communes that had ended earlier are left alone: their successors are not published
    beside these.
    """
    return {"units": _example("units-2025.csv"), "changes": _example("changes-2025.csv")}


def _example(name: str) -> File:
    return File(f"example/{name}", resources.files(__package__).joinpath("example", name).read_bytes())


def _must_be_a_day(effective: str) -> None:
    try:
        sheet.day({"effective": effective}, "effective")
    except CellError as refused:
        raise RefusedError("--effective: {said}", said=refused.text) from refused


@dataclass(slots=True)
class _Work:
    """Records that were read, held against the registry one kind after the other."""

    past: History
    when: When
    changes: Changes
    pack: str
    added: list[Fact] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, read: Read[Record], file: str) -> Difference:
        """What these records would do."""
        self.problems += read.problems
        known = {kind: self.past.ids(kind) for kind in Kind}
        added: list[str] = []
        changed: list[str] = []
        for line, record in zip(read.lines, read.records, strict=True):
            before = len(self.changes.steps)
            try:
                if record.id in known[key_of(record).kind]:
                    self._change(record)
                    changed += [record.id] * (len(self.changes.steps) > before)
                else:
                    self._add(record)
                    added.append(record.id)
            except CellError as refused:
                self.problems.append(Problem(file, line, refused.field, refused.text))
        return Difference(tuple(added), tuple(changed), len(read.records) - len(added) - len(changed))

    def _add(self, record: Unit | System | Asset) -> None:
        fields = as_fields(record)
        from_ns = self.when.start_ns(self.when.effective)
        if isinstance(record, Unit):
            fields |= {"valid_from": record.valid_from or self.when.effective, "valid_to": "", "successor": ""}
            from_ns = self.when.start_ns(fields["valid_from"])
        else:
            self._at_home(record.unit)
        if isinstance(record, System):
            fields["pack"] = record.pack or self.pack
        facts = [Fact(key_of(record), from_ns, fields), *self._end(record)]
        for fact in facts:
            self.past.add(fact)
        self.added += facts

    def _change(self, record: Unit | System | Asset) -> None:
        said = {name: value for name, value in as_fields(record).items() if name not in _OF_ITS_LIFE}
        if isinstance(record, Unit):
            said |= {"valid_from": record.valid_from} if record.valid_from else {}
        elif (self.past.fields(key_of(record), self.when.changed_ns) or {}).get("unit") != record.unit:
            self._at_home(record.unit)
        if isinstance(record, System) and not record.pack:
            del said["pack"]
        self.changes.become(key_of(record), self.when.changed_ns, said)
        for end in self._end(record):
            self.changes.become(end.key, end.from_ns, end.fields)

    def _end(self, record: Unit | System | Asset) -> Iterable[Fact]:
        """That a unit ends, when its row says so."""
        if isinstance(record, Unit) and record.valid_to:
            after = (date.fromisoformat(record.valid_to) + timedelta(days=1)).isoformat()
            ended = {"valid_to": record.valid_to, "successor": record.successor}
            yield Fact(key_of(record), self.when.start_ns(after), ended)

    def _at_home(self, unit: str) -> None:
        """Nothing begins in a unit that has ended, or does not stand yet."""
        found = self.past.unit(unit, self.when.changed_ns)
        if found is None:
            raise CellError("unit", "{unit} does not stand yet; say --effective with the day it begins", unit=unit)
        if found.valid_to:
            heir = self.past.heir(unit, self.when.changed_ns)
            whose = f"its successor is {heir}" if heir != unit else "nothing follows it"
            raise CellError(
                "unit", "{unit} ended on {valid_to}; {whose}", unit=unit, valid_to=found.valid_to, whose=whose
            )
