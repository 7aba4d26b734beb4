# SPDX-License-Identifier: Apache-2.0
"""All literals as one Hyperscan database; imported only where Hyperscan is installed."""

from collections.abc import Collection, Sequence

import hyperscan

from giamsat_rules.scanner import Scanner


class _Hyper:
    def __init__(self, literals: Sequence[str]) -> None:
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[literal.encode() for literal in literals],
            ids=list(range(len(literals))),
            elements=len(literals),
            flags=hyperscan.HS_FLAG_SINGLEMATCH,
            literal=True,
        )

    def found(self, text: str) -> Collection[int]:
        numbers: list[int] = []

        def take(number: int, _start: int, _end: int, _flags: int, _context: object) -> None:
            numbers.append(number)

        # A lone surrogate has no bytes of its own; no literal holds one.
        self._database.scan(text.encode(errors="replace"), match_event_handler=take)
        return numbers


def hyper(literals: Sequence[str]) -> Scanner:
    """A scanner for the literals."""
    return _Hyper(literals)
