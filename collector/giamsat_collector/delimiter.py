# SPDX-License-Identifier: Apache-2.0
"""What stands between the cells of a table that was saved as text.

A spreadsheet writes what the region of its user wants: where a comma is in numbers, as in Vietnamese ones, CSV has
semicolons; text that was copied has tabs. The names of columns hold none of the three, so the first line tells.
"""

from typing import Final

COMMA: Final = ","


def by(text: str) -> str:
    """The character between cells, from the line that names the columns."""
    head = text.lstrip("\ufeff").partition("\n")[0]
    return COMMA if COMMA in head else next((mark for mark in ";\t" if mark in head), COMMA)
