# SPDX-License-Identifier: Apache-2.0
r"""Messages of Cisco's Identity Services Engine: what stands before its values, and the values.

    CISE_CATEGORY NUMBER PARTS PART TIME ZONE NUMBER CODE LEVEL CLASS: TEXT, Name=value, Name=value, …

A value goes on to the next comma with a name behind it; a comma within one stands behind a backslash (Cisco ISE
Syslogs). Of a name that comes twice the first counts. Where an address that ISE tells once comes twice, whoever logged
in may have written one of them into his name: then no address counts that stands behind it.
"""

import re
from typing import Final

from giamsat_agent.parsers.parsed_line import VALUES_MOST

MARK: Final = "CISE_"
_HEAD: Final = re.compile(
    r"(?P<category>CISE_\w{1,64}) \d{1,10} \d{1,3} \d{1,3} \d{4}-\d\d-\d\d [\d:.]{8,18} [+-]\d\d:\d\d \d{1,12} "
    r"(?P<code>\d{4,6}) [A-Z]{4,7} +(?P<class>[\w ()/-]{1,64}): "
    r"(?P<text>[^=\\]{1,512}?)(?=, [A-Z][\w. -]{0,63}+=|,?\s*\Z)"
)
_NAME: Final = re.compile(r"(?<!\\), ?([A-Z][\w. -]{0,63}+)=")
_CHOSEN: Final = frozenset({"User-Name", "UserName", "AdminName", "User"})
"""Names whose values whoever logs in may choose."""
_ADDRESSES: Final = ("AdminIPAddress", "Calling-Station-ID", "IpAddress", "NAS-IP-Address", "Remote-Address")


def values(text: str) -> dict[str, str] | None:
    """The values by name, with `ise.category`, `ise.code`, `ise.class` and `message`; None for another's."""
    head = _HEAD.match(text)
    if head is None:
        return None
    names = list(_NAME.finditer(text, head.end()))[:VALUES_MOST]
    found: dict[str, str] = {}
    behind: set[str] = set()
    chosen = forged = False
    for name, end in zip(names, [*(each.start() for each in names[1:]), len(text)], strict=False):
        if name[1] in found:
            forged = forged or (name[1] in behind and name[1] in _ADDRESSES)
            continue
        found[name[1]] = text[name.end() : end].strip(" ,").replace("\\,", ",")
        behind |= {name[1]} if chosen else set()
        chosen = chosen or name[1] in _CHOSEN
    if forged:
        found |= dict.fromkeys(behind.intersection(_ADDRESSES), "")
    told = {f"ise.{part}": head[part] for part in ("category", "code", "class")}
    return {**found, **told, "message": head["text"]}
