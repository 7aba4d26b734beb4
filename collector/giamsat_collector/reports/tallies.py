# SPDX-License-Identifier: Apache-2.0
"""Tables that more than one report holds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from giamsat_collector.alerts.alert import State
from giamsat_collector.coverage.declared import Declaration
from giamsat_collector.reports.document import NO_DATA, Cell, Table
from giamsat_collector.reports.figures import Alerted, Figures, total
from giamsat_collector.reports.period import Period
from giamsat_collector.reports.wording import COVERED, LANES, LEVELS, SEVERITIES
from giamsat_wire.clock import SECOND_NS

TOTAL: Final = "Tổng số"


def alerts(figures: Figures) -> Table:
    """Alerts by severity: what came in, what became of it, what is open at the end."""
    every = (*figures.carried, *figures.opened)
    rows = [
        _severity(name, *(_of(part, severity) for part in (figures.carried, figures.opened, every)))
        for severity, name in SEVERITIES.items()
    ]
    rows.append(_severity(TOTAL, figures.carried, figures.opened, every))
    heads = ("Mức độ", "Chuyển từ kỳ trước", "Phát sinh trong kỳ", "Đã xử lý", "Báo động giả", "Còn mở cuối kỳ")
    return Table(heads, tuple(rows), (57, 40, 40, 40, 40, 40))


def coverage(declaration: Declaration | None) -> Table:
    """Systems by level and state; without a declaration no figure is given."""
    heads = ("Cấp độ", "Số hệ thống", *COVERED.values())
    widths = (47, 42, 42, 42, 42, 42)
    if declaration is None:
        rows: list[tuple[Cell, ...]] = [(f"Cấp độ {level}", *(NO_DATA,) * 5) for level in LEVELS]
        return Table(heads, tuple(rows), widths)
    counted = Counter((one.level, one.state) for one in declaration.systems)
    rows = []
    for level in LEVELS:
        states = [counted[level, state.value] for state in COVERED]
        rows.append((f"Cấp độ {level}", sum(states), *states))
    totals = [sum(counted[level, state.value] for level in LEVELS) for state in COVERED]
    rows.append((TOTAL, sum(totals), *totals))
    return Table(heads, tuple(rows), widths)


def when(declaration: Declaration | None, period: Period) -> tuple[str, ...]:
    """Of which moment the coverage is, and by what it was judged."""
    if declaration is None:
        return (f"Độ phủ vào cuối kỳ: {NO_DATA} (không có xác nhận của ngày {period.last:%d/%m/%Y}).",)
    at = datetime.fromtimestamp(declaration.at_ns / SECOND_NS, period.zone)
    return (f"Độ phủ lúc {at:%H:%M ngày %d/%m/%Y}, theo bộ yêu cầu {declaration.pack}.",)


def lost(figures: Figures) -> tuple[str, ...]:
    """What was declared lost, by lane."""
    if not figures.known:
        return (f"Dữ liệu thiếu hụt khi truyền: {NO_DATA}.",)
    if not figures.lost:
        return ("Dữ liệu thiếu hụt khi truyền: 0 khung.",)
    said = ", ".join(f"{LANES.get(lane, lane)} {count}" for lane, count in sorted(figures.lost.items()))
    return (f"Dữ liệu thiếu hụt khi truyền (số khung, theo luồng): {said}.",)


def still_open(found: Iterable[Alerted]) -> int:
    """How many are not closed."""
    return total(one for one in found if not one.state.closed)


def _of(found: Sequence[Alerted], severity: str) -> Sequence[Alerted]:
    return [one for one in found if one.severity == severity]


def _severity(
    name: str, carried: Sequence[Alerted], opened: Sequence[Alerted], every: Sequence[Alerted]
) -> tuple[Cell, ...]:
    done, wrong = (
        total(one for one in every if one.state is state) for state in (State.RESOLVED, State.FALSE_POSITIVE)
    )
    return (name, total(carried), total(opened), done, wrong, still_open(every))
