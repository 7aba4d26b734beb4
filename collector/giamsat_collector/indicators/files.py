# SPDX-License-Identifier: Apache-2.0
"""A file of indicators as its entries, with everything that is wrong by line: plain lines, CSV, or JSON of MISP, STIX.

Plain lines hold a value each, or a line of a hosts file; '#' and ';' begin a comment at the start of a line or after a
blank. CSV names its columns first.
"""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from itertools import islice
from typing import Final

from giamsat_collector import delimiter
from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators.indicator import WORDS, Indicator, Kind, understood

ENTRIES: Final = 500_000
"""In all lists together, and so in one file."""
PROBLEMS: Final = 100
"""So many are told one by one; the file is not read further."""
REASONS, OTHERS = 20, "others"
"""So many reasons are told apart, and what the rest is called."""
TEXT: Final = 200
"""Characters of a source or a comment that are kept."""
CONFIDENCE: Final = 100
COLUMNS: Final = ("value", "type", "expiry", "source", "comment", "confidence", "first_seen")
CELL_LINES: Final = 16
"""So many lines a row of a table may take: what is open longer is a quote that somebody forgot."""
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_COMMENT: Final = re.compile(r"(?:^|\s)[#;]")
_SINKS: Final = frozenset({"0.0.0.0", "127.0.0.1", "::", "::1"})  # noqa: S104 - the left column of hosts files
_LATEST: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong; `place` is a line, or an object of a JSON file."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for an entry that says nothing else: UNIX seconds, 1 to 100 of trust, whose it is."""

    now: int
    until: int
    confidence: int


@dataclass(slots=True)
class Taken:
    """What a file holds. `left_out` counts by reason what is right and of no use here.

    `lenient`: whatever is wrong, the file is read to its end. `wrong` counts it all, `problems` are the first of it.
    """

    standing: Standing
    lenient: bool = False
    entries: dict[tuple[Kind, str], Indicator] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    wrong: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, place: str, value: str, kind: Kind | None = None, **said: str | int) -> None:
        """Take an entry, or its problem. `said` are fields of `Indicator`."""
        try:
            kind, value = understood(value, kind)
        except RefusedError as error:
            self.problem(place, str(error))
            return
        standing = self.standing
        entry = Indicator(
            kind,
            value,
            since=_number(said.get("since"), standing.now),
            until=_number(said.get("until"), standing.until),
            confidence=_number(said.get("confidence"), standing.confidence),
            source=shortened(said.get("source")),
            comment=shortened(said.get("comment")),
        )
        if entry.until <= standing.now:
            self.leave("expired")
        elif (kind, value) in self.entries:
            self.leave("repeated")
        elif len(self.entries) >= ENTRIES:
            self.problem(place, f"more than {ENTRIES} entries; take out what is old")
        else:
            self.entries[kind, value] = entry

    def leave(self, reason: str) -> None:
        """Something is right and of no use here."""
        self.left_out[reason if reason in self.left_out or len(self.left_out) < REASONS else OTHERS] += 1

    def problem(self, place: str, text: str) -> None:
        """Something is wrong."""
        self.wrong += 1
        if len(self.problems) < PROBLEMS:
            self.problems.append(Problem(place, text))

    @property
    def full(self) -> bool:
        """Whether there are so many problems that reading on is of no use."""
        return self.wrong >= PROBLEMS and not self.lenient


def lines(text: str, taken: Taken) -> None:
    """Take plain lines."""
    for number, line in enumerate(_lines(text), 1):
        if taken.full:
            return
        said = _COMMENT.split(line, 1)[0].split()
        if not said:
            continue
        values = said[1:] if said[0] in _SINKS and len(said) > 1 else said
        if len(values) > 1 and values is said:
            taken.problem(f"line {number}", "more than one value; write one a line, or CSV with a line of column names")
            continue
        for value in values:
            taken.add(f"line {number}", value)


