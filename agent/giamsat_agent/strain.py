# SPDX-License-Identifier: Apache-2.0
"""How much a host lacks memory, and how much more rarely it is read meanwhile: its health comes before our figures.

Pressure is the part of the last ten seconds in which everything waited for memory (PSI, `full avg10` of
/proc/pressure/memory). A kernel that does not tell is read as usual.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

SLOWED: Final = 4
"""Intervals are so many times as long under pressure."""
FROM_PERCENT: Final = 10.0
UNTIL_PERCENT: Final = 5.0
"""Lower than where it begins, so that it does not go to and fro."""
_FULL: Final = re.compile(r"^full avg10=([0-9]{1,3}\.[0-9]{2}) ", re.MULTILINE)


def pressure(text: str) -> float | None:
    """Per cent of the last ten seconds; None when the text does not say."""
    found = _FULL.search(text)
    return None if found is None else float(found[1])


class Strain:
    """Looks at the pressure each time it is asked; `told` hears of each change of the factor."""

    def __init__(self, proc: Path, told: Callable[[int], None]) -> None:
        self._path = proc / "pressure" / "memory"
        self._told = told
        self.now = 1

    def factor(self) -> int:
        """How many times as long intervals are to be now."""
        try:
            found = pressure(self._path.read_text(encoding="ascii"))
        except (OSError, UnicodeDecodeError):
            found = None
        least = FROM_PERCENT if self.now == 1 else UNTIL_PERCENT
        factor = SLOWED if found is not None and found > least else 1
        if factor != self.now:
            self.now = factor
            self._told(factor)
        return factor
