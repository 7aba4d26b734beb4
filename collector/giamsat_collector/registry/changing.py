# SPDX-License-Identifier: Apache-2.0
"""What happens to units and systems on a day, line by line: merged, split, renamed, moved, ended, given another level.

Each line is held against the registry as it will be on its day, with the lines before it done. What is said already
is passed by, so the same file may be imported again; for a merger of the same day a line corrects the successor.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from giamsat_collector.registry import sheet
from giamsat_collector.registry.history import Fact, History, Key, Kind
from giamsat_collector.registry.sheet import CellError, Problem, Row
from giamsat_collector.sentence import Sentence
from giamsat_wire.clock import SECOND_NS

COLUMNS: Final = ("effective", "operation", "id")
OPTIONAL: Final = ("to", "value")


@dataclass(frozen=True, slots=True)
class Step:
    """A record that becomes another from a moment on: each field that changes, before and after."""

    key: Key
    from_ns: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(slots=True)
class Changes:
    """What the lines come to; `past` is the registry with every good line done, `packs` names all level packs."""

    past: History
    zone: tzinfo
    packs: Sequence[str]
    steps: list[Step] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    def become(self, key: Key, from_ns: int, after: Mapping[str, Any]) -> None:
        """A record has these fields from a moment on."""
        known = self.past.fields(key, from_ns) or {}
        changed = {name: value for name, value in after.items() if known.get(name) != value}
        if not changed:
            self.unchanged += 1
            return
        self.steps.append(Step(key, from_ns, {name: known.get(name) for name in changed}, changed))
        self.past.add(Fact(key, from_ns, changed))


def start_ns(day: str, zone: tzinfo) -> int:
    """When a day (2025-07-01) begins."""
    return int(datetime.fromisoformat(day).replace(tzinfo=zone).timestamp()) * SECOND_NS


def day_before(day: str) -> str:
    """The last day of what ends with a day's beginning."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def read(data: bytes, file: str, changes: Changes) -> Changes:
    """Understand a file of changes: effective,operation,id and, by the operation, to and value.

    merge: unit `id` ends, `to` takes its place. split: `id` ends (or goes on, when it is `to` itself) and what `value`
    names goes to `to`; the one line without a value says where everything else goes. rename: `value` is the name of a
    unit, system or asset. relevel: `value` is the level of a system; repack: the level pack its dossier refers to.
    move: `to` is the unit of a system or an asset, or what a unit belongs to. end: a system ends, or a
    unit that nothing follows, with every system that still stands in it.
    """
    found = sheet.read(data, file, COLUMNS, OPTIONAL)
    changes.problems += found.problems
    splits: dict[tuple[str, str], list[tuple[int, Row]]] = {}
    for line, row in found.lines:
        try:
            operation = sheet.one_of(row, "operation", (*_OPERATIONS, "split"))
            _must_begin(row)
            if operation == "split":
                splits.setdefault((row["effective"], row["id"]), []).append((line, row))
            else:
                _OPERATIONS[operation](changes, row)
        except CellError as refused:
            changes.problems.append(Problem(file, line, refused.field, refused.text))
    for lines in splits.values():
        changes.problems += _split(changes, file, lines)
    changes.problems.sort(key=lambda problem: problem.line)
    return changes


def _must_begin(row: Row) -> None:
    if not sheet.day(row, "effective"):
        raise CellError("effective", "is empty; say from which day on, as 2025-07-01")


def _merge(changes: Changes, row: Row) -> None:
    at_ns = start_ns(row["effective"], changes.zone)
    unit, heir = row["id"], row.get("to", "")
    if unit == heir:
        raise CellError("to", "is the unit itself; name the unit that takes its place")
    _end(changes, unit, row["effective"])
    _must_stand(changes, "to", heir, at_ns)
    if at_ns in changes.past.ends(unit):
        # It was told to end without a successor: what would have ended with it goes on.
        for key in _systems_of(changes, unit, at_ns, ended=day_before(row["effective"])):
            changes.become(key, at_ns, {"valid_to": ""})
    after = {"valid_to": day_before(row["effective"]), "successor": heir}
    changes.become(Key(Kind.UNIT, unit), at_ns, after)


def _end_without_heir(changes: Changes, row: Row) -> None:
    key = _record(changes, row["id"], (Kind.UNIT, Kind.SYSTEM))
    at_ns, last = _known(changes, key, row), day_before(row["effective"])
    if key.kind is Kind.SYSTEM:
        changes.become(key, at_ns, {"valid_to": last})
        return
    _end(changes, key.id, row["effective"])
    known = changes.past.unit(key.id, at_ns)
    if known is not None and known.successor:
        raise CellError(
            "id", "{id} has a successor from that day on: {successor}", id=key.id, successor=known.successor
        )
    for system in _systems_of(changes, key.id, at_ns, ended=""):
        changes.become(system, at_ns, {"valid_to": last})
    changes.become(key, at_ns, {"valid_to": last, "successor": ""})


def _systems_of(changes: Changes, unit: str, at_ns: int, *, ended: str) -> list[Key]:
    """The systems that stand in a unit at a moment and ended on a day, or have not."""
    every = ((one, changes.past.system(one, at_ns)) for one in sorted(changes.past.ids(Kind.SYSTEM)))
    return [
        Key(Kind.SYSTEM, one)
        for one, system in every
        if system is not None and system.unit == unit and system.valid_to == ended
    ]


