# SPDX-License-Identifier: Apache-2.0
"""What a report consists of, whatever file it becomes: head, parts of lines and tables, notes, a place to sign."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

Cell: TypeAlias = str | int | None
"""None is left blank: it is for a person to fill in."""

NO_DATA: Final = "chưa có dữ liệu"
"""Nothing was received to count; never the same as 0."""
NATION: Final = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
TO_FILL: Final = "…"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


class Page(StrEnum):
    """How a sheet of A4 lies: upright as a letter, or across for tables of many columns."""

    UPRIGHT = "upright"
    ACROSS = "across"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; `widths` are the columns' shares of the page in millimetres. `numbered` counts columns."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A numbered part: its heading, what it says, and a table."""

    heading: str
    lines: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole report. `form` names the form it follows, if any; `about` is its subject below the number."""

    form: str
    agency: str
    about: str
    title: str
    to: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    signer: tuple[str, str] = ("THỦ TRƯỞNG CƠ QUAN", "(Ký, ghi rõ họ tên, chức vụ và đóng dấu)")
    page: Page = Page.ACROSS


def clean(text: str) -> str:
    """Text as XML can hold it."""
    return _CONTROL.sub("�", text)
