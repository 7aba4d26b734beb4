# SPDX-License-Identifier: Apache-2.0
"""How much a host lacks memory or processor, and what gives way meanwhile: its health comes before our figures.

Pressure is the part of the last ten seconds in which everything waited for memory (PSI, `full avg10` of
/proc/pressure/memory), or something for a processor (`some avg10` of /proc/pressure/cpu). A kernel that does not tell
is read as usual.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

from giamsat_wire.clock import SECOND_NS

SLOWED: Final = 4
"""Intervals are so many times as long under pressure."""
FROM_PERCENT: Final = 10.0
UNTIL_PERCENT: Final = 5.0
"""Lower than where it begins, so that it does not go to and fro."""
CAPTURE_SLOWED: Final = 4
"""Of so many seconds one is looked at by a capture that gives way."""
RELAXED_S: Final = 60.0
"""So long nothing may press before the capture takes a step back."""
_AVERAGE: Final = re.compile(r"^(some|full) avg10=([0-9]{1,3}\.[0-9]{2}) ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a host may lack: `line` of /proc/pressure/`file` presses from one percentage on, until it is under another.

    A capture gives way `thinned_after_s` and `off_after_s` after it began to press.
    """

    name: str
    file: str
    line: str
    from_percent: float
    until_percent: float
    thinned_after_s: float
    off_after_s: float


MEMORY: Final = Cause("memory", "memory", "full", FROM_PERCENT, UNTIL_PERCENT, 10.0, 30.0)
PROCESSOR: Final = Cause("processor time", "cpu", "some", 80.0, 50.0, 30.0, 600.0)
"""Off late: a flood that keeps the capture itself busy must not blind it, and the scheduler puts it last anyway."""


class Stage(IntEnum):
    """How far a capture gives way."""

    WHOLE = 0
    THINNED = 1
    OFF = 2


def pressure(text: str, line: str = MEMORY.line) -> float | None:
    """Per cent of the last ten seconds; None when the text does not say."""
    return next((float(average) for kind, average in _AVERAGE.findall(text) if kind == line), None)


def pressures(proc: Path) -> Mapping[Cause, float]:
    """What presses the host now; 0 where the kernel does not tell."""
    found = {}
    for cause in (MEMORY, PROCESSOR):
        try:
            text = (proc / "pressure" / cause.file).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            text = ""
        found[cause] = pressure(text, cause.line) or 0.0
    return found


class GivingWay:
    """How far a capture gives way to its host: at once by as much as it must, back step by step."""

    def __init__(self) -> None:
        self.stage = Stage.WHOLE
        self.lacks = ""
        self._since: dict[Cause, int] = {}
        self._relaxed_ns: int | None = None

    def at(self, pressures: Mapping[Cause, float], now_ns: int) -> Stage:
        """The stage by what presses now (monotonic time). `lacks` names what brought it there."""
        for cause, percent in pressures.items():
            if percent > cause.from_percent:
                self._since.setdefault(cause, now_ns)
            elif percent <= cause.until_percent:
                self._since.pop(cause, None)
        for cause, since_ns in self._since.items():
            asked = _asked(cause, (now_ns - since_ns) / SECOND_NS)
            if asked > self.stage:
                self.stage, self.lacks = asked, cause.name
        if self._since:
            self._relaxed_ns = None
        elif self._relaxed_ns is None:
            self._relaxed_ns = now_ns
        elif self.stage is not Stage.WHOLE and now_ns - self._relaxed_ns >= RELAXED_S * SECOND_NS:
            self.stage, self._relaxed_ns = Stage(self.stage - 1), now_ns
        return self.stage


def _asked(cause: Cause, pressed_s: float) -> Stage:
    if pressed_s >= cause.off_after_s:
        return Stage.OFF
    return Stage.THINNED if pressed_s >= cause.thinned_after_s else Stage.WHOLE


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
