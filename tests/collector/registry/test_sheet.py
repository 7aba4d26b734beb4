# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.registry import sheet
from giamsat_collector.registry.sheet import CellError


def test_rows_come_with_the_line_they_stand_in():
    found = sheet.read(b'a,b\n1,2\n"3\n",4\n5\n', "f.csv", ["a"], ["b"])

    assert found.lines == ((2, {"a": "1", "b": "2"}), (4, {"a": "3", "b": "4"}), (5, {"a": "5", "b": ""}))


@pytest.mark.parametrize("mark", [b";", b"\t"])
def test_a_sheet_is_read_as_spreadsheets_of_regions_with_a_decimal_comma_save_it(mark):
    rows = [[b"\xef\xbb\xbfid", b"name"], [b"S1", "Cổng, bản mới".encode()], [b"S2", b'"x' + mark + b'y"']]
    found = sheet.read(b"\r\n".join(mark.join(row) for row in rows), "f.csv", ["id", "name"], [])

    assert [row for _, row in found.lines] == [
        {"id": "S1", "name": "Cổng, bản mới"},
        {"id": "S2", "name": f"x{mark.decode()}y".strip()},
    ]
    assert found.problems == ()


def test_a_row_that_is_wrong_does_not_hide_the_others():
    found = sheet.read(b"a\n1\n2,2\n3\0\n4\n", "f.csv", ["a"], [])

    assert [row["a"] for _, row in found.lines] == ["1", "4"]
    assert [str(problem).split(":")[1] for problem in found.problems] == ["3", "4"]


@pytest.mark.parametrize(("given", "read"), [("", ""), ("2025-07-01", "2025-07-01"), ("20250701", "2025-07-01")])
def test_a_day_is_written_in_one_way(given, read):
    assert sheet.day({"d": given}, "d") == read


@pytest.mark.parametrize("given", ["2025-02-30", "01/07/2025", "hôm nay"])
def test_what_is_no_day_is_refused_with_how_to_write_one(given):
    with pytest.raises(CellError, match="2025-07-01"):
        sheet.day({"d": given}, "d")
