# SPDX-License-Identifier: Apache-2.0
"""The monthly report for one unit: how its systems stand, what was seen there, and what to do next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from giamsat_collector.coverage.decide import GOOD, State
from giamsat_collector.coverage.declared import Declaration, Declared
from giamsat_collector.reports import availability, tallies
from giamsat_collector.reports.content import Said
from giamsat_collector.reports.document import NO_DATA, Cell, Paper, Part, Table
from giamsat_collector.reports.figures import Figures, Listed, total
from giamsat_collector.reports.period import Period
from giamsat_collector.reports.scope import Scope
from giamsat_collector.reports.wording import ALERT, COVERED, SEVERITIES
from giamsat_rules.obligation import Obligation
from giamsat_wire.clock import SECOND_NS

LISTED: Final = 100
NOTES: Final = ("Ghi chú: “chưa có dữ liệu” nghĩa là không nhận được dữ liệu để đếm, khác với 0.",)


def compose(
    unit: str,
    period: Period,
    scope: Scope,
    said: Said,
    agency: str,
    *,
    listed: Sequence[Listed],
) -> Paper:
    """The report for a unit, with what is counted for it; `listed` are the first LISTED of its alerts."""
    ours, declaration = _of(unit, scope, said.figures), said.declaration
    systems = [one for one in (declaration.systems if declaration else ()) if scope.unit_of(one.unit) == unit]
    before = ", ".join(scope.name(one) for one in scope.predecessors(unit))
    registered = [one for one in scope.history.standing(scope.at_ns).systems.values() if one.unit == unit]
    seen = bool(ours.known or ours.opened or ours.carried)
    return Paper(
        form="",
        agency=agency or "(CƠ QUAN GIÁM SÁT)",
        about=f"kết quả giám sát an toàn hệ thống thông tin {period.name}",
        title=f"BÁO CÁO GIÁM SÁT {period.name.upper()} – {scope.name(unit).upper()}",
        to=scope.name(unit),
        parts=(
            Part(
                "1. Phạm vi",
                (
                    f"- Đơn vị: {scope.name(unit)} (mã {unit}); thời gian: {period.days};",
                    *((f"- Tiếp nhận từ: {before};",) if before else ()),
                    f"- Số máy chủ, thiết bị được giám sát: {len(ours.known) if ours.known else NO_DATA}.",
                ),
            ),
            Part("2. Hệ thống thông tin", _state(systems, declaration, period), _systems(systems)),
            Part("3. Việc cần làm", table=_steps(systems, said.obligations)),
            availability.of_unit("4. Mức độ sẵn sàng", said.available, registered),
            availability.outages("5. Các lần ngừng và bảo trì", said.available, registered, period),
            Part(
                "6. Cảnh báo trong kỳ",
                () if seen else (f"Cảnh báo trong kỳ: {NO_DATA}.",),
                tallies.alerts(ours) if seen else None,
            ),
            Part("7. Danh sách cảnh báo", _cut(ours, listed), _list(listed, scope, period) if listed else None),
        ),
        notes=NOTES,
    )


def _of(unit: str, scope: Scope, figures: Figures) -> Figures:
    placed = {asset: scope.history.asset(asset, scope.at_ns) for asset in figures.known}
    return Figures(
        tuple(one for one in figures.opened if scope.unit_of(one.unit) == unit),
        tuple(one for one in figures.carried if scope.unit_of(one.unit) == unit),
        {},
        {one: figures.known[one] for one, found in placed.items() if found is not None and found.unit == unit},
    )


def _state(systems: Sequence[Declared], declaration: Declaration | None, period: Period) -> tuple[str, ...]:
    if declaration is not None and not systems:
        return ("Đơn vị không có hệ thống thông tin trong sổ đăng ký.",)
    return tallies.when(declaration, period)


def _systems(systems: Sequence[Declared]) -> Table | None:
    if not systems:
        return None
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (number, one.name, one.level, COVERED[State(one.state)], f"{one.good}/{len(one.obligations)}")
        for number, one in enumerate(systems, 1)
    )
    heads = ("STT", "Hệ thống thông tin", "Cấp độ", "Tình trạng", "Nghĩa vụ đạt")
    return Table(heads, rows, (14, 140, 22, 46, 35))


def _steps(systems: Sequence[Declared], obligations: Mapping[str, Obligation]) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for one in systems:
        for name, state in one.obligations.items():
            known = obligations.get(name)
            if State(state) not in GOOD and known is not None:
                rows.append((len(rows) + 1, one.name, known.title.vi, COVERED[State(state)], known.step.vi))
    heads = ("STT", "Hệ thống thông tin", "Nghĩa vụ", "Tình trạng", "Việc cần làm")
    return Table(heads, tuple(rows), (14, 68, 62, 33, 80)) if rows else None


def _cut(ours: Figures, listed: Sequence[Listed]) -> tuple[str, ...]:
    every = total((*ours.opened, *ours.carried))
    return (f"Liệt kê {len(listed)} trong {every} cảnh báo, chưa xử lý trước.",) if every > len(listed) else ()


def _list(listed: Sequence[Listed], scope: Scope, period: Period) -> Table:
    rows = tuple(
        (
            number,
            f"{datetime.fromtimestamp(one.opened_ns / SECOND_NS, period.zone):%H:%M %d/%m/%Y}",
            one.title,
            scope.asset_name(one.asset),
            SEVERITIES.get(one.severity, one.severity),
            ALERT[one.state],
        )
        for number, one in enumerate(listed, 1)
    )
    return Table(("STT", "Thời điểm", "Cảnh báo", "Máy", "Mức độ", "Tình trạng"), rows, (14, 34, 110, 41, 29, 29))
