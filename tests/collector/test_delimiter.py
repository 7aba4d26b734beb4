# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector import delimiter


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("id,name\n1;2,3", ","),
        ("\ufeffid;name\n1,5;2", ";"),
        ("id\tname\n1;2\t3", "\t"),
        ("unit\n40.412;x", ","),
        ("id;name,unit\n", ","),
        ("", ","),
    ],
)
def test_the_line_that_names_the_columns_tells_what_stands_between_cells(text, mark):
    assert delimiter.by(text) == mark
