# SPDX-License-Identifier: Apache-2.0
"""A report as an XLSX file: one sheet, printed on A4 on its side, as wide as the page. Text is never a formula."""

import io
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from giamsat_collector.reports.document import NATION, Cell, Paper, Table, clean

FONT: Final = "Times New Roman"
MM_PER_CHARACTER: Final = 1.9
TIGHT: Final = 1.15
"""How much wider a bold letter is than the column counts it."""
POINTS: Final = 16
"""The height of a line."""
WIDE: Final = 12
"""Columns that lines of text are spread over."""
_LINE: Final = Side(style="thin")
_GRID: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


def workbook(paper: Paper) -> bytes:
    """The report as a file."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Báo cáo"
    tables = [part.table for part in paper.parts if part.table]
    widths = max((table.widths for table in tables), key=len, default=(20,) * WIDE)
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width / MM_PER_CHARACTER
    _Writer(sheet, widths).write(paper)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    properties = sheet.sheet_properties.pageSetUpPr
    if properties is not None:
        properties.fitToPage = True
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


class _Writer:
    """Writes downwards, row by row."""

    def __init__(self, sheet: Worksheet, widths: tuple[int, ...]) -> None:
        self._sheet = sheet
        self._widths = widths
        self._columns = len(widths)
        self._row = 1

    def write(self, paper: Paper) -> None:
        """The whole report."""
        if paper.form:
            self._line(paper.form, bold=True, where="right")
        half = self._columns // 2
        pairs = (
            (paper.agency, NATION[0], True),
            ("Số: ……………", NATION[1], True),
            (f"V/v {paper.about}", "……, ngày …… tháng …… năm ……", False),
        )
        for left, right, bold in pairs:
            self._put(1, half, left, bold=bold)
            self._put(half + 1, self._columns, right, bold=bold)
            self._row += 1
        self._row += 1
        self._line(paper.title, bold=True, where="center")
        self._line(f"Kính gửi: {paper.to}", where="center")
        for part in paper.parts:
            self._line(part.heading, bold=True)
            for line in part.lines:
                self._line(line)
            if part.table:
                self._table(part.table)
        for note in paper.notes:
            self._line(note)
        self._row += 1
        for line, bold in zip(paper.signer, (True, False), strict=True):
            self._put(half + 1, self._columns, line, bold=bold)
            self._row += 1

    def _line(self, text: str, *, bold: bool = False, where: str = "left") -> None:
        self._put(1, self._columns, text, bold=bold, where=where)
        self._row += 1

    def _put(self, first: int, last: int, text: str, *, bold: bool = False, where: str = "center") -> None:
        self._cell(first, text, bold=bold, where=where)
        self._sheet.merge_cells(start_row=self._row, start_column=first, end_row=self._row, end_column=last)
        characters = (last - first + 1) * 14
        self._sheet.row_dimensions[self._row].height = 17 * (1 + len(text) // characters)

    def _table(self, table: Table) -> None:
        heads: list[tuple[Cell, ...]] = [table.heads]
        if table.numbered:
            heads.append(tuple(f"({number})" for number in range(1, len(table.heads) + 1)))
            self._sheet.print_title_rows = f"{self._row}:{self._row + 1}"
        for number, row in enumerate((*heads, *table.rows)):
            self._sheet.row_dimensions[self._row].height = _height(row, self._widths)
            for column, value in enumerate(row, 1):
                is_head = number < len(heads)
                where = "center" if is_head or isinstance(value, int) else "left"
                self._cell(column, value, bold=is_head, where=where, grid=True)
            self._row += 1
        self._row += 1

    def _cell(self, column: int, value: Cell, *, bold: bool, where: str, grid: bool = False) -> None:
        cell = self._sheet.cell(self._row, column)
        if isinstance(value, str):
            cell.value = clean(value)
            cell.data_type = "s"  # a name that begins with = is a name
        else:
            cell.value = value
        cell.font = Font(name=FONT, size=12, bold=bold)
        cell.alignment = Alignment(horizontal=where, vertical="center", wrap_text=True)
        if grid:
            cell.border = _GRID


def _height(row: tuple[Cell, ...], widths: tuple[int, ...]) -> int:
    """Points a row needs when its longest cell is wrapped."""
    lines = (
        1 + int(len(str(value)) * MM_PER_CHARACTER * TIGHT) // width for value, width in zip(row, widths, strict=False)
    )
    return POINTS * max(lines)
