# SPDX-License-Identifier: Apache-2.0
"""What the hosts page prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.grouping import folded
from giamsat_collector.console.host import Condition, HostStatus
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.console.views.health import Health

PAGE: Final = 200
CONDITIONS: Final = {
    Condition.SILENT: "im lặng",
    Condition.LEFT: "đã dừng",
    Condition.NEVER: "chưa kết nối",
    Condition.REPORTING: "đang báo cáo",
}
"""What each condition is called, those in trouble first."""
LEFT: Final = {"stopped in order": "dừng bình thường"}
"""How an agent said goodbye, in the words of people."""


@dataclass(frozen=True, slots=True)
class HostRow:
    """One host."""

    asset: str
    name: str
    unit: str
    system: str
    level: str
    unclassified: bool
    version: str
    age: str
    seen: Moment | None
    status: str
    status_code: str
    reason: str
    alerts: str
    open_alerts: str

    @classmethod
    def of(cls, status: HostStatus, open_alerts: int, reader: Reader) -> "HostRow":
        """A host as it looks to a reader now."""
        return cls(
            asset=status.asset,
            name=words.visible(status.name),
            unit=words.visible(status.unit_name or status.unit),
            system=words.visible(status.system or ""),
            level=words.level(reader, status.level),
            unclassified=status.level is None,
            version=words.visible(status.version),
            age="" if status.heard_ns is None else reader.age(status.heard_ns),
            seen=None if status.heard_ns is None else reader.moment(status.heard_ns),
            status=reader.text(CONDITIONS[status.condition]),
            status_code=status.condition.value,
            reason=reader.text(LEFT[status.left]) if status.left in LEFT else words.visible(status.left or ""),
            alerts=at("/alerts", [("state", "open"), ("asset", status.asset)]),
            open_alerts=reader.number(open_alerts) if open_alerts else "",
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which hosts to show; empty means any. `text` is matched without accents in name, unit, system and id."""

    text: str = ""
    status: str = ""
    level: str = ""

    def fits(self, status: HostStatus) -> bool:
        """Whether a host is wanted."""
        level = "unclassified" if status.level is None else str(status.level)
        return (
            (not self.status or status.condition == self.status)
            and (not self.level or level == self.level)
            and self._says(status)
        )

    def _says(self, status: HostStatus) -> bool:
        if not self.text:
            return True
        said = folded(f"{status.name} {status.unit_name} {status.unit} {status.asset} {status.system or ''}")
        return all(word in said for word in folded(self.text).split())


@dataclass(frozen=True, slots=True)
class HostsView:
    """The hosts that are wanted, those in trouble first, a page at a time."""

    rows: tuple[HostRow, ...]
    shown: str
    text: str
    statuses: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    health: Health
    refresh: str
    following: str
    first: str
    any_hosts: bool


def arranged(statuses: Sequence[HostStatus], wanted: Wanted) -> list[HostStatus]:
    """The wanted hosts in the order of their conditions, then by name."""
    rank = list(CONDITIONS)
    fitting = [status for status in statuses if wanted.fits(status)]
    return sorted(fitting, key=lambda status: (rank.index(status.condition), status.name.casefold(), status.asset))


def status_choices(chosen: str, reader: Reader) -> tuple[Choice, ...]:
    """The list of states a host can be in."""
    every = [("", "tất cả"), *((one.value, word) for one, word in CONDITIONS.items())]
    return tuple(Choice(reader.text(word), "", code, code == chosen) for code, word in every)


def level_choices(chosen: str, reader: Reader) -> tuple[Choice, ...]:
    """The list of levels."""
    levels = [(str(number), words.level(reader, number)) for number in range(5, 0, -1)]
    every = [("", reader.text("tất cả")), *levels, ("unclassified", words.level(reader, None))]
    return tuple(Choice(text, "", code, code == chosen) for code, text in every)
