# SPDX-License-Identifier: Apache-2.0
"""The whole of coverage at one moment: every system, totals, and what fails with the next step."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from giamsat_collector.coverage.decide import State, SystemCoverage
from giamsat_collector.registry.record import System, Unit


@dataclass(frozen=True, slots=True)
class Statement:
    """Coverage of all systems as of a time (UNIX nanoseconds), each by its own level pack; `pack` names them all."""

    at_ns: int
    pack: str
    systems: tuple[SystemCoverage, ...]

    @property
    def met(self) -> int:
        """How many systems are covered in full."""
        return sum(one.state is State.MET for one in self.systems)


def as_json(
    statement: Statement, systems: Mapping[str, System], units: Mapping[str, Unit], wanted: Iterable[str] | None = None
) -> dict[str, Any]:
    """The shape that tools read; `wanted` are the systems to be listed, totals are of all."""
    chosen = None if wanted is None else set(wanted)
    by_level = {
        str(level): dict(Counter(one.state.value for one in statement.systems if one.level == level))
        for level in range(1, 6)
    }
    return {
        "at_ns": statement.at_ns,
        "pack": statement.pack,
        "met": statement.met,
        "total": len(statement.systems),
        "by_level": by_level,
        "systems": [
            _system(one, systems[one.system], units)
            for one in statement.systems
            if one.system in systems and (chosen is None or one.system in chosen)
        ],
    }


def _system(one: SystemCoverage, system: System, units: Mapping[str, Unit]) -> dict[str, Any]:
    unit = units.get(system.unit)
    return {
        "system": system.id,
        "name": system.name,
        "unit": system.unit,
        "unit_name": unit.name if unit else system.unit,
        "district": unit.parent if unit else "",
        "level": one.level,
        "pack": one.pack,
        "pack_unknown": one.stranger or None,
        "profile": one.profile,
        "state": one.state.value,
        "example": system.example,
        "obligations": [
            {
                "id": finding.obligation.id,
                "proof": finding.obligation.proof.value,
                "mode": finding.obligation.mode.value,
                "evidence": [{"vi": one.vi, "en": one.en} for one in finding.obligation.evidence],
                "clause": finding.clause,
                "state": finding.state.value,
                "title": {"vi": finding.obligation.title.vi, "en": finding.obligation.title.en},
                "reason": {"vi": finding.reason.vi, "en": finding.reason.en},
                "step": finding.step and {"vi": finding.step.vi, "en": finding.step.en},
            }
            for finding in one.findings
        ],
    }
