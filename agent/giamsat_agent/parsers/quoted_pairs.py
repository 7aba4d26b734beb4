# SPDX-License-Identifier: Apache-2.0
"""Pairs of which each stands in quotes, with commas between: `"date=2026-11-23","msg=Edit, then save",…`.

So FortiOS and FortiAnalyzer write comma-separated values.
"""

import re
from typing import Final

from giamsat_agent.parsers.columns import split
from giamsat_agent.parsers.parsed_line import NAME_CHARACTERS

MARK: Final = '"'
PAIRS_LEAST: Final = 3
"""Fewer may be anybody's sentence."""
_PAIR: Final = re.compile(rf'([A-Za-z_]\w{{0,{NAME_CHARACTERS - 1}}}+)="?(.*?)"?\Z', re.DOTALL)
_FIRST: Final = re.compile(r'"[a-z_]\w{0,31}+=')


def values(text: str) -> dict[str, str] | None:
    """The values by name; None where a text is anything else."""
    if _FIRST.match(text) is None:
        return None
    named: dict[str, str] = {}
    for piece in split(text):
        pair = _PAIR.match(piece)
        if pair is None:
            return None
        named.setdefault(pair[1], pair[2])
    return named if len(named) >= PAIRS_LEAST else None