def is_table(text: str) -> bool:
    """Whether the first line names the columns of a CSV file."""
    head = text.lstrip("\ufeff").partition("\n")[0]
    names = [name.strip().strip('"').lower() for name in head.split(delimiter.by(text))]
    return "value" in names


def table(text: str, taken: Taken) -> None:
    """Take the rows of a CSV file."""
    names: list[str] = []
    for number, cells in _rows(text):
        place = f"line {number}"
        if taken.full:
            return
        if isinstance(cells, csv.Error):
            taken.problem(place, f"not CSV: {cells}; check the quotes of this line")
        elif names:
            _row(names, cells, place, taken)
        else:
            names = [name.strip().lower() for name in cells]
            for what in _unknown(names):
                taken.problem(place, what)
        if not names or (taken.wrong and number == 1):
            return


def moment(text: str) -> int:
    """A day (its end, UTC) or an instant as UNIX seconds.

    Raises:
        RefusedError: it is neither.
    """
    said = text.strip()
    try:
        if len(said) == len("2026-12-31"):
            end = datetime.combine(date.fromisoformat(said), datetime.min.time(), UTC) + timedelta(days=1)
        else:
            end = datetime.fromisoformat(said)
        return int((end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        raise RefusedError(f"{said[:40]!r} is no time; write 2026-12-31 or 2026-12-31T08:00:00Z") from error


def shortened(text: object) -> str:
    """A text of others in one line that can be printed."""
    said = " ".join(str(text or "").split())[:TEXT]
    return said if said.isprintable() else "".join(sign for sign in said if sign.isprintable())


def _lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends, one after the other: there may be millions."""
    return (found[0] for found in _LINE.finditer(text))


def _rows(text: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """The rows of a table, each with its first line's number; after one that is none, a line on."""
    rest, ahead, number = _lines(text), deque[str](), 1
    mark = delimiter.by(text)
    while True:
        ahead.extend(islice(rest, CELL_LINES - len(ahead)))
        if not ahead:
            return
        reader = csv.reader(ahead, strict=True, delimiter=mark)
        found: list[str] | csv.Error
        try:
            found, took = next(reader), reader.line_num
        except csv.Error as error:
            found, took = error, 1
        yield number, found
        number += took
        for _ in range(took):
            ahead.popleft()


def _unknown(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"the columns are {', '.join(COLUMNS)}"
            yield f"no such column: {name[:40]!r}; {hint}"


def _row(names: Sequence[str], row: Sequence[str], place: str, taken: Taken) -> None:
    if len(row) > len(names):
        taken.problem(place, "more cells than the header has; put text that holds a comma in double quotes")
        return
    cells = dict.fromkeys(names, "") | {name: value.strip() for name, value in zip(names, row, strict=False)}
    if not any(cells.values()):
        return
    try:
        said: dict[str, str | int] = {"source": cells.get("source", ""), "comment": cells.get("comment", "")}
        if cells.get("expiry"):
            said["until"] = moment(cells["expiry"])
        if cells.get("first_seen"):
            said["since"] = min(moment(cells["first_seen"]), taken.standing.now)
        if cells.get("confidence"):
            said["confidence"] = _confidence(cells["confidence"])
        kind = _kind(cells.get("type", ""))
    except RefusedError as error:
        taken.problem(place, str(error))
        return
    taken.add(place, cells["value"], kind, **said)


def _kind(word: str) -> Kind | None:
    if not word:
        return None
    if word.lower() not in WORDS:
        near = get_close_matches(word.lower(), WORDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(WORDS))}"
        raise RefusedError(f"no such type: {word[:40]!r}; {hint}")
    return WORDS[word.lower()]


def _confidence(text: str) -> int:
    if not text.isdecimal() or len(text) > len(str(CONFIDENCE)) or not 1 <= int(text) <= CONFIDENCE:
        raise RefusedError(f"{text[:20]!r} is no confidence; give a whole number from 1 to {CONFIDENCE}")
    return int(text)


def _number(value: object, otherwise: int) -> int:
    return max(0, min(value, _LATEST)) if isinstance(value, int) else otherwise
