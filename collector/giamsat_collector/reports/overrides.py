# SPDX-License-Identifier: Apache-2.0
"""The systems that are watched by less than their level asks for, because somebody signed for it."""

from dataclasses import dataclass
from datetime import date

from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.rulebook.force import InForce
from giamsat_collector.rulebook.register import Force, entries


@dataclass(frozen=True, slots=True)
class Eased:
    """One of them: by which document, through which day."""

    system: str
    document: str
    last: date


def eased(rules: InForce, registry: Registry, at_ns: int) -> tuple[Eased, ...]:
    """All of them at a moment, once for each document."""
    standing = [one for one in entries(rules.book.standards, registry, at_ns) if one.force is Force.NOW and one.weaker]
    return tuple(Eased(system, one.override.document, one.override.last) for one in standing for system in one.systems)
