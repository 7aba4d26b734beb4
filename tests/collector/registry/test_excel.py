# SPDX-License-Identifier: Apache-2.0
import io
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import excel
from giamsat_collector.registry.importing import read_units
from giamsat_collector.registry.record import Unit, UnitKind


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_cells_are_the_text_a_person_sees():
    data = workbook(["id", "level"], ["S1", 3.0], ["=1+1", None], ["x", date(2025, 7, 1)], ["0412", 2.5], ["a\nb"])

    assert excel.rows(data, 5) == [["id", "level"], ["S1", "3"], [], ["x", "2025-07-01"], ["0412", "2.5"]]
    assert excel.rows(data, 6)[-1] == ["a b"]


def test_a_workbook_of_units_is_read_as_its_csv_would_be():
    data = workbook(["code", "name_vi", "kind", "valid_from"], ["40.1", "Xã, một", "commune", date(2025, 7, 1)])

    read = read_units(data, "u.xlsx")

    assert read.records == (Unit("40.1", "Xã, một", UnitKind.COMMUNE, valid_from="2025-07-01"),)


def test_problems_have_the_line_of_the_sheet():
    (problem,) = read_units(
        workbook(["code", "name_vi", "kind"], ["a", "A", "district"], ["b", "B", "x"]), "u"
    ).problems

    assert str(problem).startswith("u:3: kind")


def test_what_unpacks_too_far_is_not_unpacked():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", b"\0" * (excel.UNPACKED + 1))

    with pytest.raises(RefusedError, match="more than 64 MiB"):
        excel.rows(packed.getvalue(), 10)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_what_to_do(data):
    with pytest.raises(RefusedError, match="CSV UTF-8"):
        excel.rows(excel.MAGIC + data, 10)


def test_a_workbook_cut_short_is_a_problem_of_the_file():
    data = workbook(["code", "name_vi", "kind"])

    (problem,) = read_units(data[: len(data) // 2], "u.xlsx").problems

    assert str(problem).startswith("u.xlsx:1: file: cannot be read as XLSX")
