# SPDX-License-Identifier: Apache-2.0
"""What the command line tells of backups, which it takes by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from giamsat_collector.backup.standing import Standing
from giamsat_collector.control.server import Command
from giamsat_wire.clock import Clock


@dataclass(frozen=True, slots=True)
class BackupCommands:
    """Commands of the administration socket about backups."""

    standing: Standing
    clock: Clock

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {"backup.taken": self.taken}

    async def taken(self) -> None:
        """A backup was taken just now."""
        self.standing.taken(self.clock.wall_ns())
