# SPDX-License-Identifier: Apache-2.0
"""How many hosts report: the strip that stands above the queue and the hosts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from giamsat_collector.console.host import Condition, HostStatus
from giamsat_collector.console.reader import Reader


@dataclass(frozen=True, slots=True)
class Health:
    """What the alerts come from. `silent` and `away` are empty when there is none; `none`: nobody is watched yet."""

    reporting: str
    silent: str
    away: str
    none: bool

    @classmethod
    def of(cls, statuses: Sequence[HostStatus], reader: Reader) -> "Health":
        """The health of the hosts as one reader reads it."""
        counts = Counter(status.condition for status in statuses)
        away = counts[Condition.LEFT] + counts[Condition.NEVER]
        return cls(
            reporting=_said("{number} máy đang báo cáo", counts[Condition.REPORTING], reader),
            silent=_said("{number} máy im lặng", counts[Condition.SILENT], reader) if counts[Condition.SILENT] else "",
            away=_said("{number} máy đã dừng hoặc chưa kết nối", away, reader) if away else "",
            none=not statuses,
        )


def _said(source: str, count: int, reader: Reader) -> str:
    return reader.text(source, count=count, number=reader.number(count))
