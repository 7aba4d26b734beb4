# SPDX-License-Identifier: Apache-2.0
"""What is known of a kind of device: how to tell it, and where it keeps version, model, serial and its own figures.

A profile is data, one file in profiles/. The one whose object identifier is longest wins; among equals one that also
knows the description.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from giamsat_agent.devices.mib import Mib, parse

DESCRIPTION = 1_024
"""Characters of sysDescr that are looked at."""
CHASSIS_COLUMNS: Final = {"description": 2, "name": 7, "firmware": 9, "version": 10, "serial": 11, "model": 13}
"""Columns of entPhysicalTable (RFC 6933) by what they say of a chassis."""


@dataclass(frozen=True, slots=True)
class Clue:
    """Where a fact stands: in an object, in a column of the chassis's row of ENTITY-MIB, or in the description.

    `pattern` picks the part that counts; alone it is looked for in the description.
    """

    oid: str = ""
    chassis: int = 0
    pattern: re.Pattern[str] | None = None
    template: str = ""

    def pick(self, said: str) -> str:
        """The part that counts of what a device says; empty for none."""
        if self.pattern is None:
            return said
        found = self.pattern.search(said)
        if found is None:
            return ""
        if self.template:
            return found.expand(self.template).strip()
        return (found[1] if found.groups() else found[0]).strip()


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of device. `mib` is its own figures, `mibs` names those it shares with others."""

    os: str
    vendor: str
    prefixes: Sequence[str]
    description: re.Pattern[str] | None
    version: Sequence[Clue]
    hardware: Sequence[Clue]
    serial: Sequence[Clue]
    mib: Mib
    mibs: Sequence[str]

    @property
    def clues(self) -> tuple[Clue, ...]:
        """Everything that tells what it is."""
        return (*self.version, *self.hardware, *self.serial)

    def weight(self, object_id: str, description: str) -> int:
        """How well the profile fits; 0 for not at all."""
        fits = [len(prefix) for prefix in self.prefixes if f"{object_id}.".startswith(f"{prefix}.")]
        if not fits:
            return 0
        if self.description is None:
            return 2 * max(fits)
        return 2 * max(fits) + 1 if self.description.search(description[:DESCRIPTION]) else 0


@cache
def every() -> tuple[Profile, ...]:
    """Every profile that ships."""
    folder = resources.files(__package__).joinpath("profiles")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yml"))
    return tuple(_parsed(yaml.safe_load(folder.joinpath(name).read_text(encoding="utf-8"))) for name in names)


def choose(object_id: str, description: str) -> Profile | None:
    """The profile that fits best; None when none does."""
    best = max(every(), key=lambda profile: profile.weight(object_id, description))
    return best if best.weight(object_id, description) else None


def _parsed(table: Mapping[str, Any]) -> Profile:
    match = table["match"]
    described = match.get("sysDescr")
    return Profile(
        os=table["os"],
        vendor=table["vendor"],
        prefixes=tuple(match["sysObjectID"]),
        description=re.compile(described) if described else None,
        version=_clues(table.get("version", ())),
        hardware=_clues(table.get("hardware", ())),
        serial=_clues(table.get("serial", ())),
        mib=parse(table["os"], table),
        mibs=tuple(table.get("mibs", ())),
    )


def _clues(rows: Sequence[Mapping[str, Any]]) -> tuple[Clue, ...]:
    return tuple(
        Clue(
            oid=row.get("oid", ""),
            chassis=CHASSIS_COLUMNS[row["chassis"]] if "chassis" in row else 0,
            pattern=re.compile(row["sysDescr"] if "sysDescr" in row else row["part"])
            if "sysDescr" in row or "part" in row
            else None,
            template=row.get("as", ""),
        )
        for row in rows
    )
