# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have done with lists of what is known to be evil."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import instant
from giamsat_collector.indicators.import_plan import Wanted
from giamsat_collector.indicators.lists import Lists
from giamsat_collector.indicators.lookup import Match
from giamsat_wire.clock import SECOND_NS

CHECKED: Final = 1_000


@dataclass(frozen=True, slots=True)
class IndicatorsCommands:
    """Commands of the administration socket about lists."""

    lists: Lists

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "indicators.import": self.bring,
            "indicators.list": self.every,
            "indicators.remove": self.remove,
            "indicators.check": self.check,
            "indicators.entries": self.entries,
        }

    async def bring(self, caller: Caller, file: str, dry_run: bool = False, **said: Any) -> dict[str, Any]:  # noqa: ANN401, FBT001, FBT002 - any JSON value
        """Put a list in the place of the one of its name; `file` is its bytes, zlib in base64."""
        try:
            wanted, packed = Wanted(**said), base64.b64decode(file, validate=True)
        except (TypeError, binascii.Error) as error:
            raise RefusedError(f"not a list: {error}") from error
        change = await self.lists.bring(packed, wanted, caller.name, dry_run=dry_run)
        return {"name": wanted.name, **change.as_json()}

    async def every(self) -> list[dict[str, Any]]:
        """All lists."""
        standing, now = self.lists.standing(), self.lists.clock.wall_ns()
        return [one.as_json(standing.get(one.name, 0), now) for one in await self.lists.every()]

    async def remove(self, caller: Caller, name: str, dry_run: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - by name
        """Take a list away; what it was."""
        standing = self.lists.standing().get(name, 0)
        gone = await self.lists.remove(name, caller.name, dry_run=dry_run)
        return gone.as_json(standing, self.lists.clock.wall_ns())

    async def entries(self, name: str = "") -> list[dict[str, Any]]:
        """Lists with their entries as they are kept (zlib, in base64): one, or all of them."""
        found = await self.lists.kept(name)
        return [
            {
                "name": one.name,
                "source": one.source,
                "brought_ns": one.brought_ns,
                "lines": base64.b64encode(its).decode(),
            }
            for one, its in found
        ]

    async def check(self, values: list[str]) -> list[dict[str, Any]]:
        """What the lists say of values."""
        if len(values) > CHECKED:
            raise RefusedError(f"{len(values)} values at once; at most {CHECKED}")
        return [{"value": value, "match": _json(match)} for value, match in self.lists.check(values)]


def _json(match: Match | None) -> dict[str, Any] | None:
    if match is None:
        return None
    entry, about = asdict(match.indicator), match.about
    times = {name: instant(entry[name] * SECOND_NS) for name in ("since", "until")}
    brought = instant(about.brought * SECOND_NS)
    return entry | times | {"list": about.name, "brought": brought, "other_lists": list(match.others)}
