# SPDX-License-Identifier: Apache-2.0
"""The shape into which every form of line is brought before a product is looked for."""

from collections.abc import Mapping
from typing import Final

import msgspec

VALUES_MOST: Final = 256
"""Named values of one line; more are passed over."""
NAME_CHARACTERS: Final = 128
"""The longest name of a value; what is longer is no name."""


class Framed(msgspec.Struct, frozen=True):
    """One line taken apart.

    `form` names how: "syslog", "application" or "bare" for a text alone; "cef", "leef", "key-value", "csv", "json",
    "windows-xml" when the text holds named values, which then stand in `values`. `text` is the message without any
    header; `line` is all of it, without a priority. `wall_ns` is None when the line names no time; `host`, `program`
    and `pid` are empty when it names none. `priority` is syslog's, None without one.
    """

    form: str
    text: str
    line: str
    wall_ns: int | None = None
    host: str = ""
    program: str = ""
    pid: int | None = None
    priority: int | None = None
    values: Mapping[str, str] = {}
