# SPDX-License-Identifier: Apache-2.0
"""Security events of Cisco's Firepower Threat Defense: `%FTD-1-430003: Name: value, Name: value, …`.

A value may hold a comma; a name begins with a capital letter. Of a name that comes twice the first counts, so that
what a peer chose (an address on the web, a query) names no other source: those come last (Cisco, Security Event Syslog
Messages).
"""

import re
from typing import Final

from giamsat_agent.parsers import key_value
from giamsat_agent.parsers.pair_pattern import Pairs
from giamsat_agent.parsers.parsed_line import VALUES_MOST

_HEAD: Final = re.compile(r"%(?:FTD|NGIPS)-\d-(?P<code>43000\d): ?")
_NAME: Final = re.compile(r"(?:^|, )([A-Z][\w ]{0,63}): ")
# What most events are made of: values without a comma or a quote.
_BARE: Final = "[^,]*+"
_PLAIN: Final = Pairs(
    re.compile(rf"([A-Z][\w ]{{0,63}}+): ()({_BARE})(?:, |\Z)"), equals=": ", between=", ", quoted=_BARE, bare=_BARE
)


def values(text: str) -> dict[str, str] | None:
    """The code and the named values of a message; None when it is another."""
    head = _HEAD.match(text)
    if head is None:
        return None
    rest = text[head.end() :]
    if not rest.endswith(" ") and '"' not in rest and (plain := key_value.whole(_PLAIN, rest)) is not None:
        return {"ftd.code": head["code"], **dict(zip(plain, map(str.strip, plain.values()), strict=True))}
    names = list(_NAME.finditer(rest))[:VALUES_MOST]
    found = {"ftd.code": head["code"]}
    for name, end in zip(names, [*(each.start() for each in names[1:]), len(rest)], strict=False):
        found.setdefault(name[1], rest[name.end() : end].strip().strip('"'))
    return found
