# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.reports.document import Paper, Part, Table
from giamsat_collector.reports.xlsx import workbook
from support.reading import cells

TABLE = Table(("STT", "Tên", "x"), ((1, "=1+1", None), (2, "dài " * 60, 0)), (20, 40, 20), numbered=True)
PAPER = Paper("Mẫu số 08", "SỞ X", "việc Y", "BÁO CÁO", "Bộ Z", (Part("1. Một", ("dòng",), TABLE),), ("Ghi chú",))


def test_everything_of_a_report_is_in_the_sheet_in_its_order():
    rows, sheet = cells(workbook(PAPER))

    first = [row[0] for row in rows]
    assert first[:2] == ["Mẫu số 08", "SỞ X"]
    assert first[4:] == ["BÁO CÁO", "Kính gửi: Bộ Z", "1. Một", "dòng", "STT", "(1)", 1, 2, "Ghi chú", *first[13:]]
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.print_title_rows.count(":") == 1


def test_a_name_that_looks_like_a_formula_is_a_name_and_numbers_are_numbers():
    rows, sheet = cells(workbook(PAPER))

    assert [1, "=1+1", None] in rows
    (cell,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert cell.data_type == "s"


def test_a_row_is_as_high_as_its_longest_cell_needs():
    _, sheet = cells(workbook(PAPER))

    (short,), (long,) = ([cell.row for cell in sheet["A"] if cell.value == number] for number in (1, 2))
    assert sheet.row_dimensions[long].height > 5 * sheet.row_dimensions[short].height
