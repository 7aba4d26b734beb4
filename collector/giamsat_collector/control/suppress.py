# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have hidden for a while: proposed, agreed to by a second person, ended, listed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.rulebook.force import InForce
from giamsat_collector.suppressing import hiding, wanted
from giamsat_collector.suppressing.keeping import Keeping
from giamsat_collector.suppressing.record import Record, sigma
from giamsat_collector.suppressing.wanted import Known, Wanted
from giamsat_rules.rule import AbsenceRule, MetricRule
from giamsat_rules.suppression import TWO_PERSONS


@dataclass(frozen=True, slots=True)
class SuppressCommands:
    """Commands of the administration socket about suppressions."""

    keeping: Keeping
    registry: Registry
    force: InForce

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "suppress.check": self.check,
            "suppress.preview": self.preview,
            "suppress.add": self.add,
            "suppress.agree": self.agree,
            "suppress.end": self.end,
            "suppress.list": self.list,
        }

    async def check(self, caller: Caller, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        """What would be kept; nothing is."""
        return self._json(self._decided(said, caller))

    async def preview(self, caller: Caller, since_ns: int, **said: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON value
        """Alerts of rules on readings and silence that it would have hidden since a time, by rule and unit."""
        record, rules = self._decided(said, caller), self.force.book.rules.rules
        found = await self.keeping.store.read(lambda c: hiding.preview(c, record, since_ns))
        counted = Counter(
            (would.alert.rule, would.alert.unit)
            for would in found.found
            if would.whole and isinstance(rules.get(would.alert.rule), MetricRule | AbsenceRule)
        )
        return [{"rule": rule, "unit": unit, "alerts": count} for (rule, unit), count in sorted(counted.items())]

    async def add(self, caller: Caller, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        """Hide from now on, or from when it starts; at the high levels only once a second person agrees."""
        return self._json(await self.keeping.propose(self._decided(said, caller)))

    async def agree(self, caller: Caller, number: int) -> dict[str, Any]:
        """A second person says yes."""
        if not caller.person:
            raise RefusedError(
                "the system cannot tell which person asks; log in with an account of your own, or agree in the console"
            )
        return self._json(await self.keeping.agree(number, caller.name))

    async def end(self, caller: Caller, number: int) -> dict[str, Any]:
        """Hide no more."""
        return self._json(await self.keeping.end(number, caller.name))

    async def list(self) -> list[dict[str, Any]]:
        """All there ever were, newest first."""
        return [self._json(record) for record in await self.keeping.every()]

    def _decided(self, said: Mapping[str, Any], caller: Caller) -> Record:
        try:
            wish = Wanted(**said)
        except TypeError as error:
            raise RefusedError(f"not a suppression: {error}") from error
        assets = {placement.asset for placement in self.registry}
        known = Known(self.force.book.rules.rules.keys(), self.registry.units, self.registry.systems, assets)
        return wanted.decided(wish, known, proposer=caller.name, now_ns=self.keeping.clock.wall_ns())

    def _json(self, record: Record) -> dict[str, Any]:
        return asdict(record) | {
            "state": record.state(self.keeping.clock.wall_ns()).value,
            "agreed_from_level": TWO_PERSONS if record.second is None else None,
            "sigma": sigma(record),
        }
