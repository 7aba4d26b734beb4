# SPDX-License-Identifier: Apache-2.0
"""What the command line asks about those who are told of alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from giamsat_collector.alerts.alert import Alert, State
from giamsat_collector.control.server import Command
from giamsat_collector.event_time import instant
from giamsat_collector.notify_settings import What
from giamsat_collector.notifying.delivery import Telling
from giamsat_collector.own_host import LEVEL, SELF
from giamsat_collector.preconditions import must_be_known
from giamsat_collector.sentence import Sentence

TRIAL: Final = "notification_trial"


@dataclass(frozen=True, slots=True)
class NotifyCommands:
    """Commands of the administration socket about notifiers."""

    telling: Telling

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {"notify.show": self.show, "notify.test": self.test}

    async def show(self) -> list[dict[str, Any]]:
        """Each notifier: what it is told, what it was told, what waits and why."""
        registry = self.telling.registry
        known = registry.units.keys() | {unit.parent for unit in registry.units.values()}
        return [
            {
                "name": one.name,
                "kind": one.kind,
                "priority": one.wanted.priority,
                "units": sorted(one.wanted.units),
                "unknown_units": sorted(one.wanted.units - known),
                "what": sorted(one.wanted.what),
                "told": one.told_total,
                "last_told": None if one.told_ns is None else instant(one.told_ns),
                "waiting": one.waiting,
                "failures": one.failures_total,
                "problem": one.problem,
            }
            for one in self.telling.targets
        ]

    async def test(self, name: str) -> None:
        """Tell one of them something that says it is a trial.

        Raises:
            NotToldError: it did not take it.
        """
        targets = {one.name: one for one in self.telling.targets}
        must_be_known(
            name,
            targets,
            Sentence("notifier"),
            Sentence("'giamsat-collector notify show' lists those of collector.toml"),
        )
        now = self.telling.wall_ns()
        notice = self.telling.notice(0, What.OPEN, now, _trial(now))
        await self.telling.hand_over(targets[name], [notice])


def _trial(now_ns: int) -> Alert:
    return Alert(
        id="0" * 16,
        rule=TRIAL,
        rule_version=1,
        title_vi="Thử thông báo: không có sự cố nào",
        title_en="A trial of notification: nothing happened",
        asset=SELF,
        unit="",
        system=None,
        level=LEVEL,
        severity="informational",
        priority=5,
        state=State.NEW,
        owner=None,
        count=1,
        first_ns=now_ns,
        last_ns=now_ns,
        opened_ns=now_ns,
        changed_ns=now_ns,
        late=False,
        threshold={},
        profile="",
    )
