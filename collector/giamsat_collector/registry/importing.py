# SPDX-License-Identifier: Apache-2.0
"""Files of units, systems and assets into records: every problem named by file, line and field.

Reading the bytes is the caller's.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from giamsat_collector.registry import sheet
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.registry.sheet import CellError, Problem, Row
from giamsat_collector.sentence import Sentence

Record = TypeVar("Record", Unit, System, Asset)


@dataclass(frozen=True, slots=True)
class Read(Generic[Record]):
    """What a file holds, each record with its line, and everything that is wrong with it.

    Records are only good when there are no problems.
    """

    records: tuple[Record, ...]
    lines: tuple[int, ...]
    problems: tuple[Problem, ...]


def read_units(data: bytes, file: str) -> Read[Unit]:
    """Units: code,name_vi,kind and optionally parent_code, gso_code, valid_from, valid_to, successor.

    `valid_to` is the last day the unit stood.
    """

    def build(row: Row) -> Unit:
        valid_from, valid_to = sheet.day(row, "valid_from"), sheet.day(row, "valid_to")
        if valid_from and valid_to and valid_to < valid_from:
            raise CellError(
                "valid_to",
                "{last} is before {first}, its first day; correct one of them",
                last=valid_to,
                first=valid_from,
            )
        successor = sheet.short(row, "successor", sheet.ID_CHARACTERS)
        if successor and not valid_to:
            raise CellError("valid_to", "is empty, and there is a successor; say the last day the unit stood")
        return Unit(
            id=sheet.identity(row, "code"),
            name=sheet.name(row, "name_vi"),
            kind=UnitKind(sheet.one_of(row, "kind", [kind.value for kind in UnitKind])),
            parent=row.get("parent_code", ""),
            gso_code=sheet.short(row, "gso_code", 10),
            valid_from=valid_from,
            valid_to=valid_to,
            successor=successor,
        )

    optional = ("name_ascii", "parent_code", "gso_code", "valid_from", "valid_to", "successor")
    return _read(data, file, ("code", "name_vi", "kind"), optional, build)


def read_systems(data: bytes, file: str, units: Collection[str], packs: Collection[str]) -> Read[System]:
    """Systems: id,name,unit,level and optionally pack, example; the pack of one that names none is empty."""

    def build(row: Row) -> System:
        return System(
            id=sheet.identity(row, "id"),
            name=sheet.name(row, "name"),
            unit=sheet.known(row, "unit", units, "import the units first"),
            level=int(sheet.one_of(row, "level", "12345")),
            pack=sheet.one_of(row, "pack", packs) if row.get("pack") else "",
            example=sheet.one_of({"example": row.get("example") or "no"}, "example", ("yes", "no")) == "yes",
        )

    return _read(data, file, ("id", "name", "unit", "level"), ("pack", "example"), build)


def read_assets(data: bytes, file: str, units: Collection[str], systems: Collection[str]) -> Read[Asset]:
    """Assets: id,name,kind,unit and optionally systems, separated by spaces."""

    def build(row: Row) -> Asset:
        its = tuple(sorted(set((row.get("systems") or "").split())))
        for system in its:
            sheet.known({"systems": system}, "systems", systems, "import the systems first")
        return Asset(
            id=sheet.identity(row, "id"),
            name=sheet.name(row, "name"),
            kind=AssetKind(sheet.one_of(row, "kind", [kind.value for kind in AssetKind])),
            unit=sheet.known(row, "unit", units, "import the units first"),
            systems=its,
        )

    return _read(data, file, ("id", "name", "kind", "unit"), ("systems",), build)


def _read(
    data: bytes, file: str, required: Sequence[str], optional: Sequence[str], build: Callable[[Row], Record]
) -> Read[Record]:
    found = sheet.read(data, file, required, optional)
    records: list[Record] = []
    lines: list[int] = []
    problems = list(found.problems)
    seen: dict[str, int] = {}
    for line, row in found.lines:
        try:
            record = build(row)
        except CellError as refused:
            problems.append(Problem(file, line, refused.field, refused.text))
            continue
        if record.id in seen:
            text = Sentence("{id!r} stands in line {line} already; remove one", id=record.id, line=seen[record.id])
            problems.append(Problem(file, line, required[0], text))
        seen.setdefault(record.id, line)
        records.append(record)
        lines.append(line)
    return Read(tuple(records), tuple(lines), tuple(sorted(problems, key=lambda problem: problem.line)))
