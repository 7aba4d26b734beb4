# SPDX-License-Identifier: Apache-2.0
"""A CSV or XLSX file as rows with their line numbers, and what a cell may hold, whatever the rows are about.

CSV is UTF-8 with or without a byte order mark, with commas, semicolons or tabs between cells; text is brought to NFC
and carried as it is: a cell that a spreadsheet would take for a formula stays the text it was.
"""

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector import delimiter
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import written_day
from giamsat_collector.registry import excel
from giamsat_collector.sentence import Sentence, sentence
from giamsat_collector.vietnamese import in_both

BYTES: Final = 8 << 20
ROWS: Final = 100_000
ID_CHARACTERS: Final = 64
NAME_CHARACTERS: Final = 200
_ID: Final = re.compile(rf"\A[A-Za-z0-9._-]{{1,{ID_CHARACTERS}}}\Z")
"""What the certificate of an agent can say of its unit."""

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file; `line` counts from 1, the header included."""

    file: str
    line: int
    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.text}"

    def in_both(self) -> str:
        """The same, what is wrong in both languages."""
        return f"{self.file}:{self.line}: {self.field}: {in_both(self.text)}"


class CellError(Exception):
    """A cell cannot be what it says; caught where the line is known."""

    def __init__(self, field: str, text: str, /, **values: object) -> None:
        self.field, self.text = field, sentence(text, **values)
        super().__init__(self.text)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file, each with its line, and everything that is wrong with their form."""

    lines: tuple[tuple[int, Row], ...]
    problems: tuple[Problem, ...]


def read(data: bytes, file: str, required: Sequence[str], optional: Sequence[str]) -> Sheet:
    """Rows of a CSV file, or of the first sheet of an XLSX file, whose first line names the columns."""
    try:
        table = _from_excel(data) if data.startswith(excel.MAGIC) else _text(data)
        rows = csv.DictReader(io.StringIO(table, newline=""), strict=True, delimiter=delimiter.by(table))
        header = rows.fieldnames or []
    except CellError as refused:
        return Sheet((), (Problem(file, 1, refused.field, refused.text),))
    except csv.Error as error:
        text = Sentence("not CSV: {reason}; save the sheet as CSV UTF-8", reason=error)
        return Sheet((), (Problem(file, 1, "header", text),))
    wrong = tuple(_header_problems(file, header, required, optional))
    if wrong:
        return Sheet((), wrong)
    lines: list[tuple[int, Row]] = []
    problems: list[Problem] = []
    try:
        for row in rows:
            line = rows.line_num
            if len(lines) + len(problems) >= ROWS:
                text = Sentence("more than {most} rows; split the file", most=ROWS)
                problems.append(Problem(file, line, "file", text))
                break
            try:
                lines.append((line, _cells(row)))
            except CellError as refused:
                problems.append(Problem(file, line, refused.field, refused.text))
    except csv.Error as error:
        text = Sentence("not CSV: {reason}; check the quotes of this line", reason=error)
        problems.append(Problem(file, rows.line_num, "row", text))
    return Sheet(tuple(lines), tuple(problems))


def identity(row: Row, field: str) -> str:
    """An id of our own form."""
    value = row[field]
    if not value:
        raise CellError(field, "is empty; every row needs an id of its own")
    if not _ID.match(value):
        raise CellError(
            field,
            "{value!r} is not an id: at most {most} ASCII letters, digits, . - _",
            value=value[:80],
            most=ID_CHARACTERS,
        )
    return value


def name(row: Row, field: str) -> str:
    """A name for people."""
    value = row[field]
    if not value or len(value) > NAME_CHARACTERS:
        raise CellError(
            field, "must have 1 to {most} characters, has {number}", most=NAME_CHARACTERS, number=len(value)
        )
    return value


def short(row: Row, field: str, most: int) -> str:
    """Text of at most so many characters; may be empty or left out."""
    value = row.get(field, "")
    if len(value) > most:
        raise CellError(field, "{value!r} is longer than {most} characters", value=value[:40], most=most)
    return value


def one_of(row: Row, field: str, allowed: Collection[str]) -> str:
    """One of some words."""
    value = row[field]
    if value not in list(allowed):
        raise CellError(field, "{value!r} is not one of {possible}", value=value[:40], possible=", ".join(allowed))
    return value


def known(row: Row, field: str, among: Collection[str], remedy: str) -> str:
    """An id that is registered, or that this import registers."""
    value = row[field]
    if value not in among:
        near = difflib.get_close_matches(value, sorted(among), 1)
        hint = Sentence("did you mean {near!r}, or ", near=near[0]) if near else ""
        raise CellError(
            field, "{value!r} is not registered; {hint}{remedy}", value=value[:80], hint=hint, remedy=remedy
        )
    return value


def day(row: Row, field: str) -> str:
    """A date such as 2025-07-01; empty where none is given."""
    value = row.get(field, "")
    if not value:
        return ""
    try:
        return written_day(value).isoformat()
    except ValueError as error:
        raise CellError(field, "{value!r} is no date; write it as 2025-07-01", value=value[:20]) from error


def _cells(row: dict[str | None, object]) -> Row:
    if None in row:
        raise CellError("row", "more cells than the header has; put text that holds a comma in double quotes")
    cells = {str(key): str(value or "") for key, value in row.items()}
    for key, value in cells.items():
        if "\0" in value:
            raise CellError(key, "holds a NUL character; remove it")
    return {key: unicodedata.normalize("NFC", value).strip() for key, value in cells.items()}


def _from_excel(data: bytes) -> str:
    """A workbook as the CSV it could have been saved as."""
    if len(data) > BYTES:
        raise CellError("file", "larger than {most} MiB; split the file", most=BYTES >> 20)
    try:
        rows = excel.rows(data, ROWS + 2)
    except RefusedError as refused:
        raise CellError("file", refused.why) from refused
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _text(data: bytes) -> str:
    if len(data) > BYTES:
        raise CellError("file", "larger than {most} MiB; split the file", most=BYTES >> 20)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CellError("file", "not UTF-8 at line {line}; save the sheet as CSV UTF-8", line=line) from error


def _header_problems(
    file: str, header: Iterable[str], required: Sequence[str], optional: Sequence[str]
) -> Iterable[Problem]:
    header = list(header)
    missing = [column for column in required if column not in header]
    for column in header:
        if column not in required and column not in optional:
            near = difflib.get_close_matches(column, missing or [*required, *optional], 1)
            names = ", ".join([*required, *optional])
            hint = (
                Sentence("did you mean {near!r}?", near=near[0])
                if near
                else Sentence("the columns are {names}", names=names)
            )
            yield Problem(file, 1, "header", Sentence("no such column: {column!r}; {hint}", column=column, hint=hint))
    for column in missing:
        text = Sentence("the column {column!r} is missing; the first line names the columns", column=column)
        yield Problem(file, 1, "header", text)
