# SPDX-License-Identifier: Apache-2.0
"""Logs that name their columns in a line of their own: W3C extended (IIS, `#Fields: …`), Zeek, CSV with a first line.

Exchange separates the columns, and so the values, by commas.

W3C's and Zeek's lines are so plain that they are recognised without being asked for; a CSV's first line is not, so it
is asked for.
"""

import re
from itertools import islice
from typing import Final

import msgspec

from giamsat_agent.parsers.columns import split
from giamsat_agent.parsers.parsed_line import VALUES_MOST

_FIELDS: Final = b"#Fields: "
_NONE: Final = frozenset({"", "-", "(empty)"})
_TIMES: Final = frozenset({"date", "time", "ts", "date-time", "DateTime", "dateTime"})
"""Columns that begin with a digit in every row."""
_ZEEK: Final = b"#fields\t"
_DIRECTIVE: Final = re.compile(
    rb"#(?:(?:Software|Version|Date|Start-Date|End-Date|Remark|Log-type): |separator |"
    rb"(?:set_separator|empty_field|unset_field|path|open|close|types)\t)"
)
_VALUE: Final = re.compile(r'"[^"]*"|[^ ]+')
"""A value of a W3C row; proxies put those with blanks in quotes."""
_encode: Final = msgspec.json.Encoder().encode


class Table:
    """Turns rows into JSON objects by the columns that were named before them; leaves other lines alone."""

    def __init__(self, form: str | None) -> None:
        """`form` is "csv" or "w3c"; None recognises W3C and Zeek alone."""
        self._form = form
        self._names: list[str] = []
        self._commas = False

    def line(self, raw: bytes) -> bytes | None:
        """The line to be understood; None when it only names columns or is a remark."""
        if self._names_columns(raw) or _DIRECTIVE.match(raw):
            return None
        if self._form is None:
            return raw
        if self._form == "csv" and not self._names:
            self._names = split(_text(raw))
            return None
        values = self._split(_text(raw))
        if not self._names or not self._fits(values):
            return raw
        row = {name: value for name, value in zip(self._names, values, strict=False) if value not in _NONE}
        if self._form == "w3c" and "time" in row:
            row["time"] += "Z"  # W3C extended logs are in UTC
        return _encode(row)

    def _fits(self, values: list[str]) -> bool:
        """Whether a line is a row: anybody's text may name columns, and must not hide the lines after it."""
        if self._form == "csv":
            return len(values) >= min(len(self._names), 3)
        row = dict(zip(self._names, values, strict=False))
        return len(values) == len(self._names) and all(row[name][:1].isdecimal() for name in _TIMES & row.keys())

    def _names_columns(self, raw: bytes) -> bool:
        """Whether this line names the columns of those after it; then they are remembered."""
        if raw.startswith(_FIELDS):
            named = _text(raw.removeprefix(_FIELDS))
            self._commas = "," in named
            self._names = named.replace(",", " ").split()[:VALUES_MOST]
            self._form = self._form or "w3c"
        elif raw.startswith(_ZEEK):
            self._names, self._form = _text(raw).split("\t")[1 : VALUES_MOST + 1], "zeek"
        else:
            return False
        return True

    def _split(self, text: str) -> list[str]:
        if self._form == "zeek":
            return text.split("\t", VALUES_MOST)
        if self._form == "csv" or self._commas:
            return split(text)
        if '"' in text:
            return [value.strip('"') for value in islice(_VALUE.findall(text), VALUES_MOST)]
        return text.split(" ", VALUES_MOST)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
