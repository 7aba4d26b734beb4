# SPDX-License-Identifier: Apache-2.0
"""How every system stood at one moment, small enough to be kept for every day and to be read years later.

It stands by itself: names and units are those of the moment, whatever the registry says by now.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from giamsat_collector.coverage.decide import GOOD, State
from giamsat_collector.coverage.statement import Statement
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.record import System

GENESIS = "0" * 64
"""What the first statement follows."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A system: where it stands, at which level, its state and that of each of its obligations.

    `by` and `profile` name the level pack and the hash of the profile it was judged by; those of old do not say.
    """

    system: str
    name: str
    unit: str
    unit_name: str
    level: int
    state: str
    obligations: Mapping[str, str]
    by: str = ""
    profile: str = ""

    @property
    def good(self) -> int:
        """How many obligations are met, met otherwise or waived."""
        return sum(State(state) in GOOD for state in self.obligations.values())


@dataclass(frozen=True, slots=True)
class Declaration:
    """All systems at one moment (UNIX nanoseconds), by these level packs."""

    at_ns: int
    pack: str
    systems: tuple[Declared, ...]

    def of(self, units: Iterable[str]) -> "Declaration":
        """The same of the systems of some units."""
        wanted = set(units)
        return Declaration(self.at_ns, self.pack, tuple(one for one in self.systems if one.unit in wanted))


def declare(statement: Statement, systems: Mapping[str, System], unit_names: Mapping[str, str]) -> Declaration:
    """A statement with what the registry says of its systems now."""
    return Declaration(
        statement.at_ns,
        statement.pack,
        tuple(
            Declared(
                system=one.system,
                name=systems[one.system].name,
                unit=systems[one.system].unit,
                unit_name=unit_names.get(systems[one.system].unit, systems[one.system].unit),
                level=one.level,
                state=one.state.value,
                obligations={found.obligation.id: found.state.value for found in one.findings},
                by=one.pack,
                profile=one.profile,
            )
            for one in statement.systems
            if one.system in systems
        ),
    )


def body(day: str, declaration: Declaration, previous_day: str, previous: str) -> bytes:
    """The bytes that are signed for a day; `previous` is the hash of those of the statement before."""
    said = {
        "day": day,
        "at_ns": declaration.at_ns,
        "pack": declaration.pack,
        "previous_day": previous_day,
        "previous": previous,
        "systems": [asdict(one) for one in declaration.systems],
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read(data: bytes) -> tuple[Declaration, Mapping[str, Any]]:
    """What such bytes say, and all of it as it stands there.

    Raises:
        RefusedError: nothing that can be understood.
    """
    try:
        said = json.loads(data)
        return Declaration(said["at_ns"], said["pack"], tuple(Declared(**one) for one in said["systems"])), said
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RefusedError("the statement cannot be read: it was altered; restore the database of a backup") from error


def digest(data: bytes) -> str:
    """By what the next statement names this one."""
    return hashlib.sha256(data).hexdigest()
