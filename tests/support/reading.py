# SPDX-License-Identifier: Apache-2.0
"""What stands in a report's file, as a person reads it."""

import io

import docx
import openpyxl


def words(data):
    """The lines of a DOCX file and its tables, each a list of rows."""
    paper = docx.Document(io.BytesIO(data))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in paper.tables]
    return [paragraph.text for paragraph in paper.paragraphs], tables


def cells(data):
    """The rows of an XLSX file's sheet, without the empty ones, and the sheet itself."""
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    return [row for row in rows if any(value is not None for value in row)], sheet
