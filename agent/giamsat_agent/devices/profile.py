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
from typing import Any

import yaml

DESCRIPTION = 1_024
"""Characters of sysDescr that are looked at."""


@dataclass(frozen=True, slots=True)
class Clue:
    """Where a fact stands: in an object of its own, or in a part of the description."""

    oid: str = ""
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of device. `scalars` are its own figures by MIB name."""

    os: str
    vendor: str
    prefixes: Sequence[str]
    description: re.Pattern[str] | None
    version: Sequence[Clue]
    hardware: Sequence[Clue]
    serial: Sequence[Clue]
    scalars: Mapping[str, str]

    @property
    def oids(self) -> tuple[str, ...]:
        """Every object the profile wants to know."""
        clues = (*self.version, *self.hardware, *self.serial)
        return tuple(dict.fromkeys([*(clue.oid for clue in clues if clue.oid), *self.scalars.values()]))

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
        scalars=table.get("scalars", {}),
    )


def _clues(rows: Sequence[Mapping[str, str]]) -> tuple[Clue, ...]:
    return tuple(Clue(row.get("oid", ""), re.compile(row["sysDescr"]) if "sysDescr" in row else None) for row in rows)
