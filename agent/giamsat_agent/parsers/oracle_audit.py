# SPDX-License-Identifier: Apache-2.0
"""Audit records of an Oracle database as it writes them to syslog (AUDIT_SYSLOG_LEVEL, UNIFIED_AUDIT_SYSTEMLOG).

    Oracle Audit[4321]: LENGTH: "263" USERID:[5] "SCOTT" TERMINAL:[4] "pc-1" ACTION:[3] "100" RETURNCODE:[4] "1017" …
    Oracle Audit[4321]: LENGTH : '160' ACTION :[7] 'CONNECT' DATABASE USER:[3] 'SYS' … STATUS:[1] '0' …
    Oracle Unified Audit[4321]: LENGTH: '204' TYPE:"4" … DBUSER:"SCOTT" … ACTION:"100" RETCODE:"1017" …

A value is as long as the number before it says, in bytes: what a client calls itself cannot end it sooner. All three
are read under the names of the first.
"""

import re
from collections.abc import Iterator
from typing import Final

from giamsat_agent.parsers.parsed_line import VALUES_MOST

_HEAD: Final = re.compile(rb"Oracle (?:Unified )?Audit\[\d{1,10}\]: ?(?:\[ID \d{1,10} [\w.]{1,32}\] )?")
_NAME: Final = re.compile(rb"\s{0,4}([A-Z][A-Z$_ ]{1,40}?) ?: ?(?:\[(\d{1,5})\] ?)?([\"'])")
_ALIKE: Final = {
    "DBUSER": "USERID",
    "DATABASE USER": "USERID",
    "RETCODE": "RETURNCODE",
    "STATUS": "RETURNCODE",
    "CLIENT USER": "OS$USERID",
    "CLIENT TERMINAL": "TERMINAL",
}


def values(text: str) -> dict[str, str] | None:
    """The record's values by name; None when the text is none.

    Where a length does not fit its value, the value ends at its quotation mark, and a name that then comes again with
    another value has both: a forged code beside the real one is no success.
    """
    data = text.encode("utf-8", "backslashreplace")
    head = _HEAD.match(data)
    if head is None:
        return None
    found: dict[str, str] = {}
    for name, value in _pairs(data, head.end()):
        said = found.setdefault(name, value)
        if said != value:
            found[name] = f"{said} {value}"
    return found


def _pairs(data: bytes, at: int) -> Iterator[tuple[str, str]]:
    for _ in range(VALUES_MOST):
        named = _NAME.match(data, at)
        if named is None:
            return
        name, length, quote = named[1].decode(), named[2], named[3]
        end = named.end() + int(length) if length else -1
        if data[end : end + 1] != quote:
            end = data.find(quote, named.end())
        if end < 0:
            return
        yield _ALIKE.get(name, name), data[named.end() : end].decode("utf-8", "backslashreplace")
        at = end + 1