def _end(changes: Changes, unit: str, day: str) -> None:
    """A unit can end on a day: it stands until then, and no other end of it is known."""
    at_ns = start_ns(day, changes.zone)
    ends = [end for end in changes.past.ends(unit) if end != at_ns]
    if ends:
        known = datetime.fromtimestamp(ends[0] / SECOND_NS, changes.zone)
        raise CellError(
            "id",
            "{unit} already ends on {known:%Y-%m-%d}; correct it with that day as effective",
            unit=unit,
            known=known,
        )
    if at_ns not in changes.past.ends(unit):
        _must_stand(changes, "id", unit, at_ns)


def _must_stand(changes: Changes, cell: str, unit: str, at_ns: int) -> None:
    found = changes.past.unit(unit, at_ns)
    if found is None:
        known = changes.past.ids(Kind.UNIT)
        if unit in known:
            raise CellError(cell, "{unit} does not stand yet on that day; import it with an earlier one", unit=unit)
        raise CellError(cell, _stranger(unit, known))
    if found.valid_to:
        heir = changes.past.heir(unit, at_ns)
        whose = Sentence("its successor is {heir}", heir=heir) if heir != unit else Sentence("nothing follows it")
        raise CellError(cell, "{unit} ended on {valid_to}; {whose}", unit=unit, valid_to=found.valid_to, whose=whose)


def _stranger(name: str, known: set[str]) -> str:
    if not name:
        return Sentence("is empty; name a unit")
    near = difflib.get_close_matches(name, sorted(known), 1)
    return Sentence(
        "{name!r} is not registered; {hint}import it first, or with the same command",
        name=name[:80],
        hint=Sentence("did you mean {near!r}, or ", near=near[0]) if near else "",
    )


def _record(changes: Changes, name: str, kinds: tuple[Kind, ...]) -> Key:
    """The record a cell names: by its id, or as kind:id where one id names several."""
    said, _, rest = name.partition(":")
    if rest and said in {kind.value for kind in kinds}:
        kinds, name = (Kind(said),), rest
    fitting = [kind for kind in kinds if name in changes.past.ids(kind)]
    if not fitting:
        raise CellError("id", _stranger(name, {one for kind in kinds for one in changes.past.ids(kind)}))
    if len(fitting) > 1:
        raise CellError(
            "id", "{name} is a {kinds}; write {kind}:{name}", name=name, kinds=" and a ".join(fitting), kind=fitting[0]
        )
    return Key(fitting[0], name)


def _rename(changes: Changes, row: Row) -> None:
    key = _record(changes, row["id"], tuple(Kind))
    at_ns = _known(changes, key, row)
    changes.become(key, at_ns, {"name": sheet.name({"value": row.get("value", "")}, "value")})


def _relevel(changes: Changes, row: Row) -> None:
    key = _record(changes, row["id"], (Kind.SYSTEM,))
    at_ns = _known(changes, key, row)
    changes.become(key, at_ns, {"level": int(sheet.one_of({"value": row.get("value", "")}, "value", "12345"))})


def _repack(changes: Changes, row: Row) -> None:
    key = _record(changes, row["id"], (Kind.SYSTEM,))
    at_ns = _known(changes, key, row)
    changes.become(key, at_ns, {"pack": sheet.one_of({"value": row.get("value", "")}, "value", changes.packs)})


def _move(changes: Changes, row: Row) -> None:
    key, to = _record(changes, row["id"], tuple(Kind)), row.get("to", "")
    at_ns = _known(changes, key, row)
    if key.kind is Kind.UNIT:
        changes.become(key, at_ns, {"parent": sheet.identity({"to": to}, "to")})
        return
    _must_stand(changes, "to", to, at_ns)
    changes.become(key, at_ns, {"unit": to})


def _known(changes: Changes, key: Key, row: Row) -> int:
    """The day's beginning, when the record is known by then."""
    at_ns = start_ns(row["effective"], changes.zone)
    if changes.past.fields(key, at_ns) is None:
        raise CellError("effective", "{id} does not stand yet on {day}", id=key.id, day=row["effective"])
    return at_ns


def _split(changes: Changes, file: str, lines: list[tuple[int, Row]]) -> Iterator[Problem]:
    line, first = lines[0]
    unit, day = first["id"], first["effective"]
    at_ns = start_ns(day, changes.zone)
    mains = [row for _, row in lines if not row.get("value")]
    if len(mains) != 1:
        text = Sentence(
            "{number} lines of this split have none; exactly one has, where the rest goes", number=len(mains)
        )
        yield Problem(file, line, "value", text)
        return
    try:
        _end(changes, unit, day)
    except CellError as refused:
        yield Problem(file, line, refused.field, refused.text)
        return
    for number, row in lines:
        try:
            _part(changes, row, at_ns)
        except CellError as refused:
            yield Problem(file, number, refused.field, refused.text)
    if mains[0].get("to") != unit:
        after = {"valid_to": day_before(day), "successor": mains[0].get("to", "")}
        changes.become(Key(Kind.UNIT, unit), at_ns, after)


def _part(changes: Changes, row: Row, at_ns: int) -> None:
    """One heir of a split gets the systems and assets that are named."""
    heir = row.get("to", "")
    if heir != row["id"]:
        _must_stand(changes, "to", heir, at_ns)
    for name in row.get("value", "").split():
        key = _record(changes, name, (Kind.SYSTEM, Kind.ASSET))
        fields = changes.past.fields(key, at_ns) or {}
        if changes.past.heir(fields.get("unit", ""), at_ns) not in {row["id"], heir}:
            raise CellError(
                "value", "{name} belongs to {home}, not to {unit}", name=name, home=fields.get("unit"), unit=row["id"]
            )
        changes.become(key, at_ns, {"unit": heir})


_OPERATIONS: Final[Mapping[str, Callable[[Changes, Row], None]]] = {
    "merge": _merge,
    "end": _end_without_heir,
    "rename": _rename,
    "relevel": _relevel,
    "repack": _repack,
    "move": _move,
}
