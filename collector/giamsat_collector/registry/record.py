# SPDX-License-Identifier: Apache-2.0
"""What the registry knows: a unit, an information system, an asset, and where an asset stands."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PACK: Final = "tcvn11930-2017"
"""The level pack of a system whose dossier nobody has said to refer to another."""


class UnitKind(StrEnum):
    """What kind of agency a unit is."""

    DEPARTMENT = "department"
    DISTRICT = "district"
    COMMUNE = "commune"


class AssetKind(StrEnum):
    """What is watched."""

    HOST = "host"
    DEVICE = "device"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Unit:
    """An agency. `parent` is the id of the one above it, which need not be a unit; dates are ISO or empty."""

    id: str
    name: str
    kind: UnitKind
    parent: str = ""
    gso_code: str = ""
    valid_from: str = ""
    valid_to: str = ""
    successor: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """An information system with its approved protection level (1 to 5) and the level pack its dossier refers to.

    `valid_to` is the last day it stood, empty as long as it does.
    """

    id: str
    name: str
    unit: str
    level: int
    pack: str = PACK
    example: bool = False
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that is watched, and the systems it belongs to."""

    id: str
    name: str
    kind: AssetKind
    unit: str
    systems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an asset stands: its unit, the system that gives it its level, that level, and that system's level pack.

    `level` is None for an asset of no system, or of one whose level pack nobody has: unclassified, judged as the
    highest level.
    """

    asset: str
    name: str
    unit: str
    unit_name: str
    system: str | None
    level: int | None
    pack: str | None = None
