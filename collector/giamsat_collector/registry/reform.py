# SPDX-License-Identifier: Apache-2.0
"""Units that are merged or end, as a person writes it in a form, as the files an import takes. Decides only."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector.errors import RefusedError
from giamsat_collector.preconditions import must_be_known
from giamsat_collector.registry import changing
from giamsat_collector.registry.intake import File
from giamsat_collector.registry.record import Unit
from giamsat_collector.sentence import Sentence

MERGE: Final = "merge"
END: Final = "end"
MOST: Final = 500
"""Units of one form."""
_REMEDY: Final = Sentence("write the id or the whole name of a unit that stands")


@dataclass(frozen=True, slots=True)
class Reform:
    """What is to become of `units` (ids or names) on a day: `into` takes their place, or nothing does when they end.

    `name` is that of `into` when it is a unit that does not stand yet: it begins on that day, and is what the first of
    the units is, where that is.
    """

    operation: str
    units: Sequence[str]
    into: str
    name: str
    effective: str
    document: str


def files(reform: Reform, known: Mapping[str, Unit]) -> tuple[tuple[str, ...], Mapping[str, File]]:
    """The ids of the units that end, and what is to be imported.

    Raises:
        RefusedError: something is missing, or a unit is not known; the message says which and what to write.
    """
    if reform.operation not in (MERGE, END):
        raise RefusedError("no such operation: {operation!r}; choose merge or end", operation=reform.operation[:20])
    if not reform.document.strip():
        raise RefusedError("no document; write the number of the resolution or decision by which this is done")
    if not reform.effective:
        raise RefusedError("no day; say from which day on it is so")
    units = tuple(dict.fromkeys(_found(one, known) for one in reform.units if one.strip()))
    if not 0 < len(units) <= MOST:
        raise RefusedError("name at least one unit, and at most {most}; one a line", most=MOST)
    if reform.operation == END:
        return units, {"changes": _changes(reform, units, "")}
    into = reform.into.strip()
    if not reform.name.strip():
        return units, {"changes": _changes(reform, units, _found(into, known))}
    if into in known:
        raise RefusedError(
            "{into} stands already: {name}; leave the name empty, or give another id", into=into, name=known[into].name
        )
    first = known[units[0]]
    born = [into, reform.name.strip(), first.kind.value, first.parent]
    head = ["code", "name_vi", "kind", "parent_code"]
    return units, {"units": _file(head, [born]), "changes": _changes(reform, units, into)}


def _changes(reform: Reform, units: Iterable[str], into: str) -> File:
    head = [*changing.COLUMNS, *changing.OPTIONAL]
    # An id may be a system's, too: what may end as either is said to be a unit.
    named = [unit if into else f"unit:{unit}" for unit in units]
    return _file(head, [[reform.effective, reform.operation, one, into, ""] for one in named])


def _file(head: Sequence[str], lines: Iterable[Sequence[str]]) -> File:
    sheet = io.StringIO()
    csv.writer(sheet).writerows([head, *lines])
    return File("form", sheet.getvalue().encode())


def _found(said: str, known: Mapping[str, Unit]) -> str:
    """The id of the unit somebody wrote by its id or its name."""
    wanted = said.strip()
    if wanted in known:
        return wanted
    named = [one.id for one in known.values() if one.name.casefold() == wanted.casefold()]
    if len(named) > 1:
        raise RefusedError(
            "{wanted!r} names {number} units: {units}; write an id",
            wanted=wanted[:80],
            number=len(named),
            units=", ".join(sorted(named)),
        )
    if named:
        return named[0]
    must_be_known(wanted, [*known, *(one.name for one in known.values())], Sentence("unit"), _REMEDY)
    return wanted
