# SPDX-License-Identifier: Apache-2.0
"""A report as a DOCX file, on A4."""

import io
from typing import Final

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph

from giamsat_collector.reports.document import NATION, Cell, Page, Paper, Table, clean

FONT: Final = "Times New Roman"
TEXT: Final = Pt(13)
CELLS: Final = "Cells"
HEAD: Final = (54, 106)
"""Millimetres of the two columns above a letter: the nation's name stands in one line."""


def word(paper: Paper) -> bytes:
    """The report as a file."""
    made = docx.Document()
    _lay(made.sections[0], paper.page)
    style = made.styles["Normal"]
    style.font.name, style.font.size = FONT, TEXT
    style.paragraph_format.space_after = Pt(3)
    small = made.styles.add_style(CELLS, WD_STYLE_TYPE.PARAGRAPH)  # once, and not with every cell of hundreds of rows
    small.base_style, small.font.size, small.paragraph_format.space_after = style, Pt(10), Pt(0)
    if paper.form:
        _line(made.add_paragraph(), paper.form, align=WD_ALIGN_PARAGRAPH.RIGHT, bold=True)
    _head(made, paper)
    _line(made.add_paragraph(), paper.title, align=WD_ALIGN_PARAGRAPH.CENTER, bold=True)
    _line(made.add_paragraph(), f"Kính gửi: {paper.to}", align=WD_ALIGN_PARAGRAPH.CENTER)
    for part in paper.parts:
        heading = _line(made.add_paragraph(), part.heading, bold=True)
        heading.paragraph_format.keep_with_next = True
        for line in part.lines:
            _line(made.add_paragraph(), line)
        if part.table:
            _table(made, part.table)
    for note in paper.notes:
        _line(made.add_paragraph(), note, italic=True)
    _signed(made, paper)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _lay(section: Section, page: Page) -> None:
    """The sheet and its margins; a letter's are those of Decree 30/2020, annex I."""
    if page is Page.ACROSS:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.left_margin, section.right_margin = Mm(25), Mm(15)
        section.top_margin = section.bottom_margin = Mm(15)
    else:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin, section.right_margin = Mm(30), Mm(20)
        section.top_margin = section.bottom_margin = Mm(20)


def _line(
    into: Paragraph, text: str, *, align: WD_ALIGN_PARAGRAPH | None = None, bold: bool = False, italic: bool = False
) -> Paragraph:
    run = into.add_run(clean(text))
    run.bold, run.italic = bold, italic
    if align is not None:
        into.alignment = align
    return into


def _head(made: Document, paper: Paper) -> None:
    grid = made.add_table(rows=1, cols=2)
    left, right = grid.rows[0].cells
    if paper.page is Page.UPRIGHT:
        grid.autofit = False
        for column, cell, width in zip(grid.columns, (left, right), HEAD, strict=True):
            column.width = cell.width = Mm(width)
    center = WD_ALIGN_PARAGRAPH.CENTER
    _line(left.paragraphs[0], paper.agency, align=center, bold=True)
    _line(left.add_paragraph(), "Số: ……………", align=center)
    _line(left.add_paragraph(), f"V/v {paper.about}", align=center, italic=True)
    _line(right.paragraphs[0], NATION[0], align=center, bold=True)
    _line(right.add_paragraph(), NATION[1], align=center, bold=True)
    _line(right.add_paragraph(), "……, ngày …… tháng …… năm ……", align=center, italic=True)


def _table(made: Document, table: Table) -> None:
    first = [table.heads, *([tuple(f"({number + 1})" for number in range(len(table.heads)))] if table.numbered else [])]
    grid = made.add_table(rows=len(first) + len(table.rows), cols=len(table.heads), style="Table Grid")
    grid.autofit = False
    for column, width in zip(grid.columns, table.widths, strict=True):
        column.width = Mm(width)
    for number, (row, values) in enumerate(zip(grid.rows, (*first, *table.rows), strict=True)):
        for cell, value, width in zip(row.cells, values, table.widths, strict=True):
            cell.width = Mm(width)
            _fill(cell.paragraphs[0], value, head=number < len(first))
    for number in range(len(first)):
        _repeat(grid, number)
    made.add_paragraph()


def _fill(into: Paragraph, value: Cell, *, head: bool) -> None:
    into._p.get_or_add_pPr().style = CELLS  # noqa: SLF001 - by name it is looked for anew each time
    if head or isinstance(value, int):
        into.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if value is not None:
        run = into.add_run(clean(str(value)))
        if head:
            run.bold = True


def _repeat(grid: WordTable, number: int) -> None:
    """Let a row of heads stand on every page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    grid.rows[number]._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - python-docx has no other way


def _signed(made: Document, paper: Paper) -> None:
    left, right = made.add_table(rows=1, cols=2).rows[0].cells
    _line(left.paragraphs[0], "Nơi nhận:", bold=True, italic=True)
    for line in ("- Như trên;", "- Lưu: VT, ……"):
        _line(left.add_paragraph(), line)
    _line(right.paragraphs[0], paper.signer[0], align=WD_ALIGN_PARAGRAPH.CENTER, bold=True)
    _line(right.add_paragraph(), paper.signer[1], align=WD_ALIGN_PARAGRAPH.CENTER, italic=True)
