# SPDX-License-Identifier: Apache-2.0
"""CSV files into registry records: all or nothing, and every problem named by file, line and field.

Reading the bytes is the caller's. A file is UTF-8 with or without a byte order mark; names are brought to NFC. Text is
carried as it is: a cell that a spreadsheet would take for a formula stays the text it was.
"""

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind

BYTES: Final = 8 << 20
ROWS: Final = 100_000
PACKS: Final = ("tcvn11930-2017", "tcvn14423-2026")
_ID_CHARACTERS: Final = 64
_NAME_CHARACTERS: Final = 200
_ID: Final = re.compile(rf"\A[A-Za-z0-9._-]{{1,{_ID_CHARACTERS}}}\Z")
"""What the certificate of an agent can say of its unit."""

Row = Mapping[str, str]
Record = TypeVar("Record", Unit, System, Asset)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file; `line` counts from 1, the header included."""

    file: str
    line: int
    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.text}"


@dataclass(frozen=True, slots=True)
class Read(Generic[Record]):
    """What a file holds, and everything that is wrong with it; records are only good when there are no problems."""

    records: tuple[Record, ...]
    problems: tuple[Problem, ...]


class _Refused(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, field: str, text: str) -> None:
        self.field, self.text = field, text
        super().__init__(text)


def read_units(data: bytes, file: str) -> Read[Unit]:
    """Units: code,name_vi,kind and optionally parent_code, gso_code, valid_from, valid_to, successor."""

    def build(row: Row) -> Unit:
        return Unit(
            id=_identity(row, "code"),
            name=_name(row, "name_vi"),
            kind=UnitKind(_one_of(row, "kind", [kind.value for kind in UnitKind])),
            parent=row.get("parent_code", ""),
            gso_code=_short(row, "gso_code", 10),
            valid_from=_short(row, "valid_from", 10),
            valid_to=_short(row, "valid_to", 10),
            successor=_short(row, "successor", _ID_CHARACTERS),
        )

    optional = ("name_ascii", "parent_code", "gso_code", "valid_from", "valid_to", "successor")
    return _read(data, file, ("code", "name_vi", "kind"), optional, build)


def read_systems(data: bytes, file: str, units: Collection[str]) -> Read[System]:
    """Systems: id,name,unit,level and optionally pack, example."""

    def build(row: Row) -> System:
        return System(
            id=_identity(row, "id"),
            name=_name(row, "name"),
            unit=_known(row, "unit", units, "import the units first"),
            level=int(_one_of(row, "level", "12345")),
            pack=_one_of({"pack": row.get("pack") or PACKS[0]}, "pack", PACKS),
            example=_one_of({"example": row.get("example") or "no"}, "example", ("yes", "no")) == "yes",
        )

    return _read(data, file, ("id", "name", "unit", "level"), ("pack", "example"), build)


def read_assets(data: bytes, file: str, units: Collection[str], systems: Collection[str]) -> Read[Asset]:
    """Assets: id,name,kind,unit and optionally systems, separated by spaces."""

    def build(row: Row) -> Asset:
        its = tuple(dict.fromkeys((row.get("systems") or "").split()))
        for system in its:
            _known({"systems": system}, "systems", systems, "import the systems first")
        return Asset(
            id=_identity(row, "id"),
            name=_name(row, "name"),
            kind=AssetKind(_one_of(row, "kind", [kind.value for kind in AssetKind])),
            unit=_known(row, "unit", units, "import the units first"),
            systems=its,
        )

    return _read(data, file, ("id", "name", "kind", "unit"), ("systems",), build)


def _read(
    data: bytes, file: str, required: Sequence[str], optional: Sequence[str], build: Callable[[Row], Record]
) -> Read[Record]:
    try:
        text = _text(data)
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        header = rows.fieldnames or []
    except _Refused as refused:
        return Read((), (Problem(file, 1, refused.field, refused.text),))
    except csv.Error as error:
        return Read((), (Problem(file, 1, "header", f"not CSV: {error}; save the sheet as CSV UTF-8"),))
    wrong = tuple(_header_problems(file, header, required, optional))
    if wrong:
        return Read((), wrong)
    records: list[Record] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    try:
        for row in rows:
            line = rows.line_num
            if len(records) + len(problems) >= ROWS:
                problems.append(Problem(file, line, "file", f"more than {ROWS} rows; split the file"))
                break
            try:
                record = _built(row, build)
            except _Refused as refused:
                problems.append(Problem(file, line, refused.field, refused.text))
                continue
            if record.id in seen:
                text = f"{record.id!r} stands in line {seen[record.id]} already; remove one"
                problems.append(Problem(file, line, required[0], text))
            seen.setdefault(record.id, line)
            records.append(record)
    except csv.Error as error:
        problems.append(Problem(file, rows.line_num, "row", f"not CSV: {error}; check the quotes of this line"))
    return Read(tuple(records), tuple(problems))


def _built(row: dict[str | None, object], build: Callable[[Row], Record]) -> Record:
    if None in row:
        raise _Refused("row", "more cells than the header has; put text that holds a comma in double quotes")
    cells = {str(key): str(value or "") for key, value in row.items()}
    for key, value in cells.items():
        if "\0" in value:
            raise _Refused(key, "holds a NUL character; remove it")
    return build({key: unicodedata.normalize("NFC", value).strip() for key, value in cells.items()})


def _text(data: bytes) -> str:
    if len(data) > BYTES:
        raise _Refused("file", f"larger than {BYTES >> 20} MiB; split the file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _Refused("file", f"not UTF-8 at line {line}; save the sheet as CSV UTF-8") from error


def _header_problems(
    file: str, header: Iterable[str], required: Sequence[str], optional: Sequence[str]
) -> Iterable[Problem]:
    header = list(header)
    missing = [name for name in required if name not in header]
    for name in header:
        if name not in required and name not in optional:
            near = difflib.get_close_matches(name, missing or [*required, *optional], 1)
            hint = f"did you mean {near[0]!r}?" if near else f"the columns are {', '.join([*required, *optional])}"
            yield Problem(file, 1, "header", f"no such column: {name!r}; {hint}")
    for name in missing:
        yield Problem(file, 1, "header", f"the column {name!r} is missing; the first line names the columns")


def _identity(row: Row, field: str) -> str:
    value = row[field]
    if not value:
        raise _Refused(field, "is empty; every row needs an id of its own")
    if not _ID.match(value):
        raise _Refused(field, f"{value[:80]!r} is not an id: at most {_ID_CHARACTERS} ASCII letters, digits, . - _")
    return value


def _name(row: Row, field: str) -> str:
    value = row[field]
    if not value or len(value) > _NAME_CHARACTERS:
        raise _Refused(field, f"must have 1 to {_NAME_CHARACTERS} characters, has {len(value)}")
    return value


def _short(row: Row, field: str, most: int) -> str:
    value = row.get(field, "")
    if len(value) > most:
        raise _Refused(field, f"{value[:40]!r} is longer than {most} characters")
    return value


def _one_of(row: Row, field: str, allowed: Collection[str]) -> str:
    value = row[field]
    if value not in list(allowed):
        raise _Refused(field, f"{value[:40]!r} is not one of {', '.join(allowed)}")
    return value


def _known(row: Row, field: str, known: Collection[str], remedy: str) -> str:
    value = row[field]
    if value not in known:
        near = difflib.get_close_matches(value, sorted(known), 1)
        hint = f"did you mean {near[0]!r}, or " if near else ""
        raise _Refused(field, f"{value[:80]!r} is not registered; {hint}{remedy}")
    return value
