# SPDX-License-Identifier: Apache-2.0
"""A Windows event as XML, as Event Viewer, wevtutil and NXLog write it, read without an XML parser.

An XML parser would follow entities and nesting that a log line may hold; of an event only attributes of System and the
named Data are wanted, or the plain elements of UserData, and these patterns find them.
"""

import html
import re
from typing import Final

from giamsat_agent.parsers.parsed_line import VALUES_MOST

_SYSTEM: Final = re.compile(
    r"<(EventID|Level|Task|Keywords|EventRecordID|Channel|Computer)\b[^>]{0,200}+>([^<]{0,1024}+)<"
)
_DATA: Final = re.compile(r"<Data Name=['\"]([\w ]{1,128}+)['\"]\s*+>([^<]{0,8192}+)</Data>")
_ELEMENT: Final = re.compile(r"<(\w{1,128}+)>([^<]{0,8192}+)</\1>")
_TIME: Final = re.compile(r"SystemTime=['\"]([^'\"]{1,64}+)['\"]")
_PROVIDER: Final = re.compile(r"<Provider\b[^>]{0,64}?Name=['\"]([^'\"]{1,255}+)['\"]")


def values(text: str) -> dict[str, str] | None:
    """The values of an event, Data by its names; None when it has no EventID."""
    system, _, rest = text.partition("</System>")
    found = {name: html.unescape(value.strip()) for name, value in _SYSTEM.findall(system)}
    if not found.get("EventID", "").isdecimal():
        return None
    for name, pattern in (("SystemTime", _TIME), ("Provider", _PROVIDER)):
        if said := pattern.search(system):
            found[name] = said[1]
    named = _ELEMENT if "<UserData" in rest and "<EventData" not in rest else _DATA
    for number, data in enumerate(named.finditer(rest)):
        if number >= VALUES_MOST:
            break
        found.setdefault(data[1], html.unescape(data[2]))
    return found
