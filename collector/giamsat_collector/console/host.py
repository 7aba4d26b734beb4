# SPDX-License-Identifier: Apache-2.0
"""What the console must know of the hosts that are watched; a contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Condition(StrEnum):
    """How a host is heard."""

    REPORTING = "reporting"
    SILENT = "silent"
    LEFT = "left"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class HostStatus:
    """A host as it stands now.

    `level` is None when it belongs to no system. `heard_ns` is the collector's time of the last frame, None for never.
    `silent`: it should have been heard by now. `left` is why its agent said goodbye, None while it runs.
    """

    asset: str
    name: str
    unit: str
    unit_name: str
    system: str | None
    level: int | None
    version: str = ""
    heard_ns: int | None = None
    silent: bool = True
    left: str | None = None

    @property
    def condition(self) -> Condition:
        """How the host is heard now; one whose agent was stopped is not silent, it said so."""
        if self.heard_ns is None:
            return Condition.NEVER
        if self.left is not None:
            return Condition.LEFT
        return Condition.SILENT if self.silent else Condition.REPORTING


class Hosts(Protocol):
    """Says which hosts there are."""

    async def statuses(self) -> Sequence[HostStatus]:
        """Every host that is registered or was ever heard."""
        ...
