# SPDX-License-Identifier: Apache-2.0
"""The report on half a year of monitoring: whom it reached, what it saw, and where it saw nothing."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from giamsat_collector.coverage.declared import Declaration, Declared
from giamsat_collector.reports import availability, incident_figures, tallies
from giamsat_collector.reports.content import Said
from giamsat_collector.reports.document import NO_DATA, Cell, Paper, Part, Table
from giamsat_collector.reports.figures import Alerted, Figures
from giamsat_collector.reports.period import Period
from giamsat_collector.reports.scope import Scope
from giamsat_collector.reports.wording import COVERED

TOP: Final = 10
NOTES: Final = (
    (
        "Ghi chú: “chưa có dữ liệu” nghĩa là không nhận được dữ liệu để đếm, khác với 0. Đối chiếu bố cục với mẫu "
        "báo cáo giám sát hiện hành trước khi ký."
    ),
)


def compose(period: Period, scope: Scope, said: Said, agency: str) -> Paper:
    """The report for the whole province."""
    figures, declaration = said.figures, said.declaration
    standing = scope.history.standing(scope.at_ns)
    units = standing.units
    hosts = scope.hosts(figures.known)
    return Paper(
        form="",
        agency=agency or "(CƠ QUAN BÁO CÁO)",
        about=f"báo cáo kết quả giám sát an toàn hệ thống thông tin {period.name}",
        title=f"BÁO CÁO KẾT QUẢ GIÁM SÁT AN TOÀN HỆ THỐNG THÔNG TIN {period.name.upper()}",
        to="(Cơ quan nhận báo cáo)",
        parts=(
            Part(
                "1. Phạm vi giám sát",
                (
                    f"- Thời gian: {period.days};",
                    f"- Số đơn vị: {len(units)}; số đơn vị có máy chủ hoặc thiết bị được giám sát: {len(hosts)};",
                    f"- Số máy chủ, thiết bị được giám sát đến cuối kỳ: {sum(hosts.values()) if hosts else NO_DATA}.",
                ),
            ),
            Part("2. Độ phủ theo cấp độ", tallies.when(declaration, period), tallies.coverage(declaration)),
            Part(
                "3. Cảnh báo trong kỳ", table=tallies.alerts(figures) if figures.known else None, lines=_none(figures)
            ),
            Part("4. Loại cảnh báo phát sinh nhiều nhất", _no_kinds(figures), _kinds(figures.opened)),
            Part("5. Chất lượng dữ liệu", tallies.lost(figures)),
            availability.by_month("6. Mức độ sẵn sàng của hệ thống", said.available, scope, standing.systems),
            Part("7. Tình hình theo đơn vị", table=_units(scope, figures, declaration)),
            Part(
                "8. Sự cố an ninh mạng",
                incident_figures.lines(said.incidents, period),
                incident_figures.table(said.incidents, period),
            ),
        ),
        notes=NOTES,
    )


def _no_kinds(figures: Figures) -> tuple[str, ...]:
    if figures.opened:
        return ()
    return ("Không có cảnh báo phát sinh trong kỳ." if figures.known else f"Loại cảnh báo: {NO_DATA}.",)


def _none(figures: Figures) -> tuple[str, ...]:
    return () if figures.known else (f"Cảnh báo trong kỳ: {NO_DATA}.",)


def _kinds(opened: Sequence[Alerted]) -> Table | None:
    if not opened:
        return None
    counted = Counter[str]()
    for one in opened:
        counted[one.title] += one.number
    rows = tuple((number, title, count) for number, (title, count) in enumerate(counted.most_common(TOP), 1))
    return Table(("STT", "Loại cảnh báo", "Số cảnh báo"), rows, (17, 195, 45))


def _units(scope: Scope, figures: Figures, declaration: Declaration | None) -> Table:
    """One row for each unit that has a system, a host or an alert; a unit without hosts has no alerts to count."""
    hosts = scope.hosts(figures.known)
    systems: dict[str, list[Declared]] = defaultdict(list)
    for one in declaration.systems if declaration else ():
        systems[scope.unit_of(one.unit)].append(one)
    opened, every = Counter[str](), defaultdict[str, list[Alerted]](list)
    for alert in figures.opened:
        opened[scope.unit_of(alert.unit)] += alert.number
    for alert in (*figures.carried, *figures.opened):
        every[scope.unit_of(alert.unit)].append(alert)
    names = {unit: scope.name(unit) for unit in {*hosts, *systems, *every}}
    rows: list[tuple[Cell, ...]] = []
    for number, unit in enumerate(sorted(names, key=lambda one: (names[one].casefold(), one)), 1):
        states = Counter(one.state for one in systems[unit])
        seen = unit in hosts or unit in every
        rows.append(
            (
                number,
                names[unit],
                hosts.get(unit, 0),
                *(states[state.value] if declaration else NO_DATA for state in COVERED),
                opened[unit] if seen else NO_DATA,
                tallies.still_open(every[unit]) if seen else NO_DATA,
            )
        )
    heads = ("STT", "Đơn vị", "Máy chủ, thiết bị", *COVERED.values(), "Cảnh báo trong kỳ", "Còn mở")
    return Table(heads, tuple(rows), (14, 75, 24, 20, 24, 24, 28, 26, 22))
