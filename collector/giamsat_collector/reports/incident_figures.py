# SPDX-License-Identifier: Apache-2.0
"""Incidents of a period: how many of which kind, what became of them, and whether their reports went out in time."""

from collections.abc import Iterable, Sequence
from typing import Final

from giamsat_collector.incidents.as_of import Stood
from giamsat_collector.incidents.duties import Standing
from giamsat_collector.incidents.incident import State
from giamsat_collector.reports.document import Table
from giamsat_collector.reports.period import Period
from giamsat_collector.reports.tallies import TOTAL
from giamsat_collector.reports.wording import GROUPS

HEADS: Final = ("Loại sự cố", "Phát sinh trong kỳ", "Nghiêm trọng", "Đã đóng", "Còn xử lý cuối kỳ")


def lines(stood: Iterable[Stood], period: Period) -> tuple[str, ...]:
    """Whether there were any, what is carried on from before, and how the reports stood."""
    every = tuple(stood)
    found = _opened(every, period)
    carried = sum(one.incident.state is State.OPEN for one in every) - _open(found)
    told = (f"Sự cố mở từ kỳ trước còn xử lý: {carried}.",) if carried else ()
    if not found:
        return ("Không có sự cố được mở trong kỳ.", *told)
    owed = [each for one in found for each in one.owed]
    late = sum(one.was_late for one in owed)
    missing = sum(one.standing(period.until_ns) is Standing.LATE for one in owed)
    intime = sum(one.sent is not None for one in owed) - late
    unsent = f"chưa gửi: {len(owed) - intime - late} (trong đó đến hạn trong kỳ: {missing})"
    counted = f"Báo cáo phải gửi theo luật: {len(owed)}; gửi đúng hạn: {intime}; gửi chậm: {late}; {unsent}."
    return (counted, *told)


def table(stood: Iterable[Stood], period: Period) -> Table | None:
    """Incidents by kind; nothing where there were none."""
    found = _opened(stood, period)
    if not found:
        return None
    groups = [(name, [one for one in found if one.incident.group is group]) for group, name in GROUPS.items()]
    rows = tuple(_row(name, some) for name, some in groups if some)
    return Table(HEADS, (*rows, _row(TOTAL, found)), (77, 45, 45, 45, 45))


def _opened(stood: Iterable[Stood], period: Period) -> Sequence[Stood]:
    return [one for one in stood if one.incident.opened_ns >= period.since_ns]


def _open(found: Iterable[Stood]) -> int:
    return sum(one.incident.state is State.OPEN for one in found)


def _row(name: str, found: Sequence[Stood]) -> tuple[str, int, int, int, int]:
    open_ = _open(found)
    return (name, len(found), sum(one.incident.grave for one in found), len(found) - open_, open_)
